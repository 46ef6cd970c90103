// Decode attention of groups of up to 8 heads over an fp8 cache, with heads as columns.
#include "kernels/cuda/decode_columns.cuh"
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode_columns(Registry& registry) {
  constexpr Target target = Target::sm_90_up;
  const auto add = [&]<class Cache>(Cache, const std::string& name) {
    add_decode_variant(
        registry, decode_variant<Cache, 4, 3, LaneCopies, ColumnArithmetic, 2>(name, target, 1));
    add_decode_variant(
        registry, decode_variant<Cache, 4, 2, LaneCopies, ColumnArithmetic, 3>(name, target, 1));
    add_decode_variant(registry, decode_variant<Cache, 4, 3, BulkCopies, ColumnArithmetic, 2>(
                                     "bulk-" + name, target, 1));
    add_decode_variant(registry, decode_variant<Cache, 4, 2, BulkCopies, ColumnArithmetic, 3>(
                                     "bulk-" + name, target, 1));
  };
  add(Fp8Cache{}, "columns-moved-");
  add(Fp8CacheConverted{}, "columns-");
}

}  // namespace microdc::kernels::cuda
