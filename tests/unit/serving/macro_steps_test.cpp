// Invariant: jumping over steps in closed form gives exactly what step-by-step simulation gives.
#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/base/random.hpp"
#include "tests/support/equal_modes.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

/// Bursty arrivals with mixed lengths, different for each seed.
RequestStream random_stream(std::uint64_t seed, int count, double rate) {
  RandomStream random(seed, RandomPurpose::arrivals, 0);
  std::vector<PlainRequest> requests;
  double time = 0;
  for (int i = 0; i < count; ++i) {
    time += random.gamma(0.4) / 0.4 / rate;
    requests.push_back({time, static_cast<std::int32_t>(1 + random.lognormal(5.5, 1.2)),
                        static_cast<std::int32_t>(1 + random.lognormal(4.5, 1.0))});
  }
  return stream_of(requests);
}

void add_prefixes(RequestStream& stream, std::uint64_t seed) {
  RandomStream random(seed, RandomPurpose::turns, 0);
  stream.trace.prefix_block_tokens = 64;
  std::uint32_t fresh = 1000;
  for (TraceRequest& request : stream.trace.requests) {
    request.prefix_begin = static_cast<std::uint32_t>(stream.trace.prefix_hashes.size());
    const auto blocks = static_cast<std::uint32_t>((request.input_tokens + 63) / 64);
    const auto shared = static_cast<std::uint32_t>(random.uniform() * 6);
    const auto family = static_cast<std::uint32_t>(random.uniform() * 3) * 100;
    for (std::uint32_t b = 0; b < blocks; ++b) {
      stream.trace.prefix_hashes.push_back(b < shared ? family + b : fresh++);
    }
    request.prefix_count = static_cast<std::uint16_t>(blocks);
  }
}

class MacroSteps : public ::testing::TestWithParam<int> {
 protected:
  [[nodiscard]] std::uint64_t seed() const { return static_cast<std::uint64_t>(GetParam()); }
};

TEST_P(MacroSteps, EqualSingleStepsWithRoom) {
  expect_equal_modes(one_accelerator(), {random_stream(seed(), 300, 4)});
}

TEST_P(MacroSteps, EqualSingleStepsUnderPreemption) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].kv_cache_tokens = 9000 + 100 * GetParam();
  scenario.pools[0].max_num_seqs = 24;
  expect_equal_modes(scenario, {random_stream(seed(), 300, 8)});
}

TEST_P(MacroSteps, EqualSingleStepsWithPrefixCache) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].kv_cache_tokens = 20000;
  RequestStream stream = random_stream(seed(), 300, 6);
  add_prefixes(stream, seed());
  expect_equal_modes(scenario, {stream});
}

TEST_P(MacroSteps, EqualSingleStepsWithTimeoutsAndPriorities) {
  Scenario scenario = one_accelerator();
  scenario.workloads[0].client_timeout = Seconds(8);
  scenario.workloads.push_back({.name = "urgent"});
  scenario.workloads[1].priority = -1;
  scenario.pools[0].scheduler = "priority";
  scenario.pools[0].max_num_seqs = 8;
  expect_equal_modes(scenario, {random_stream(seed(), 200, 6), random_stream(seed() + 77, 60, 1)});
}

TEST_P(MacroSteps, EqualSingleStepsWithSpeculation) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].speculative = SpeculativeSpec{};
  scenario.pools[0].kv_cache_tokens = 12000;
  expect_equal_modes(scenario, {random_stream(seed(), 200, 6)});
}

TEST_P(MacroSteps, EqualSingleStepsOnAnEngineThatDoesNotMix) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].engine = "sglang";
  expect_equal_modes(scenario, {random_stream(seed(), 300, 6)});
}

TEST_P(MacroSteps, EqualSingleStepsOnAnEngineThatDoesNotScheduleAhead) {
  Scenario scenario = one_accelerator();
  ASSERT_TRUE(catalogs().engines.find("vllm")->schedules_ahead);
  ASSERT_FALSE(catalogs().engines.find("vllm-0.6")->schedules_ahead);
  scenario.pools[0].engine = "vllm-0.6";
  expect_equal_modes(scenario, {random_stream(seed(), 300, 6)});
}

TEST_P(MacroSteps, EqualSingleStepsOnDataParallelRanks) {
  Scenario scenario = one_accelerator();
  scenario.sites[0].racks[0].servers[0].type = "hgx-h100-4";
  scenario.pools[0].model = "qwen3-30b-a3b";
  scenario.pools[0].dp = 4;
  scenario.pools[0].ep = 4;
  scenario.pools[0].max_num_batched_tokens = 512;
  scenario.pools[0].kv_cache_tokens = 6000;
  expect_equal_modes(scenario, {random_stream(seed(), 300, 12)});
}

TEST_P(MacroSteps, EqualSingleStepsOnReplicasThatFail) {
  Scenario scenario = replicas_on_servers(3);
  scenario.failures.server_mtbf = Seconds(40);
  scenario.failures.repair_time = Seconds(5);
  expect_equal_modes(scenario, {random_stream(seed(), 300, 12)});
}

TEST_P(MacroSteps, EqualSingleStepsWhenDisaggregated) {
  Scenario scenario = disaggregated();
  scenario.pools[1].kv_cache_tokens = 15000;
  expect_equal_modes(scenario, {random_stream(seed(), 300, 6)});
}

INSTANTIATE_TEST_SUITE_P(Seeds, MacroSteps, ::testing::Range(1, 9));

}  // namespace
}  // namespace microdc::testing
