// Decode attention of bf16 caches with bulk copies.
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode_bulk(Registry& registry) {
  constexpr Target target = Target::sm_90_up;
  for (const int rounds : {1, 4})
    add_decode_variant(registry,
                       decode_variant<Bf16Cache, 4, 3, BulkCopies>("bulk-", target, rounds));
  add_decode_variant(registry, decode_variant<Bf16Cache, 8, 2, BulkCopies>("bulk-", target, 1));
}

}  // namespace microdc::kernels::cuda
