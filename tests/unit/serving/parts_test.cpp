// Prefix cache, schedulers and registries.
#include <gtest/gtest.h>

#include <set>

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
  EXPECT_FALSE(cache.evict_one()) << "pinned blocks stay";
  cache.pin(std::span(b).first(2), 2);
  cache.unpin(a);
  EXPECT_EQ(cache.pinned_blocks(), 4);
  EXPECT_EQ(cache.unpinned_blocks(), 2);
  EXPECT_TRUE(cache.evict_one());
  EXPECT_EQ(cache.count_hits(a), 2u) << "block 3 is gone";
  cache.pin(a, 2);
  EXPECT_EQ(cache.pinned_blocks(), 6) << "blocks that exist are not counted again";
  EXPECT_EQ(cache.unpinned_blocks(), 0);
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
