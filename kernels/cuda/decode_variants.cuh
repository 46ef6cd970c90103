// The instances of decode_attention, as a variant of the registry.
#pragma once

#include <string>

#include "kernels/cuda/attention_decode.hpp"
#include "kernels/cuda/decode_block.cuh"

namespace microdc::kernels::cuda {

template <class Cache, int HeadDim, int Warps, int Stages, template <class, int> class Copying,
          template <class, int, bool> class ArithmeticOf, int Blocks>
DecodeVariant::Kernel decode_kernel() {
  return {reinterpret_cast<const void*>(
              &decode_attention<Cache, HeadDim, Warps, Stages, Copying, ArithmeticOf, Blocks>),
          DecodeBlock<Cache, HeadDim, Warps, Stages, Copying, ArithmeticOf>::shared_bytes};
}

/// A variant of both head dimensions; a multiprocessor is to hold `Blocks` blocks.
template <class Cache, int Warps, int Stages, template <class, int> class Copying,
          template <class, int, bool> class ArithmeticOf = RowArithmetic, int Blocks = 8 / Warps>
DecodeVariant decode_variant(const std::string& prefix, Target target, int rounds) {
  return {.format = Cache::element_bytes == 1 ? "fp8" : "bf16",
          .prefix = prefix,
          .target = target,
          .element_bytes = Cache::element_bytes,
          .operand_scale = Cache::operand_scale,
          .largest_group = ArithmeticOf<Cache, 128, false>::largest_group,
          .warps = Warps,
          .stages = Stages,
          .unit_pages = Unit<Cache, 128>::pages,
          .rounds = rounds,
          .combines = ArithmeticOf<Cache, 128, false>::combines,
          .head_64 = decode_kernel<Cache, 64, Warps, Stages, Copying, ArithmeticOf, Blocks>(),
          .head_128 = decode_kernel<Cache, 128, Warps, Stages, Copying, ArithmeticOf, Blocks>()};
}

}  // namespace microdc::kernels::cuda
