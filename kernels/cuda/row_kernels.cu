// Operations that need a whole row before they can write any of it: norm and quantisation.
#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cuda/elementwise.cuh"
#include "kernels/cuda/elementwise_kernel.hpp"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

template <int Vectors>
class NormKernel final : public ElementwiseKernel {
 public:
  NormKernel(Context& context, const Shape& shape, std::uint64_t seed, unsigned threads)
      : ElementwiseKernel(context, shape, seed, sizes(shape)), threads_(threads) {
    for (const Operand operand : {x, residual, weight}) fill_operand(operand);
  }

  double bytes() const override {
    return 2 * (4 * static_cast<double>(shape_.m) + 1) * static_cast<double>(shape_.n);
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    const auto rows = sampled_indices(shape_.m, compared_rows, seed_);
    std::vector<std::vector<double>> before;
    for (const std::int64_t row : rows)
      before.push_back(fetch_bf16(residual, row * shape_.n, shape_.n));
    const auto weights = fetch_bf16(weight, 0, shape_.n);
    poison_result(buffers_, 0, y, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, y, Element::bf16, stream));
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::int64_t first = rows[i] * shape_.n;
      const NormRow expected = add_rms_norm_row(fetch_bf16(x, first, shape_.n), before[i], weights,
                                                static_cast<double>(norm_epsilon));
      const auto found = fetch_bf16(y, first, shape_.n);
      meter.add_exact(fetch_bf16(residual, first, shape_.n) == expected.residual);
      for (std::size_t e = 0; e < found.size(); ++e) meter.add(found[e], expected.y[e]);
    }
    return meter.result(bf16_tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    add_rms_norm<Vectors><<<static_cast<unsigned>(shape_.m), threads_, 0, stream>>>(
        buffers_.as<uint4>(slot, x), buffers_.as<uint4>(slot, residual),
        buffers_.as<uint4>(slot, weight), buffers_.as<uint4>(slot, y),
        static_cast<int>(shape_.n / 8));
    check(cudaGetLastError(), "launch of the norm");
  }

 private:
  enum Operand : std::size_t { y, x, residual, weight };
  static std::vector<std::size_t> sizes(const Shape& shape) {
    const auto tensor = static_cast<std::size_t>(shape.m * shape.n) * 2;
    return {tensor, tensor, tensor, static_cast<std::size_t>(shape.n) * 2};
  }
  unsigned threads_;
};

template <int Vectors>
class QuantiseKernel final : public ElementwiseKernel {
 public:
  QuantiseKernel(Context& context, const Shape& shape, std::uint64_t seed, unsigned threads)
      : ElementwiseKernel(context, shape, seed, sizes(shape)), threads_(threads) {
    fill_operand(x);
  }

  double bytes() const override {
    return static_cast<double>(shape_.m) * (3 * static_cast<double>(shape_.n) + 4);
  }

  /// Codes must be the nearest; where float and float64 round a product to different sides of a
  /// tie, the next one.
  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison_result(buffers_, 0, quantised, stream);
    poison_result(buffers_, 0, scales, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, quantised, Element::fp8, stream));
    meter.add_exact(wholly_written(buffers_, 0, scales, Element::fp32, stream));
    for (const std::int64_t row : sampled_indices(shape_.m, compared_rows, seed_)) {
      const auto values = fetch_bf16(x, row * shape_.n, shape_.n);
      const auto codes =
          fetch<std::uint8_t>(buffers_.as<std::uint8_t>(0, quantised) + row * shape_.n,
                              static_cast<std::size_t>(shape_.n), stream);
      const double scale = fetch<float>(buffers_.as<float>(0, scales) + row, 1, stream)[0];
      double largest = 0;
      for (const double value : values) largest = std::max(largest, std::abs(value));
      meter.add_exact(std::abs(scale - largest / fp8_largest) <= 1e-6 * scale);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const double exact = values[i] / scale;
        const double found = value_of_fp8(codes[i]);
        const double nearest = value_of_fp8(nearest_fp8(exact));
        meter.add_exact(std::abs(found - exact) <=
                        std::abs(nearest - exact) + 1e-6 * std::abs(exact));
      }
    }
    return meter.result(0);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    quantise_rows<Vectors><<<static_cast<unsigned>(shape_.m), threads_, 0, stream>>>(
        buffers_.as<uint4>(slot, x), buffers_.as<uint2>(slot, quantised),
        buffers_.as<float>(slot, scales), static_cast<int>(shape_.n / 8));
    check(cudaGetLastError(), "launch of the quantisation");
  }

 private:
  enum Operand : std::size_t { quantised, scales, x };
  static std::vector<std::size_t> sizes(const Shape& shape) {
    const auto count = static_cast<std::size_t>(shape.m * shape.n);
    return {count, static_cast<std::size_t>(shape.m) * 4, count * 2};
  }
  unsigned threads_;
};

/// A row must fill the block's registers, and the block not be mostly idle.
bool row_fits(const Shape& shape, int threads, int vectors) {
  const std::int64_t row = shape.n / 8;
  return row <= std::int64_t{threads} * vectors &&
         (row > std::int64_t{threads} * (vectors - 1) || threads == 128) &&
         (threads == 128 || row > std::int64_t{threads} * vectors / 4);
}

template <int Vectors>
void add_row_variants(Registry& registry, int threads) {
  const std::string name = std::to_string(threads) + "x" + std::to_string(Vectors);
  const auto accepts = [threads](const Limits& limits, const Shape& shape) {
    return accepts_rows(limits, shape, 8) && row_fits(shape, threads, Vectors);
  };
  registry.add({.operation = Operation::elementwise_norm,
                .format = "bf16",
                .name = name,
                .accepts = accepts,
                .prepare = [threads](Context& context, const Shape& shape,
                                     std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<NormKernel<Vectors>>(context, shape, seed,
                                                               static_cast<unsigned>(threads));
                }});
  registry.add({.operation = Operation::elementwise_quantise,
                .format = "bf16",
                .name = name,
                .accepts = accepts,
                .prepare = [threads](Context& context, const Shape& shape,
                                     std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<QuantiseKernel<Vectors>>(context, shape, seed,
                                                                   static_cast<unsigned>(threads));
                }});
}

}  // namespace

void add_row_kernels(Registry& registry) {
  for (const int threads : {128, 256, 512, 1024}) {
    add_row_variants<1>(registry, threads);
    add_row_variants<2>(registry, threads);
    add_row_variants<4>(registry, threads);
  }
}

}  // namespace microdc::kernels::cuda
