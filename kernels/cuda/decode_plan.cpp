#include "kernels/cuda/decode_plan.hpp"

#include <algorithm>

#include "kernels/cuda/paging.hpp"

namespace microdc::kernels::cuda {
namespace {

int units_of(int context, int unit_pages) {
  return (pages_of(context) + unit_pages - 1) / unit_pages;
}

/// Deals the pairs' units out to `blocks` blocks in order. Cuts say how many units, from the first
/// pair on, the first blocks have together.
DecodePlan deal(const std::vector<int>& contexts, int kv_heads, int unit_pages,
                const std::vector<std::int64_t>& cuts) {
  DecodePlan plan;
  plan.first_parts.push_back(0);
  std::int64_t dealt = 0;
  std::size_t cut = 0;
  for (int sequence = 0; sequence < static_cast<int>(contexts.size()); ++sequence) {
    const int context = contexts[static_cast<std::size_t>(sequence)];
    const int units = units_of(context, unit_pages);
    for (int kv_head = 0; kv_head < kv_heads; ++kv_head) {
      const std::size_t first_part = plan.parts.size();
      for (int unit = 0; unit < units;) {
        const int taken = static_cast<int>(std::min<std::int64_t>(units - unit, cuts[cut] - dealt));
        const int first_page = unit * unit_pages;
        const int tokens =
            std::min(taken * unit_pages * page_tokens, context - first_page * page_tokens);
        plan.parts.push_back({sequence, kv_head, first_page, taken, tokens, whole_pair, 0});
        unit += taken, dealt += taken;
        if (dealt == cuts[cut]) {
          plan.first_parts.push_back(static_cast<int>(plan.parts.size()));
          ++cut;
        }
      }
      const int parts = static_cast<int>(plan.parts.size() - first_part);
      if (parts == 1) continue;
      const int split_pair = static_cast<int>(plan.split_pairs.size());
      plan.split_pairs.push_back({sequence, kv_head, plan.slots, parts});
      for (std::size_t p = first_part; p < plan.parts.size(); ++p)
        plan.parts[p].slot = plan.slots++, plan.parts[p].split_pair = split_pair;
    }
  }
  return plan;
}

/// As many units for each block as for the next, and no block with fewer than its warps can share.
/// There are further rounds of blocks if each has much to do.
std::vector<std::int64_t> even_cuts(std::int64_t units, const DecodeResources& resources,
                                    int most_rounds) {
  constexpr std::int64_t units_of_warp_and_round = 16;
  const std::int64_t round = std::int64_t{resources.blocks} * resources.warps;
  const std::int64_t rounds =
      std::clamp<std::int64_t>(units / (round * units_of_warp_and_round), 1, most_rounds);
  const std::int64_t blocks =
      std::clamp<std::int64_t>(units / resources.warps, 1, resources.blocks * rounds);
  std::vector<std::int64_t> cuts;
  for (std::int64_t block = 1; block <= blocks; ++block) cuts.push_back(units * block / blocks);
  return cuts;
}

/// As many pairs for each block as for the next, none of them split.
std::vector<std::int64_t> whole_cuts(const std::vector<int>& contexts, int kv_heads,
                                     const DecodeResources& resources) {
  const auto pairs = static_cast<std::int64_t>(contexts.size()) * kv_heads;
  const std::int64_t each = (pairs + resources.blocks - 1) / resources.blocks;
  std::vector<std::int64_t> cuts;
  std::int64_t units = 0, seen = 0;
  for (const int context : contexts) {
    for (int kv_head = 0; kv_head < kv_heads; ++kv_head) {
      units += units_of(context, resources.unit_pages);
      if (++seen % each == 0 || seen == pairs) cuts.push_back(units);
    }
  }
  return cuts;
}

/// How long the device takes, in units that a multiprocessor reads at its fair share of the
/// memory's bandwidth. Where others have nothing left it gets more than that, up to a third.
double time_of(const std::vector<std::int64_t>& cuts, int multiprocessors) {
  constexpr double fastest = 4.0 / 3;
  const auto all = static_cast<std::size_t>(multiprocessors);
  std::vector<std::int64_t> loads(all);
  for (std::size_t block = 0; block < cuts.size(); ++block)
    loads[block % all] += cuts[block] - (block == 0 ? 0 : cuts[block - 1]);
  std::sort(loads.begin(), loads.end());
  double time = 0;
  std::int64_t done = 0;
  for (std::size_t i = 0; i < all; ++i) {
    const double share = static_cast<double>(all) / static_cast<double>(all - i);
    time += static_cast<double>(loads[i] - done) / std::min(fastest, share);
    done = loads[i];
  }
  return time;
}

}  // namespace

std::vector<DecodeStart> DecodePlan::starts(const std::vector<int>& block_table,
                                            int pages_per_sequence) const {
  std::vector<DecodeStart> all;
  for (std::size_t block = 0; block + 1 < first_parts.size(); ++block) {
    const int first = first_parts[block];
    DecodeStart start{first, first_parts[block + 1], parts[static_cast<std::size_t>(first)], {}};
    const int pages = std::min(DecodeStart::known_pages, pages_of(start.part.tokens));
    const auto from = block_table.begin() +
                      std::ptrdiff_t{start.part.sequence} * pages_per_sequence +
                      start.part.first_page;
    std::copy_n(from, pages, start.pages);
    all.push_back(start);
  }
  return all;
}

int DecodePlan::most_slots() const {
  int most = 0;
  for (const SplitPair& pair : split_pairs) most = std::max(most, pair.slots);
  return most;
}

DecodePlan plan_decode(const std::vector<int>& contexts, int kv_heads,
                       const DecodeResources& resources) {
  const auto whole = whole_cuts(contexts, kv_heads, resources);
  const std::int64_t units = whole.back();
  const auto even = even_cuts(units, resources, 1);
  // Blocks of a multiprocessor share its bandwidth while they wait for the combination.
  const double combining = static_cast<double>(resources.combining_bytes) *
                           (static_cast<double>(resources.blocks) / resources.multiprocessors) /
                           static_cast<double>(resources.unit_bytes);
  const bool split = time_of(even, resources.multiprocessors) + combining <
                     time_of(whole, resources.multiprocessors);
  return deal(contexts, kv_heads, resources.unit_pages,
              split ? even_cuts(units, resources, resources.rounds) : whole);
}

}  // namespace microdc::kernels::cuda
