// Division of many indices by one number, without the division.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// Exact for numerators below 2^31 and divisors in [1, 2^31) (Granlund and Montgomery, "Division by
/// invariant integers using multiplication", PLDI 1994).
class FastDivision {
 public:
  explicit FastDivision(std::uint32_t divisor) : divisor_(divisor) {
    while ((std::uint64_t{1} << shift_) < divisor) ++shift_;
    multiplier_ = ((std::uint64_t{1} << (31 + shift_)) + divisor - 1) / divisor;
  }
  [[nodiscard]] MICRODC_HD std::uint32_t quotient(std::uint32_t numerator) const {
    return static_cast<std::uint32_t>((numerator * multiplier_) >> (31 + shift_));
  }
  [[nodiscard]] MICRODC_HD std::uint32_t divisor() const { return divisor_; }

 private:
  std::uint32_t divisor_;
  int shift_ = 0;
  std::uint64_t multiplier_ = 0;  // below 2^32
};

}  // namespace microdc::kernels::cuda
