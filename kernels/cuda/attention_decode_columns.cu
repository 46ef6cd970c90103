// Decode attention of fp8 caches that the device converts to fp16, groups of up to 8 heads as
// columns.
#include "kernels/cuda/decode_columns.cuh"
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode_columns(Registry& registry) {
  // Ada converts too, but Hopper would get code for sm_89 as PTX only.
  constexpr Target target = Target::sm_90_up;
  using Converted = Fp8CacheConverted;
  add_decode_variant(registry, decode_variant<Converted, 4, 2, LaneCopies, ColumnArithmetic, 3>(
                                   "columns-", target, 1));
  add_decode_variant(registry, decode_variant<Converted, 4, 3, LaneCopies, ColumnArithmetic, 2>(
                                   "columns-", target, 1));
}

}  // namespace microdc::kernels::cuda
