// Decode attention with cp.async: on every device.
#include "kernels/cuda/decode_columns.cuh"
#include "kernels/cuda/decode_combine.cuh"
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode(Registry& registry) {
  const auto add = [&]<class Cache>(Cache) {
    constexpr Target target = Target::sm_80_up;
    for (const int rounds : {1, 4})
      add_decode_variant(registry, decode_variant<Cache, 4, 3, LaneCopies>("", target, rounds));
    add_decode_variant(registry, decode_variant<Cache, 8, 2, LaneCopies>("", target, 1));
  };
  add(Bf16Cache{});
  add(Fp8Cache{});
  add_decode_variant(registry, decode_variant<Fp8Cache, 4, 3, LaneCopies, ColumnArithmetic, 2>(
                                   "columns-moved-", Target::sm_80_up, 1));
}

const void* decode_combination(int head_dim) {
  return head_dim == 64 ? reinterpret_cast<const void*>(&combine_parts<64>)
                        : reinterpret_cast<const void*>(&combine_parts<128>);
}

}  // namespace microdc::kernels::cuda
