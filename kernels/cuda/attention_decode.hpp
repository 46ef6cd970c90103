// Variants of decode attention: what the kernels of the .cu files are, for the host code that runs
// them.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/cuda/limits.hpp"

namespace microdc::kernels::cuda {

class Registry;

/// decode_attention of one format in all head dimensions.
struct DecodeVariant {
  struct Kernel {
    const void* attention;
    int shared_bytes;
  };
  std::string format;  ///< of the KV cache: "bf16", "fp8"
  std::string prefix;  ///< of the name: how the cache is copied and multiplied
  Target target;
  int element_bytes;
  float operand_scale;     ///< what an element is multiplied by, as it enters the matrix unit
  int largest_group;       ///< query heads per KV head
  int warps, stages;       ///< of a block, of a warp
  int unit_pages, rounds;  ///< as in DecodeResources
  bool combines;           ///< parts of a pair itself, unless they are many
  Kernel head_64, head_128;

  [[nodiscard]] const Kernel& kernel(std::int64_t head_dim) const {
    return head_dim == 64 ? head_64 : head_128;
  }
};

void add_decode_variant(Registry& registry, const DecodeVariant& variant);

/// combine_parts for this head dimension.
const void* decode_combination(int head_dim);

}  // namespace microdc::kernels::cuda
