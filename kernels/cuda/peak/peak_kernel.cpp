#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_reference.hpp"
#include "kernels/cuda/peak/peak.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

/// Steps of the checked call. Tensor cores cut off what lies below the 14th bit of fp8 sums, at
/// each product: on an H100 the error of wgmma was 0.04 of the rms after 16 steps.
constexpr int checked_steps = 4;

class PeakRun final : public TimedKernel {
 public:
  PeakRun(Context& context, const PeakKernel& kernel, std::uint64_t seed)
      : TimedKernel(context),
        kernel_(kernel),
        blocks_(context.limits().multiprocessors * kernel.blocks_per_multiprocessor),
        left_(matrix_bytes(kernel.rows)),
        right_(matrix_bytes(kernel.columns)),
        sums_(sizeof(float) * sums_per_block() * static_cast<std::size_t>(blocks_)) {
    const auto fill = [&](const DeviceMemory& matrix, int rows, std::uint32_t purpose) {
      fill_random(matrix.data(), kernel.operand,
                  static_cast<std::size_t>(rows) * static_cast<std::size_t>(kernel.depth), 1, seed,
                  purpose, context.stream());
    };
    fill(left_, kernel.rows, 0);
    fill(right_, kernel.columns, 1);
    context.synchronize("filling of the operands of the arithmetic peak");
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison(sums_.data(), sums_.bytes(), stream);
    kernel_.launch(left_.data(), right_.data(), checked_steps, sums_.data(), blocks_, stream);
    Verification verification{true, 0, kernel_.tolerance};
    for (const int block : {0, blocks_ - 1}) compare(block, verification);
    return verification;
  }

  double bytes() const override { return 0; }
  double flop() const override {
    return 2.0 * kernel_.rows * kernel_.columns * kernel_.depth * kernel_.products_per_step *
           kernel_.steps * blocks_;
  }

 protected:
  void launch(cudaStream_t stream, int) override {
    kernel_.launch(left_.data(), right_.data(), kernel_.steps, sums_.data(), blocks_, stream);
  }
  int slots() const override { return 1; }

 private:
  std::size_t matrix_bytes(int rows) const {
    return storage_bytes(kernel_.operand,
                         static_cast<std::size_t>(rows) * static_cast<std::size_t>(kernel_.depth));
  }
  std::size_t sums_per_block() const {
    return static_cast<std::size_t>(kernel_.rows) * static_cast<std::size_t>(kernel_.columns);
  }

  void compare(int block, Verification& verification) {
    const std::vector<double> expected =
        full_product(left_.data(), right_.data(), kernel_.operand, kernel_.rows, kernel_.columns,
                     kernel_.depth, context().stream());
    std::vector<std::uint32_t> words(sums_per_block());
    check(cudaMemcpyAsync(
              words.data(),
              sums_.as<std::uint32_t>() + sums_per_block() * static_cast<std::size_t>(block),
              words.size() * sizeof(std::uint32_t), cudaMemcpyDeviceToHost, context().stream()),
          "cudaMemcpyAsync");
    context().synchronize("kernel of the arithmetic peak");
    double squares = 0;
    for (const double value : expected) squares += value * value;
    const double rms = std::sqrt(squares / static_cast<double>(expected.size())) * checked_steps;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const double error = std::abs(sum_of(words[i]) - expected[i] * checked_steps) / rms;
      if (!(error <= verification.largest_error)) verification.largest_error = error;
      if (!(error <= verification.tolerance)) verification.passed = false;
    }
  }

  double sum_of(std::uint32_t word) const {
    if (kernel_.operand == Element::int8) return static_cast<std::int32_t>(word);
    float value = 0;
    static_assert(sizeof value == sizeof word);
    std::memcpy(&value, &word, sizeof value);
    return value;
  }

  PeakKernel kernel_;
  int blocks_;
  DeviceMemory left_, right_, sums_;
};

}  // namespace

void add_peak(Registry& registry, const PeakKernel& kernel) {
  CudaVariant variant;
  variant.operation = Operation::arithmetic_peak;
  variant.format = kernel.format;
  variant.name = kernel.name;
  variant.target = kernel.target;
  variant.shared_bytes = kernel.shared_bytes;
  variant.accepts = [left_out = kernel.left_out](const Limits& limits, const Shape&) {
    return limits.capability != left_out;
  };
  variant.prepare = [kernel](Context& context, const Shape&, std::uint64_t seed) {
    return std::unique_ptr<PreparedKernel>(std::make_unique<PeakRun>(context, kernel, seed));
  };
  registry.add(std::move(variant));
}

}  // namespace microdc::kernels::cuda
