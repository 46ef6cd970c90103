// Decode attention with cp.async: on every device.
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode(Registry& registry) {
  const auto add = [&]<class Cache>(Cache) {
    add_decode_variant(registry, decode_variant<Cache, 4, 3, LaneCopies>("", Target::sm_80_up));
    add_decode_variant(registry, decode_variant<Cache, 8, 2, LaneCopies>("", Target::sm_80_up));
  };
  add(Bf16Cache{});
  add(Fp8Cache{});
}

const void* decode_combination(int head_dim) {
  return head_dim == 64 ? reinterpret_cast<const void*>(&combine_parts<64>)
                        : reinterpret_cast<const void*>(&combine_parts<128>);
}

}  // namespace microdc::kernels::cuda
