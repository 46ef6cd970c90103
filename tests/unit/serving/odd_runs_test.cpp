// Runs that end early, fail in the wrong moment or are laid out oddly: nothing gets lost or counted
// twice.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <functional>
#include <sstream>

#include "tests/support/equal_modes.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

using Figures = std::vector<double>;

struct SilentObserver : SimulationObserver {
  void on_step_begin(const Replica&, const StepRecord&) override {}
  void on_step_end(const Replica&, const StepRecord&) override {}
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_request(const RequestRecord&) override {}
  void on_sample(const TimelineSample&) override {}
};

/// Figures of a run in a child process; empty, with the reason in the log, if it failed.
Figures figures_of(const Scenario& scenario, const std::vector<RequestStream>& streams,
                   const std::function<Figures(const SimulationResult&)>& choose,
                   const SimulationOptions& options = {}) {
  catalogs();
  const std::string text = in_child([&] {
    const auto result = simulate(scenario, catalogs(), streams, options);
    if (!result) return "failed " + to_text(result.diagnostics());
    std::string line;
    for (const double figure : choose(*result)) line += fmt::format("{} ", figure);
    return line;
  });
  Figures figures;
  std::istringstream in(text);
  for (double figure = 0; in >> figure;) figures.push_back(figure);
  EXPECT_FALSE(figures.empty()) << text;
  return figures;
}

Figures counts_of(const SimulationResult& r) {
  return {static_cast<double>(r.counts.offered), static_cast<double>(r.counts.completed),
          static_cast<double>(r.counts.timed_out), static_cast<double>(r.counts.unfinished),
          static_cast<double>(r.counts.retried)};
}

std::vector<PlainRequest> equal_requests(int count, double gap, std::int32_t input,
                                         std::int32_t output) {
  std::vector<PlainRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back({i * gap, input, output});
  return requests;
}

TEST(Horizon, ARunUnderWayCountsUntilTheEnd) {
  Scenario scenario = one_accelerator();
  scenario.horizon = Seconds(7.5);
  const std::vector<RequestStream> streams{stream_of({{0, 100, 5000}, {7, 200, 5000}})};
  expect_equal_modes(scenario, streams);
  const Figures figures = figures_of(scenario, streams, [](const SimulationResult& r) {
    return Figures{static_cast<double>(r.replicas[0].counters.busy) * 1e-9,
                   static_cast<double>(r.counts.unfinished)};
  });
  EXPECT_NEAR(figures.at(0), 7.5, 0.05);
  EXPECT_EQ(figures.at(1), 2);
}

TEST(Horizon, EndsTheRunAtItsDateWhileAFlowIsUnderWay) {
  // 16,000 tokens are 2.1 GB: the KV cache is on its way for 17 s.
  Scenario scenario = disaggregated();
  scenario.sites[0].racks[0].switch_link = "ethernet-1g";
  scenario.horizon = Seconds(5);
  EXPECT_EQ(figures_of(scenario, {stream_of({{0, 16000, 20}})},
                       [](const SimulationResult& r) {
                         return Figures{static_cast<double>(r.duration),
                                        static_cast<double>(r.counts.unfinished)};
                       }),
            (Figures{5e9, 1}));
}

TEST(Horizon, TheBatchOfAnUnfinishedStepCounts) {
  Scenario scenario = one_accelerator();
  scenario.horizon = Seconds(0.3);
  EXPECT_NEAR(
      figures_of(scenario, {stream_of({{0, 8000, 1}})},
                 [](const SimulationResult& r) { return Figures{r.replicas[0].mean_batch}; })
          .at(0),
      1, 1e-9);
}

TEST(Horizon, BeforeTheFirstArrivalNothingHappens) {
  Scenario scenario = one_accelerator();
  scenario.horizon = Seconds(1);
  EXPECT_EQ(figures_of(scenario, {stream_of({{5, 100, 10}})}, counts_of), (Figures{0, 0, 0, 0, 0}));
}

TEST(Interrupt, IsSeenWhileNobodyArrives) {
  std::atomic<bool> interrupt{true};
  const Figures figures =
      figures_of(one_accelerator(), {stream_of({{0, 100, 100000}})},
                 [](const SimulationResult& r) {
                   return Figures{r.interrupted ? 1.0 : 0.0, static_cast<double>(r.engine.events)};
                 },
                 {.single_steps = true, .interrupt = &interrupt});
  EXPECT_EQ(figures.at(0), 1);
  EXPECT_LT(figures.at(1), 20000);
}

TEST(EventOrder, ReplicasInLockstepStayInOrder) {
  // Two replicas end steps on the same nanosecond; the third request cuts the run of one of them,
  // and who completes first decides where the closed loop's next request goes.
  Scenario scenario = replicas_on_servers(2);
  scenario.gateway.router = "round_robin";
  scenario.workloads.push_back({.name = "closed"});
  RequestStream closed = stream_of(equal_requests(40, 0, 100, 60));
  for (std::size_t i = 0; i < closed.trace.requests.size(); ++i) {
    closed.trace.requests[i].input_tokens += static_cast<std::int32_t>(i / 2) * 10;
  }
  closed.closed_loop = ClosedLoop{.concurrency = 2};
  for (const double first : {0.1, 0.2, 0.3}) {
    expect_equal_modes(scenario, {stream_of({{first, 1, 1}, {first + 2, 1, 1}}), closed});
  }
}

TEST(Failures, EachLostRequestIsRoutedAgainOnce) {
  // Four replicas stand on one server: when it fails, none of the others may take over for a
  // moment.
  Scenario scenario = one_accelerator();
  scenario.sites[0].racks[0].servers[0] = {
      .name = "servers", .type = "gpu-pcie-4x-l40s", .count = 1};
  scenario.pools[0].replicas = 4;
  scenario.failures.server_mtbf = Seconds(60);
  scenario.failures.repair_time = Seconds(10);
  struct Attempts final : SilentObserver {
    void on_request(const RequestRecord& r) override { most = std::max<int>(most, r.attempts); }
    int most = 0;
  };
  Attempts attempts;
  const Figures figures = figures_of(scenario, {stream_of(equal_requests(8, 0.01, 100, 3000))},
                                     [&](const SimulationResult& r) {
                                       Figures all = counts_of(r);
                                       all.push_back(attempts.most);
                                       return all;
                                     },
                                     {.observers = {&attempts}});
  EXPECT_EQ(figures.at(1), 8);
  ASSERT_GT(figures.at(4), 0) << "the test must exercise failures";
  EXPECT_EQ(std::fmod(figures.at(4), 8), 0) << "each failure moves each of the 8 requests once";
  EXPECT_EQ(figures.at(5), 1 + figures.at(4) / 8);
}

TEST(Failures, ARepairAfterTheEndDoesNotCountAsTimeOff) {
  // The repair takes an hour, the run some minutes: stopping at its end must not change its
  // energy.
  Scenario scenario = replicas_on_servers(3);
  scenario.failures.server_mtbf = Seconds(200);
  scenario.failures.repair_time = Seconds(3600);
  const std::vector<RequestStream> streams{stream_of(equal_requests(100, 1, 300, 400))};
  const auto energy = [](const SimulationResult& r) {
    return Figures{r.energy.it->value(), static_cast<double>(r.duration) * 1e-9,
                   static_cast<double>(r.counts.retried)};
  };
  const Figures whole = figures_of(scenario, streams, energy);
  ASSERT_LT(whole.at(1), 1000) << "one server must live through the run";
  ASSERT_GT(whole.at(2), 0) << "the test must exercise failures";
  scenario.horizon = Seconds(whole.at(1));
  EXPECT_NEAR(whole.at(0) / figures_of(scenario, streams, energy).at(0), 1, 1e-6);
}

TEST(Failures, AReplicaOnTwoServersNeedsBoth) {
  Scenario scenario = replicas_on_servers(2);
  scenario.pools[0].replicas = 1;
  scenario.pools[0].pp = 2;
  scenario.failures.server_mtbf = Seconds(300);
  scenario.failures.repair_time = Seconds(200);
  struct LeastPower final : SilentObserver {
    void on_sample(const TimelineSample& s) override {
      if (s.replicas_online > 0) watts = std::min(watts, s.it_power.value());
    }
    double watts = 1e9;
  };
  LeastPower least;
  const Figures figures = figures_of(scenario, {stream_of(equal_requests(60, 40, 300, 1000))},
                                     [&](const SimulationResult& r) {
                                       return Figures{static_cast<double>(r.counts.completed),
                                                      static_cast<double>(r.counts.retried),
                                                      least.watts, r.energy.it_idle->value()};
                                     },
                                     {.observers = {&least}, .sample_interval = Seconds(1)});
  EXPECT_EQ(figures.at(0), 60);
  EXPECT_GT(figures.at(1), 0) << "the test must exercise failures";
  EXPECT_GE(figures.at(2), 0.999 * figures.at(3)) << "it served while a server had no power";
}

TEST(Timeouts, DuringATransferEndTheRequest) {
  // 16,000 tokens are 2.1 GB: seconds at 10 GbE, and the client gives up meanwhile.
  Scenario scenario = disaggregated();
  scenario.sites[0].racks[0].switch_link = "ethernet-1g";
  scenario.workloads[0].client_timeout = Seconds(4);
  EXPECT_EQ(figures_of(scenario, {stream_of({{0, 16000, 20}})}, counts_of),
            (Figures{1, 0, 1, 0, 0}));
}

TEST(Timeouts, InTheLastStepEndTheRequest) {
  // One step computes 8,000 tokens in well over 0.3 s; its token comes too late for the client.
  Scenario scenario = one_accelerator();
  scenario.workloads[0].client_timeout = Seconds(0.3);
  const std::vector<RequestStream> streams{stream_of({{0, 8000, 1}})};
  EXPECT_EQ(figures_of(scenario, streams, counts_of), (Figures{1, 0, 1, 0, 0}));
}

TEST(Timeouts, InTheLastStepOfThePrefillEndTheRequest) {
  Scenario scenario = disaggregated();
  scenario.workloads[0].client_timeout = Seconds(0.3);
  const std::vector<RequestStream> streams{stream_of({{0, 8000, 20}})};
  EXPECT_EQ(figures_of(scenario, streams, counts_of), (Figures{1, 0, 1, 0, 0}));
  EXPECT_EQ(figures_of(scenario, streams,
                       [](const SimulationResult& r) {
                         return Figures{static_cast<double>(r.replicas[1].counters.steps)};
                       }),
            Figures{0})
      << "nobody waits for the answer";
}

TEST(Timeouts, WhileTheDecodeServersAreDownEndTheRequest) {
  Scenario scenario = disaggregated();
  scenario.workloads[0].client_timeout = Seconds(20);
  scenario.failures.server_mtbf = Seconds(60);
  scenario.failures.repair_time = Seconds(60);
  for (scenario.seed = 1; scenario.seed <= 4; ++scenario.seed) {
    const Figures figures =
        figures_of(scenario, {stream_of(equal_requests(300, 1, 500, 100))}, counts_of);
    EXPECT_EQ(figures.at(0), 300);
    EXPECT_GT(figures.at(2), 0) << "the test must exercise timeouts";
    EXPECT_EQ(figures.at(1) + figures.at(2), 300);
  }
}

TEST(Timeouts, WorkOfThoseWhoGaveUpIsWithinTheMeasuredTime) {
  Scenario scenario = one_accelerator();
  scenario.workloads[0].client_timeout = Seconds(3);
  const Figures figures =
      figures_of(scenario, {stream_of({{0, 100, 9000}, {0, 100, 9000}})}, [](const auto& r) {
        return Figures{static_cast<double>(r.duration) * 1e-9,
                       static_cast<double>(r.replicas[0].counters.busy) * 1e-9};
      });
  EXPECT_NEAR(figures.at(0), 3, 0.1);
  EXPECT_LE(figures.at(1), figures.at(0));
}

TEST(Speculation, ARequestThatJustFitsIsServed) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].speculative = SpeculativeSpec{};
  scenario.pools[0].kv_cache_tokens = 1024;
  // 1000 + 25 tokens: the last one is never written to the 1024 tokens of cache.
  EXPECT_EQ(figures_of(scenario, {stream_of({{0, 1000, 25}})}, counts_of),
            (Figures{1, 1, 0, 0, 0}));
}

TEST(Preemption, TheLeastUrgentRequestYields) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].scheduler = "priority";
  scenario.pools[0].kv_cache_tokens = 2048;
  scenario.workloads[0].priority = 5;
  scenario.workloads.push_back({.name = "urgent"});
  // The patient request comes first; the urgent one is admitted last and would yield under FCFS.
  const std::vector<RequestStream> streams{stream_of({{0, 600, 800}}),
                                           stream_of({{0.1, 600, 800}})};
  const Figures figures = figures_of(scenario, streams, [](const SimulationResult& r) {
    return Figures{static_cast<double>(r.replicas[0].counters.preemptions),
                   r.streams[0].latency.e2e.mean_seconds().value_or(-1),
                   r.streams[1].latency.e2e.mean_seconds().value_or(-1)};
  });
  EXPECT_GT(figures.at(0), 0) << "the test must exercise preemption";
  EXPECT_LT(figures.at(2), 0.8 * figures.at(1));
  expect_equal_modes(scenario, streams);
}

TEST(Memory, WindowsAndStatesTakeTheirPlaceInTheCache) {
  // Up to 1024 tokens, all 62 layers of Gemma 3 27B keep 8192 bytes per token, not only the 10
  // with full attention. Nemotron Nano keeps 27 Mamba states of 5.3 MB, whatever the length.
  const auto most_at_once = [](const std::string& model) {
    Scenario scenario = one_accelerator();
    scenario.sites[0].racks[0].servers[0].type = "h100-1x";
    scenario.pools[0].model = model;
    scenario.pools[0].max_num_seqs = 4096;
    struct Batch final : SilentObserver {
      void on_step_begin(const Replica& replica, const StepRecord&) override {
        most = std::max(most, replica.running());
      }
      std::int64_t most = 0;
    };
    Batch batch;
    const Figures figures =
        figures_of(scenario, {stream_of(equal_requests(1000, 0, 900, 101))},
                   [&](const SimulationResult& r) {
                     return Figures{static_cast<double>(batch.most),
                                    static_cast<double>(r.replicas[0].kv_capacity_tokens)};
                   },
                   {.observers = {&batch}});
    return figures;
  };
  // Blocks of 16 tokens with full attention that a request of 1000 tokens takes.
  const Figures gemma = most_at_once("gemma-3-27b");
  EXPECT_NEAR(gemma.at(0), gemma.at(1) / 16 / (63 + 52 * 1000 / 10 / 16), 0.05 * gemma.at(0));
  const Figures nemotron = most_at_once("nemotron-nano-9b-v2");
  const double state = 27 * 5316608.0 / (4 * 2 * 8 * 128 * 2);  // in tokens
  EXPECT_NEAR(nemotron.at(0), nemotron.at(1) / (16 * 63 + state), 0.05 * nemotron.at(0));
}

TEST(Layouts, ARequestHasToFitOneDataParallelRank) {
  Scenario scenario = one_accelerator();
  scenario.sites[0].racks[0].servers[0].type = "hgx-a100-8";
  scenario.pools[0].model = "gpt-oss-20b";
  scenario.pools[0].dp = 2;
  scenario.pools[0].ep = 2;
  scenario.pools[0].kv_cache_tokens = 1024;
  EXPECT_EQ(figures_of(scenario, {stream_of({{0, 800, 10}, {0, 1500, 10}})},
                       [](const SimulationResult& r) {
                         return Figures{static_cast<double>(r.counts.completed),
                                        static_cast<double>(r.counts.rejected)};
                       }),
            (Figures{1, 1}));
}

TEST(Timeline, KvUseGrowsWithinARunOfSteps) {
  struct Uses final : SilentObserver {
    void on_sample(const TimelineSample& s) override { all.push_back(s.kv_use); }
    std::vector<double> all;
  };
  const auto uses = [](bool single_steps) {
    Uses seen;
    return figures_of(
        one_accelerator(), {stream_of({{0, 100, 3000}})},
        [&](const SimulationResult&) { return seen.all; },
        {.single_steps = single_steps, .observers = {&seen}, .sample_interval = Seconds(1)});
  };
  const Figures jumping = uses(false);
  EXPECT_GT(jumping.size(), 10U);
  EXPECT_EQ(jumping, uses(true));
}

TEST(Placement, APoolWithoutAGroupSpreadsOverAllRacks) {
  Scenario scenario = one_accelerator();
  RackSpec other = scenario.sites[0].racks[0];
  other.name = "other";
  other.servers[0].name = "others";
  scenario.sites[0].racks.push_back(other);
  scenario.pools[0].replicas = 2;
  const Figures figures =
      figures_of(scenario, {stream_of(equal_requests(20, 0.1, 100, 200))}, [](const auto& r) {
        return Figures{r.replicas[0].servers[0] != r.replicas[1].servers[0] ? 1.0 : 0.0,
                       static_cast<double>(r.replicas[1].counters.prefill_tokens)};
      });
  EXPECT_EQ(figures.at(0), 1);
  EXPECT_GT(figures.at(1), 0);
}

}  // namespace
}  // namespace microdc::testing
