#include "kernels/cuda/decode_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>

#include "kernels/cuda/paging.hpp"

namespace microdc::kernels::cuda {
namespace {

/// Of bf16 and head dimension 128; fp8 takes two pages at a time.
DecodeResources on(int blocks, int unit_pages = 1) {
  return {.blocks = blocks,
          .multiprocessors = blocks,
          .rounds = 1,
          .warps = 8,
          .unit_pages = unit_pages,
          .unit_bytes = 8192};
}

int units_of_block(const DecodePlan& plan, int block) {
  int units = 0;
  for (int p = plan.first_parts[static_cast<std::size_t>(block)];
       p < plan.first_parts[static_cast<std::size_t>(block) + 1]; ++p) {
    units += plan.parts[static_cast<std::size_t>(p)].units;
  }
  return units;
}

/// Every token of every pair is read once, in order, and every part has its place.
void expect_complete(const DecodePlan& plan, const std::vector<int>& contexts, int kv_heads,
                     int unit_pages) {
  std::map<std::pair<int, int>, int> tokens_read;
  std::set<int> slots;
  for (const DecodePart& part : plan.parts) {
    int& read = tokens_read[{part.sequence, part.kv_head}];
    EXPECT_EQ(part.first_page * page_tokens, read);
    EXPECT_GT(part.tokens, (part.units - 1) * unit_pages * page_tokens);
    EXPECT_LE(part.tokens, part.units * unit_pages * page_tokens);
    read += part.tokens;
    const int context = contexts[static_cast<std::size_t>(part.sequence)];
    if (part.slot == whole_pair) {
      EXPECT_EQ(part.tokens, context);
    } else {
      EXPECT_TRUE(slots.insert(part.slot).second);
    }
  }
  EXPECT_EQ(tokens_read.size(), contexts.size() * static_cast<std::size_t>(kv_heads));
  for (const auto& [pair, tokens] : tokens_read)
    EXPECT_EQ(tokens, contexts[static_cast<std::size_t>(pair.first)]);
  EXPECT_EQ(static_cast<int>(slots.size()), plan.slots);
  int slot = 0;
  for (const SplitPair& pair : plan.split_pairs) {
    EXPECT_EQ(pair.first_slot, slot);
    EXPECT_GE(pair.slots, 2);
    slot += pair.slots;
    const auto parts = std::count_if(plan.parts.begin(), plan.parts.end(), [&](const auto& part) {
      return part.sequence == pair.sequence && part.kv_head == pair.kv_head &&
             part.slot >= pair.first_slot && part.slot < slot;
    });
    EXPECT_EQ(parts, pair.slots);
  }
  EXPECT_EQ(slot, plan.slots);
  EXPECT_EQ(plan.first_parts.front(), 0);
  EXPECT_EQ(plan.first_parts.back(), static_cast<int>(plan.parts.size()));
}

TEST(DecodePlan, ReadsEveryTokenOnce) {
  const std::vector<std::vector<int>> batches{
      {1}, {16, 17, 33}, {131072}, {5, 40000, 300, 1, 2000}, std::vector<int>(300, 777)};
  for (const auto& contexts : batches) {
    for (const int blocks : {1, 7, 132, 264}) {
      for (const int unit_pages : {1, 2}) {
        for (const int kv_heads : {1, 8}) {
          const DecodePlan plan = plan_decode(contexts, kv_heads, on(blocks, unit_pages));
          EXPECT_LE(plan.blocks(), blocks);
          expect_complete(plan, contexts, kv_heads, unit_pages);
        }
      }
    }
  }
}

TEST(DecodePlan, KeepsShortPairsWhole) {
  EXPECT_TRUE(plan_decode({83, 83}, 2, on(264)).split_pairs.empty());
  EXPECT_TRUE(plan_decode(std::vector<int>(256, 500), 8, on(132)).split_pairs.empty());
}

TEST(DecodePlan, SplitsWhereMultiprocessorsWouldGetUnevenNumbersOfBlocks) {
  const std::vector<int> contexts(256, 512);
  DecodeResources resources = on(264, 2);
  resources.multiprocessors = 132, resources.combining_bytes = 16 * 1024;
  EXPECT_TRUE(plan_decode(contexts, 8, resources).split_pairs.empty());  // 256 blocks
  resources.blocks = 396;
  EXPECT_EQ(plan_decode(contexts, 8, resources).blocks(), 396);  // not 342
}

TEST(DecodePlan, TellsBlocksWhereTheyBegin) {
  const DecodePlan plan = plan_decode({5, 40000, 300}, 2, on(132));
  std::vector<int> table(3 * 2500);
  std::iota(table.begin(), table.end(), 7);
  const auto starts = plan.starts(table, 2500);
  ASSERT_EQ(static_cast<int>(starts.size()), plan.blocks());
  for (std::size_t block = 0; block < starts.size(); ++block) {
    EXPECT_EQ(starts[block].first_part, plan.first_parts[block]);
    EXPECT_EQ(starts[block].end_part, plan.first_parts[block + 1]);
    const DecodePart& first = plan.parts[static_cast<std::size_t>(starts[block].first_part)];
    EXPECT_EQ(starts[block].part.sequence, first.sequence);
    EXPECT_EQ(starts[block].part.first_page, first.first_page);
    const int pages = std::min(DecodeStart::known_pages, pages_of(first.tokens));
    for (int page = 0; page < pages; ++page)
      EXPECT_EQ(starts[block].pages[page], 7 + 2500 * first.sequence + first.first_page + page);
  }
}

TEST(DecodePlan, FillsTheDeviceWithFewLongPairs) {
  const DecodePlan plan = plan_decode({131072}, 1, on(132));
  EXPECT_EQ(plan.blocks(), 132);
  EXPECT_EQ(plan.most_slots(), 132);
}

TEST(DecodePlan, GivesEveryBlockAsMuchAsTheNext) {
  // 140 pairs on 132 blocks: whole pairs would leave most of them idle half of the time.
  for (const auto& contexts : {std::vector<int>(140, 4096), std::vector<int>{100000, 30, 7000}}) {
    const DecodePlan plan = plan_decode(contexts, 1, on(132));
    ASSERT_EQ(plan.blocks(), 132);
    int least = units_of_block(plan, 0), most = least;
    for (int block = 1; block < plan.blocks(); ++block) {
      least = std::min(least, units_of_block(plan, block));
      most = std::max(most, units_of_block(plan, block));
    }
    EXPECT_LE(most - least, 1);
  }
}

TEST(DecodePlan, MakesRoundsOfLongReadingOnly) {
  DecodeResources resources = on(132);
  resources.rounds = 4;
  const std::vector<int> contexts(10, 131072);
  const DecodePlan plan = plan_decode(contexts, 1, resources);
  EXPECT_EQ(plan.blocks(), 4 * 132);
  expect_complete(plan, contexts, 1, 1);
  EXPECT_EQ(plan_decode({131072}, 1, resources).blocks(), 132);  // 62 pages each
}

TEST(DecodePlan, LeavesNoWarpWithoutWork) {
  const DecodePlan plan = plan_decode({1100}, 1, on(132));  // 69 pages
  ASSERT_FALSE(plan.split_pairs.empty());
  for (int block = 0; block < plan.blocks(); ++block) EXPECT_GE(units_of_block(plan, block), 8);
}

}  // namespace
}  // namespace microdc::kernels::cuda
