// The kernels that every vector machine has (see vectors.hpp on how this file is used).
#pragma once

#include "kernels/cpu/simd/attention.hpp"
#include "kernels/cpu/simd/elementwise.hpp"
#include "kernels/cpu/simd/rows.hpp"
#include "kernels/cpu/simd/streams.hpp"

namespace microdc::kernels::simd {
namespace {

/// With products of `Rows` times `Vectors` vectors in registers.
template <class M, int Rows, int Vectors>
KernelTable general_kernels() {
  constexpr int columns = Vectors * M::width;
  return {
      .streams = streams<M>(),
      .peak_fp32 = peak_of_fma<M>(),
      .rows_fp32 = value_rows<M, Fp32Weights>(),
      .rows_bf16 = value_rows<M, Bf16Weights>(),
      .rows_int8 = value_rows<M, Int8Weights>(),
      .rows_int4 = int4_rows<M>(),
      .panels_fp32 = {Rows, columns, false, panel_product<M, Fp32Weights, Rows, Vectors>,
                      pack_floats<Rows>},
      .panels_bf16 = {Rows, columns, false, panel_product<M, Bf16Weights, Rows, Vectors>,
                      pack_floats<Rows>},
      .expand_int8 = expand_int8<M, columns>,
      .expand_int4 = expand_int4<M, columns>,
      .attention_fp32 = paged_attention<M, SingleElements>(),
      .attention_bf16 = paged_attention<M, WidenedPairs>(),
      .elementwise = elementwise<M>(),
  };
}

}  // namespace
}  // namespace microdc::kernels::simd
