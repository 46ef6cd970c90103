// Prefix cache, schedulers and registries.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <span>
#include <vector>

#include "sim/serving/prefix_cache.hpp"
#include "sim/serving/router.hpp"
#include "sim/serving/scheduler.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

TEST(PrefixCache, HitsOnlyLeadingBlocksAndEvictsTheOldestUnused) {
  PrefixCache cache;
  const std::vector<std::uint32_t> a{1, 2, 3};
  const std::vector<std::uint32_t> b{1, 2, 9};
  EXPECT_EQ(cache.count_hits(a), 0u);
  cache.pin(a, 2);
  EXPECT_EQ(cache.count_hits(a), 3u);
  EXPECT_EQ(cache.count_hits(b), 2u);
  EXPECT_EQ(cache.pinned_blocks(), 6);
  cache.evict_down_to(0);
  EXPECT_EQ(cache.count_hits(a), 3u) << "pinned blocks stay";
  cache.pin(std::span(b).first(2), 2);
  cache.unpin(a);
  EXPECT_EQ(cache.pinned_blocks(), 4);
  EXPECT_EQ(cache.unpinned_blocks(), 2);
  cache.evict_down_to(1);
  EXPECT_EQ(cache.count_hits(a), 2u) << "block 3 is gone";
  cache.pin(a, 2);
  EXPECT_EQ(cache.pinned_blocks(), 6) << "blocks that exist are not counted again";
  EXPECT_EQ(cache.unpinned_blocks(), 0);
}

/// Block by block, as PrefixCache is meant.
class PlainPrefixCache {
 public:
  [[nodiscard]] std::size_t count_hits(std::span<const std::uint32_t> ids) const {
    std::size_t hits = 0;
    while (hits < ids.size() && blocks_.count(ids[hits]) > 0) ++hits;
    return hits;
  }
  void pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks) {
    for (const std::uint32_t id : ids) {
      const auto [at, added] = blocks_.try_emplace(id, Block{0, kv_blocks});
      if (at->second.pins++ > 0) continue;
      if (!added) unpinned_ -= at->second.kv_blocks;
      pinned_ += at->second.kv_blocks;
      std::erase(unused_, id);
    }
  }
  void unpin(std::span<const std::uint32_t> ids) {
    for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
      Block& block = blocks_[*id];
      if (--block.pins > 0) continue;
      unused_.push_back(*id);
      unpinned_ += block.kv_blocks;
      pinned_ -= block.kv_blocks;
    }
  }
  void evict_down_to(std::int64_t most) {
    while (unpinned_ > most && !unused_.empty()) {
      unpinned_ -= blocks_[unused_.front()].kv_blocks;
      blocks_.erase(unused_.front());
      unused_.erase(unused_.begin());
    }
  }
  [[nodiscard]] std::int64_t unpinned_blocks() const { return unpinned_; }
  [[nodiscard]] std::int64_t pinned_blocks() const { return pinned_; }

 private:
  struct Block {
    int pins = 0;
    std::int32_t kv_blocks = 0;
  };
  std::map<std::uint32_t, Block> blocks_;
  std::vector<std::uint32_t> unused_;  // the oldest first
  std::int64_t unpinned_ = 0, pinned_ = 0;
};

TEST(PrefixCache, ExtentsDoWhatSingleBlocksWouldDo) {
  std::mt19937 random(7);
  const auto up_to = [&](std::uint32_t most) {
    return static_cast<std::uint32_t>(random() % (most + 1));
  };
  for (int round = 0; round < 40; ++round) {
    PrefixCache cache;
    PlainPrefixCache plain;
    // Prompts that share a beginning and go on with ids of their own, one behind the other's, or
    // among those of others.
    std::vector<std::vector<std::uint32_t>> prompts;
    for (std::uint32_t p = 0; p < 12; ++p) {
      std::vector<std::uint32_t>& ids = prompts.emplace_back();
      for (std::uint32_t id = 0, shared = up_to(4); id < shared; ++id) ids.push_back(id);
      const std::uint32_t begin = 4 + 8 * up_to(round % 2 == 0 ? 11 : 3);
      for (std::uint32_t id = 0, own = up_to(8); id < own; ++id) ids.push_back(begin + id);
      if (round % 3 == 0) std::shuffle(ids.begin(), ids.end(), random);
    }
    std::vector<std::span<const std::uint32_t>> held;
    for (int step = 0; step < 300; ++step) {
      const std::vector<std::uint32_t>& ids = prompts[up_to(11)];
      if (up_to(2) > 0) {
        held.push_back(std::span(ids).first(up_to(static_cast<std::uint32_t>(ids.size()))));
        cache.pin(held.back(), 1 + round % 3);
        plain.pin(held.back(), 1 + round % 3);
      } else if (!held.empty()) {
        const std::size_t gone = up_to(static_cast<std::uint32_t>(held.size() - 1));
        cache.unpin(held[gone]);
        plain.unpin(held[gone]);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(gone));
      }
      const std::int64_t most = 10 + up_to(40);
      cache.evict_down_to(most);
      plain.evict_down_to(most);
      ASSERT_EQ(cache.unpinned_blocks(), plain.unpinned_blocks()) << round << " " << step;
      ASSERT_EQ(cache.pinned_blocks(), plain.pinned_blocks()) << round << " " << step;
      for (const auto& prompt : prompts) {
        ASSERT_EQ(cache.count_hits(prompt), plain.count_hits(prompt)) << round << " " << step;
      }
    }
  }
}

TEST(Schedulers, FcfsServesInOrderAndPreemptedFirst) {
  const auto queue = fcfs_scheduler().make();
  const Sequence s;
  queue->push(1, s);
  queue->push(2, s);
  queue->push_preempted(3, s);
  EXPECT_EQ(queue->front(), 3u);
  queue->pop();
  EXPECT_TRUE(queue->remove(1));
  EXPECT_FALSE(queue->remove(1));
  EXPECT_EQ(queue->front(), 2u);
  EXPECT_EQ(queue->size(), 1u);
}

TEST(Schedulers, PriorityPutsLowerNumbersFirstAndKeepsOrderWithin) {
  const auto queue = priority_scheduler().make();
  Sequence low, high;
  low.priority = 5;
  high.priority = -1;
  queue->push(1, low);
  queue->push(2, high);
  queue->push(3, high);
  queue->push_preempted(4, low);
  std::vector<SequenceId> order;
  for (; !queue->empty(); queue->pop()) order.push_back(queue->front());
  EXPECT_EQ(order, (std::vector<SequenceId>{2, 3, 4, 1}));
}

TEST(Registries, NamesAreUniqueAndDescribed) {
  std::set<std::string> names;
  for (const RouterKind& kind : router_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.description.empty());
  }
  for (const SchedulerKind& kind : scheduler_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.description.empty());
  }
}

TEST(Engines, EveryFigureHasASourceAndARange) {
  for (const auto& [name, engine] : catalogs().engines.engines()) {
    for (const auto* figure : {&engine.step_overhead, &engine.sequence_overhead,
                               &engine.kernel_factor, &engine.request_latency}) {
      ASSERT_TRUE(figure->has_value()) << name;
      EXPECT_FALSE((*figure)->source.empty()) << name;
      EXPECT_LE((*figure)->low.value_or((*figure)->value), (*figure)->value) << name;
      EXPECT_GE((*figure)->high.value_or((*figure)->value), (*figure)->value) << name;
    }
  }
  EXPECT_NE(catalogs().engines.find("vLLM"), nullptr);
  EXPECT_EQ(catalogs().engines.find("no such engine"), nullptr);
}

}  // namespace
}  // namespace microdc::testing
