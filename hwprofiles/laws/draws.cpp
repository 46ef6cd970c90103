#include "hwprofiles/laws/draws.hpp"

#include <algorithm>
#include <cmath>

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

double normal_quantile(double p) {
  constexpr double a[] = {-3.969683028665376e+01, 2.209460984245205e+02,  -2.759285104469687e+02,
                          1.383577518672690e+02,  -3.066479806614716e+01, 2.506628277459239e+00};
  constexpr double b[] = {-5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
                          6.680131188771972e+01, -1.328068155288572e+01};
  constexpr double c[] = {-7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838e+00,
                          -2.549732539343734e+00, 4.374664141464968e+00,  2.938163982698783e+00};
  constexpr double d[] = {7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e+00,
                          3.754408661907416e+00};
  constexpr double tail = 0.02425;
  if (p < tail || p > 1 - tail) {
    const bool low = p < tail;
    const double q = std::sqrt(-2 * std::log(low ? p : 1 - p));
    const double x = (((((c[0] * q + c[1]) * q + c[2]) * q + c[3]) * q + c[4]) * q + c[5]) /
                     ((((d[0] * q + d[1]) * q + d[2]) * q + d[3]) * q + 1);
    return low ? x : -x;
  }
  const double q = p - 0.5;
  const double r = q * q;
  return (((((a[0] * r + a[1]) * r + a[2]) * r + a[3]) * r + a[4]) * r + a[5]) * q /
         (((((b[0] * r + b[1]) * r + b[2]) * r + b[3]) * r + b[4]) * r + 1);
}

std::uint64_t stream_bits(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  return mix(mix(mix(seed) ^ hash_of(purpose)) + index);
}

double standard_normal(std::uint64_t seed, std::string_view purpose, std::uint64_t index) {
  const std::uint64_t bits = stream_bits(seed, purpose, index);
  // 52 bits, centred in their cell: exactly representable, never 0 and never 1.
  const double uniform = (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  return normal_quantile(uniform);
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
