// Any processor: vectors of four floats, by the compiler alone.
#include "kernels/cpu/simd/general_table.hpp"

namespace microdc::kernels::simd {
namespace {

struct Machine {
  using Float [[gnu::vector_size(16)]] = float;
  using Int [[gnu::vector_size(16)]] = int;
  static constexpr int width = 4;
  static constexpr int query_rows = 2, accumulators = 8;

  static Int widen_8(const std::uint8_t* from) { return Int{from[0], from[1], from[2], from[3]}; }
  static Int widen_16(const std::uint8_t* from) {
    std::uint16_t values[4];
    __builtin_memcpy(values, from, sizeof values);
    return Int{values[0], values[1], values[2], values[3]};
  }
  static Float to_float(const Int& value) { return __builtin_convertvector(value, Float); }
  static Float spread(const float* from) { return *from - Float{}; }
  static Float multiply_add(const Float& sum, const Float& a, const Float& b) {
    return sum + a * b;
  }
};

}  // namespace

const KernelTable& plain_kernels() {
  static const KernelTable table = general_kernels<Machine, 4, 2>();
  return table;
}

}  // namespace microdc::kernels::simd
