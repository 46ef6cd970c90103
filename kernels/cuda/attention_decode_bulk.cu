// Decode attention with bulk copies.
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode_bulk(Registry& registry) {
  const auto add = [&]<class Cache>(Cache) {
    constexpr Target target = Target::sm_90_up;
    for (const int rounds : {1, 4})
      add_decode_variant(registry,
                         decode_variant<Cache, 4, 3, BulkCopies>("bulk-", target, rounds));
    add_decode_variant(registry, decode_variant<Cache, 8, 2, BulkCopies>("bulk-", target, 1));
  };
  add(Bf16Cache{});
  add(Fp8Cache{});
}

}  // namespace microdc::kernels::cuda
