// Where the tokens of a sequence lie in a paged KV cache, and which pages a split or warp reads.
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

/// Consecutive pages of a sequence, by their place in its block table.
struct PageRange {
  int first;
  int end;
};

/// The pages of one of `splits` parts; equal up to one rounding, the last ones may be empty.
MICRODC_HD constexpr PageRange pages_of_split(int context, int split, int splits) {
  const int pages = pages_of(context);
  const int each = (pages + splits - 1) / splits;
  const int first = split * each < pages ? split * each : pages;
  return {first, first + each < pages ? first + each : pages};
}

/// How many pages of a range one of `warps` warps reads: first + warp, first + warp + warps, ...
MICRODC_HD constexpr int pages_of_warp(const PageRange& range, int warp, int warps) {
  const int left = range.end - range.first - warp;
  return left <= 0 ? 0 : (left + warps - 1) / warps;
}

/// How many parts each sequence and head should be read in, if `pairs` (sequence, head) each have
/// `pages` pages and the device holds `resident` blocks at once. The time goes with the rounds of
/// blocks times the pages of one, each block costing about as much as `block_pages` pages besides.
constexpr int best_splits(std::int64_t pairs, int pages, std::int64_t resident) {
  constexpr int block_pages = 8, most_splits = 64;
  int best = 1;
  std::int64_t best_cost = 0;
  for (int splits = 1; splits <= most_splits && splits <= pages; ++splits) {
    const std::int64_t rounds = (pairs * splits + resident - 1) / resident;
    const std::int64_t cost = rounds * ((pages + splits - 1) / splits + block_pages);
    if (splits == 1 || cost < best_cost) best = splits, best_cost = cost;
  }
  return best;
}

}  // namespace microdc::kernels::cuda
