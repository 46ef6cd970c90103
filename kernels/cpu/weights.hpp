// Random weights in the formats of the kernels, and products with them in float64.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/cpu_kernel.hpp"

namespace microdc::kernels {

enum class WeightFormat { fp32, bf16, int8, int4 };

/// As hwprofiles names it: quantised weights are "int8_weight" and "int4_weight".
std::string_view name_of(WeightFormat format);
/// Of one weight including scales [byte].
double bytes_per_weight(WeightFormat format);

std::uint16_t bf16_of(float value);
float value_of_bf16(std::uint16_t bits);
/// Of a positive number that half precision holds exactly.
std::uint16_t half_of(float value);

/// Two int4 weights -8…7 in a byte, `low` in the lower half, stored with their zero point.
inline std::uint8_t pack_int4(int low, int high) {
  return static_cast<std::uint8_t>((low + simd::int4_zero) | ((high + simd::int4_zero) << 4));
}

/// Weights by row n (output) and column k (input).
class RandomWeights {
 public:
  RandomWeights(WeightFormat format, std::int64_t k, std::uint64_t seed)
      : format_(format), numbers_(seed, k) {}

  /// Quantised, without zero point or scale; int8 and int4 only.
  [[nodiscard]] int quantised(float number) const {
    const bool narrow = format_ == WeightFormat::int4;
    const float steps = narrow ? 2.5f : 32.0f;
    const int limit = narrow ? 7 : 127;
    return std::clamp(static_cast<int>(std::lround(number * steps)), -limit, limit);
  }
  /// Exact in half precision.
  [[nodiscard]] float scale(std::int64_t row, std::int64_t group) const {
    if (format_ == WeightFormat::int8) return (1 + static_cast<float>(row % 7) / 8) / 32;
    return (1 + static_cast<float>((row + group) % 5) / 4) / 4;
  }
  [[nodiscard]] const float* row(std::int64_t row) const { return numbers_.row(row); }
  /// What the stored weight stands for.
  [[nodiscard]] double value(std::int64_t row, std::int64_t column) const;

 private:
  WeightFormat format_;
  RandomMatrix numbers_;
};

/// Compares results [m][n] with products in float64: all of them if they are few, else those at the
/// edges of the matrix and a sample.
Comparison compare_products(const RandomWeights& weights, const float* activations,
                            std::int64_t stride, const float* out, std::int64_t out_stride,
                            const Shape& shape);

/// Compulsory traffic of a product: weights, activations and results, the latter in 16 bits beside
/// narrow weights as engines keep them.
double product_bytes(WeightFormat format, const Shape& shape);

}  // namespace microdc::kernels
