// Any processor: vectors of four floats, by the compiler alone.
#include "kernels/cpu/simd/attention.hpp"
#include "kernels/cpu/simd/elementwise.hpp"
#include "kernels/cpu/simd/streams.hpp"

namespace microdc::kernels::simd {
namespace {

struct Machine {
  using Float [[gnu::vector_size(16)]] = float;
  using Int [[gnu::vector_size(16)]] = int;
  static constexpr int width = 4;
  static constexpr int query_rows = 2;

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
  static constexpr int rows = 4, vectors = 2, columns = vectors * Machine::width;
  static const KernelTable table{
      .streams = {stream_read<Machine>, stream_write<Machine, false>, nullptr,
                  stream_copy<Machine, false>, nullptr, stream_triad<Machine, false>, nullptr},
      .peak_fp32 = peak_of_fma<Machine>(),
      .rows_fp32 = value_rows<Machine, Fp32Weights>(),
      .rows_bf16 = value_rows<Machine, Bf16Weights>(),
      .rows_int8 = value_rows<Machine, Int8Weights>(),
      .rows_int4 = int4_rows<Machine>(),
      .panels_fp32 = {rows, columns, false, panel_product<Machine, Fp32Weights, rows, vectors>,
                      pack_floats<rows>},
      .panels_bf16 = {rows, columns, false, panel_product<Machine, Bf16Weights, rows, vectors>,
                      pack_floats<rows>},
      .expand_int8 = expand_int8<Machine, columns>,
      .expand_int4 = expand_int4<Machine, columns>,
      .attention_fp32 = paged_attention<Machine, Fp32Weights>,
      .attention_bf16 = paged_attention<Machine, Bf16Weights>,
      .elementwise = elementwise<Machine>(),
  };
  return table;
}

}  // namespace microdc::kernels::simd
