// What every prefill attention kernel is given.
#pragma once

#include <cuda_bf16.h>

namespace microdc::kernels::cuda {

/// Causal attention of `query_count` new tokens, the last of `context`, in each of a batch.
struct PrefillArguments {
  const __nv_bfloat16* queries;  ///< [batch][queries][q head][head dimension]
  const __nv_bfloat16* keys;     ///< [batch][context][KV head][head dimension]
  const __nv_bfloat16* values;   ///< as keys
  __nv_bfloat16* outputs;        ///< as queries
  int query_count;
  int context;
  int q_heads;
  int kv_heads;
  float score_scale;  ///< times log2(e)
};

}  // namespace microdc::kernels::cuda
