#include "hwprofiles/laws/draws.hpp"

#include <algorithm>
#include <cmath>

#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

/// Finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

/// FNV-1a of the purpose.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

}  // namespace

std::uint64_t stream_bits(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  return mix(mix(mix(seed) ^ hash_of(purpose)) + index);
}

double standard_normal(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  const std::uint64_t bits = stream_bits(seed, purpose, index);
  // 52 bits, centred in their cell: exactly representable, never 0 and never 1.
  const double uniform = (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  return inverse_normal(uniform);
}

double paired_normal(std::uint64_t seed, std::string_view purpose, std::uint64_t replication) {
  const double z = standard_normal(seed, purpose, (replication + 1) / 2);
  return replication % 2 == 1 ? z : -z;
}

std::optional<std::vector<double>> cholesky(const std::vector<double>& matrix, std::size_t n) {
  if (matrix.size() != n * n) return std::nullopt;
  std::vector<double> lower(n * n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      const double above = matrix[j * n + i];
      const double entry = matrix[i * n + j];
      // Files hold rounded numbers; anything coarser is a mistake.
      if (!(std::abs(entry - above) <= 1e-6 * (std::abs(entry) + std::abs(above)) + 1e-15)) {
        return std::nullopt;
      }
      double sum = entry;
      for (std::size_t k = 0; k < j; ++k) sum -= lower[i * n + k] * lower[j * n + k];
      if (i == j) {
        if (sum < -1e-9 * (1 + std::abs(entry))) return std::nullopt;
        lower[i * n + i] = std::sqrt(std::max(sum, 0.0));
      } else {
        const double pivot = lower[j * n + j];
        lower[i * n + j] = pivot > 0 ? sum / pivot : 0.0;
      }
    }
  }
  return lower;
}

}  // namespace microdc
