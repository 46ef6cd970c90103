// What the elementwise operations have in common on the host.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {

/// Operands in slots, filled and read back as bf16.
class ElementwiseKernel : public TimedKernel {
 public:
  ElementwiseKernel(Context& context, const Shape& shape, std::uint64_t seed,
                    std::vector<std::size_t> operand_bytes)
      : TimedKernel(context),
        shape_(shape),
        seed_(seed),
        buffers_(context.limits(), std::move(operand_bytes)) {}

  double flop() const override { return 0; }

 protected:
  /// Rows and elements that verify() compares with float64.
  static constexpr std::int64_t compared_rows = 32;
  /// Results are rounded to bf16, 2^-9 at most; float sums and fast exponentials add little.
  static constexpr double bf16_tolerance = 0.004;

  int slots() const override { return buffers_.slots(); }

  /// N(0,1) in every slot, of the whole operand.
  void fill_operand(std::size_t operand) {
    for (int slot = 0; slot < slots(); ++slot) {
      fill_random(buffers_.at(slot, operand), Element::bf16, buffers_.operand_bytes(operand) / 2, 1,
                  seed_, static_cast<std::uint32_t>(slot) * 8 + static_cast<std::uint32_t>(operand),
                  context().stream());
    }
    context().synchronize("filling the operands");
  }

  /// Elements [first, first + count) of slot 0, decoded.
  std::vector<double> fetch_bf16(std::size_t operand, std::int64_t first, std::int64_t count) {
    const auto bits = fetch<std::uint16_t>(buffers_.as<std::uint16_t>(0, operand) + first,
                                           static_cast<std::size_t>(count), context().stream());
    std::vector<double> decoded;
    decoded.reserve(bits.size());
    for (const std::uint16_t element : bits) decoded.push_back(value_of_bf16(element));
    return decoded;
  }

  const Shape shape_;
  const std::uint64_t seed_;
  RotatedBuffers buffers_;
};

/// Whether m rows of n elements are whole vectors of 8, few enough for 32-bit indices, and fit in
/// memory.
inline bool accepts_rows(const Limits& limits, const Shape& shape, double bytes_per_element) {
  return shape.m > 0 && shape.n > 0 && shape.n % 8 == 0 &&
         static_cast<double>(shape.m) * static_cast<double>(shape.n) / 8 < 0x7fff0000 &&
         static_cast<double>(shape.m) * static_cast<double>(shape.n) * bytes_per_element <
             0.9 * static_cast<double>(limits.memory_bytes);
}

}  // namespace microdc::kernels::cuda
