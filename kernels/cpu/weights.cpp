#include "kernels/cpu/weights.hpp"

#include <bit>

namespace microdc::kernels {

std::string_view name_of(WeightFormat format) {
  switch (format) {
    case WeightFormat::fp32: return "fp32";
    case WeightFormat::bf16: return "bf16";
    case WeightFormat::int8: return "int8_weight";
    case WeightFormat::int4: return "int4_weight";
  }
  return {};
}

double bytes_per_weight(WeightFormat format) {
  switch (format) {
    case WeightFormat::fp32: return 4;
    case WeightFormat::bf16: return 2;
    case WeightFormat::int8: return 1;
    case WeightFormat::int4: return 0.5 + 2.0 / simd::group_size;
  }
  return 0;
}

std::uint16_t bf16_of(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

float value_of_bf16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

std::uint16_t half_of(float value) {
  return static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(value) - (112u << 23)) >> 13);
}

double RandomWeights::value(std::int64_t row, std::int64_t column) const {
  const float number = numbers_.row(row)[column];
  switch (format_) {
    case WeightFormat::fp32: return number;
    case WeightFormat::bf16: return value_of_bf16(bf16_of(number));
    default: return double{scale(row, column / simd::group_size)} * quantised(number);
  }
}

Comparison compare_products(const RandomWeights& weights, const float* activations,
                            std::int64_t stride, const float* out, std::int64_t out_stride,
                            const Shape& shape) {
  Comparison comparison;
  const auto check = [&](std::int64_t i, std::int64_t j) {
    double reference = 0;
    for (std::int64_t k = 0; k < shape.k; ++k) {
      reference += weights.value(j, k) * activations[i * stride + k];
    }
    comparison.add(out[i * out_stride + j], reference);
  };
  // Some 10 million multiply-adds: tens of milliseconds.
  const std::int64_t budget = std::max<std::int64_t>(64, 10'000'000 / shape.k);
  if (shape.m * shape.n <= budget) {
    for (std::int64_t i = 0; i < shape.m; ++i) {
      for (std::int64_t j = 0; j < shape.n; ++j) check(i, j);
    }
    return comparison;
  }
  for (std::int64_t s = 0; s < budget; ++s) {
    // A low-discrepancy walk over the matrix; every fourth one in the last row or column.
    const auto i = static_cast<std::int64_t>(static_cast<double>(shape.m) *
                                             std::fmod(0.7548776662 * double(s), 1.0));
    const auto j = static_cast<std::int64_t>(static_cast<double>(shape.n) *
                                             std::fmod(0.5698402910 * double(s), 1.0));
    check(s % 8 == 3 ? shape.m - 1 : i, s % 8 == 7 ? shape.n - 1 : j);
  }
  return comparison;
}

double product_bytes(WeightFormat format, const Shape& shape) {
  const double m = double(shape.m), n = double(shape.n), k = double(shape.k);
  return n * k * bytes_per_weight(format) + m * (n + k) * (format == WeightFormat::fp32 ? 4 : 2);
}

}  // namespace microdc::kernels
