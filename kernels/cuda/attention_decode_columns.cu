// Decode attention of fp8 caches with what sm_89 and sm_90 brought: conversion to fp16 by the
// device, copies by TMA. Groups of up to 8 heads have them as columns.
#include "kernels/cuda/decode_columns.cuh"
#include "kernels/cuda/decode_variants.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

void add_attention_decode_columns(Registry& registry) {
  constexpr Target target = Target::sm_90_up;
  const auto add = [&](const DecodeVariant& variant) { add_decode_variant(registry, variant); };
  using Converted = Fp8CacheConverted;
  for (const int rounds : {1, 4}) {
    add(decode_variant<Converted, 4, 2, TiledCopies, ColumnArithmetic, 3>("tma-columns-", target,
                                                                          rounds));
    add(decode_variant<Converted, 4, 3, TiledCopies, ColumnArithmetic, 2>("tma-columns-", target,
                                                                          rounds));
  }
  add(decode_variant<Converted, 4, 2, BulkCopies, ColumnArithmetic, 3>("bulk-columns-", target, 1));
  add(decode_variant<Converted, 4, 2, LaneCopies, ColumnArithmetic, 3>("columns-", target, 1));
  add(decode_variant<Converted, 4, 3, LaneCopies, ColumnArithmetic, 2>("columns-", target, 1));
  add(decode_variant<Converted, 4, 3, BulkCopies>("bulk-converted-", target, 1));
}

}  // namespace microdc::kernels::cuda
