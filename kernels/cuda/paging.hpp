// Where the tokens of a sequence lie in a paged KV cache.
// Layout of keys and values alike: [page][kv head][token in page][head dimension].
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

inline constexpr int page_tokens = 16;

MICRODC_HD constexpr int pages_of(int tokens) { return (tokens + page_tokens - 1) / page_tokens; }

/// Elements before the first one of a page's tokens of one head.
MICRODC_HD constexpr std::int64_t page_offset(int page, int kv_head, int kv_heads, int head_dim) {
  return (static_cast<std::int64_t>(page) * kv_heads + kv_head) * page_tokens * head_dim;
}

}  // namespace microdc::kernels::cuda
