// The instances of decode_attention, as a variant of the registry.
#pragma once

#include <string>
#include <type_traits>

#include "kernels/cuda/attention_decode.hpp"
#include "kernels/cuda/decode_block.cuh"

namespace microdc::kernels::cuda {

template <class Cache, int HeadDim, int Warps, int Stages, template <class, int> class Copying>
DecodeVariant::Kernel decode_kernel() {
  return {reinterpret_cast<const void*>(&decode_attention<Cache, HeadDim, Warps, Stages, Copying>),
          DecodeBlock<Cache, HeadDim, Warps, Stages, Copying>::shared_bytes};
}

/// A variant of both head dimensions.
template <class Cache, int Warps, int Stages, template <class, int> class Copying>
DecodeVariant decode_variant(const std::string& prefix, Target target, int rounds) {
  return {.format = std::is_same_v<Cache, Fp8Cache> ? "fp8" : "bf16",
          .prefix = prefix,
          .target = target,
          .element_bytes = Cache::element_bytes,
          .operand_scale = Cache::operand_scale,
          .warps = Warps,
          .stages = Stages,
          .unit_pages = Unit<Cache, 128>::pages,
          .rounds = rounds,
          .head_64 = decode_kernel<Cache, 64, Warps, Stages, Copying>(),
          .head_128 = decode_kernel<Cache, 128, Warps, Stages, Copying>()};
}

}  // namespace microdc::kernels::cuda
