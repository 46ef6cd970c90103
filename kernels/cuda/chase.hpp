// The path of the pointer chase: one cycle through all lines of the working set, in an order that
// looks random, computed rather than stored.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// A permutation of [0, lines) that is a single cycle: a generator of full period on the next power
/// of two, dressed by a bijection so that its low bits look random too; numbers outside are
/// skipped, which leaves one cycle.
class ChasePath {
 public:
  MICRODC_HD explicit ChasePath(std::uint32_t lines) : lines_(lines) {
    while ((std::uint64_t{1} << bits_) < lines) ++bits_;
    mask_ = static_cast<std::uint32_t>((std::uint64_t{1} << bits_) - 1);
  }

  /// The line after `line` < lines.
  [[nodiscard]] MICRODC_HD std::uint32_t next(std::uint32_t line) const {
    do {
      line = dress(undress(line) * 1664525u + 1013904223u);
    } while (line >= lines_);
    return line;
  }

 private:
  // Multiplication by an odd number and xor with a right shift of at least half the bits are
  // bijections on `bits_` bits; the latter is its own inverse.
  static constexpr std::uint32_t odd_ = 0x9E3779B1u, inverse_of_odd_ = 0x0E8B2F51u;

  [[nodiscard]] MICRODC_HD std::uint32_t fold(std::uint32_t x) const {
    return x ^ (x >> ((bits_ + 1) / 2));
  }
  [[nodiscard]] MICRODC_HD std::uint32_t dress(std::uint32_t x) const {
    return bits_ < 2 ? x & mask_ : fold(fold(x & mask_) * odd_ & mask_);
  }
  [[nodiscard]] MICRODC_HD std::uint32_t undress(std::uint32_t x) const {
    return bits_ < 2 ? x : fold(fold(x) * inverse_of_odd_ & mask_);
  }

  std::uint32_t lines_;
  int bits_ = 0;
  std::uint32_t mask_ = 0;
};

}  // namespace microdc::kernels::cuda
