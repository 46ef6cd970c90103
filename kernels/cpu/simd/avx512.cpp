// AVX-512 (F, BW, DQ, VL). Compiled with flags of its own: see kernel_table.hpp.
#include "kernels/cpu/simd/attention.hpp"
#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/elementwise.hpp"
#include "kernels/cpu/simd/streams.hpp"

namespace microdc::kernels::simd {

const KernelTable& avx512_kernels() {
  static constexpr int rows = 12, vectors = 2, columns = vectors * Machine::width;
  static const KernelTable table{
      .streams = streams<Machine>(),
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
