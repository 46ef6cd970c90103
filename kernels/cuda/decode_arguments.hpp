// What the kernels of decode attention are given.
#pragma once

#include <cuda_bf16.h>

#include "kernels/cuda/decode_plan.hpp"
#include "kernels/cuda/softmax_merge.hpp"

namespace microdc::kernels::cuda {

struct DecodeArguments {
  const __nv_bfloat16* queries;  ///< [batch][q head][head dimension]
  const void* keys;              ///< layout of paging.hpp
  const void* values;
  const int* block_table;   ///< [batch][pages_per_sequence]
  __nv_bfloat16* outputs;   ///< [batch][q head][head dimension]
  const DecodePart* parts;  ///< of the plan, as the next two
  const DecodeStart* starts;
  const SplitPair* split_pairs;
  float* slot_outputs;     ///< [slot][head of the group][head dimension], relative to slot_sums
  SoftmaxPart* slot_sums;  ///< [slot][head of the group]
  unsigned* arrivals;      ///< per split pair: parts that are done, 0 between calls; or null
  int q_heads;
  int kv_heads;
  int pages_per_sequence;
  float score_scale;  ///< of q*k, times log2(e), times the keys' scale
  float value_scale;  ///< of the stored values
};

}  // namespace microdc::kernels::cuda
