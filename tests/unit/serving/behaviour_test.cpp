// What users rely on: caches save work, routers spread it, failures are survived, flows take time.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <sstream>

#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

std::string simulated(const Scenario& scenario, const std::vector<RequestStream>& streams,
                      const std::function<std::string(const SimulationResult&)>& figures) {
  catalogs();
  return in_child([&] {
    const auto result = simulate(scenario, catalogs(), streams);
    return result ? figures(*result) : "failed\n" + to_text(result.diagnostics());
  });
}

std::vector<PlainRequest> steady(int count, double gap, std::int32_t input, std::int32_t output) {
  std::vector<PlainRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back({i * gap, input, output});
  return requests;
}

/// All requests share their first blocks of 64 tokens, as behind one system prompt.
RequestStream with_shared_prefix(RequestStream stream, int shared_blocks) {
  stream.trace.prefix_block_tokens = 64;
  for (int b = 0; b < shared_blocks; ++b) {
    stream.trace.prefix_hashes.push_back(static_cast<std::uint32_t>(b));
  }
  for (TraceRequest& request : stream.trace.requests) {
    request.prefix_count = static_cast<std::uint16_t>(shared_blocks);
  }
  return stream;
}

TEST(GatheredArrivals, BeginTogether) {
  const RequestStream batch = stream_of({{0, 100, 1}, {0, 100, 1}, {0, 100, 1}, {5, 100, 1}});
  const auto steps = [](const SimulationResult& r) {
    return std::to_string(r.replicas[0].counters.steps);
  };
  // A server begins with the first, the other two share the next step; so does the last one alone.
  EXPECT_EQ(simulated(one_accelerator(), {batch}, steps), "3");
  Scenario program = one_accelerator();
  program.pools[0].gathers_arrivals = true;
  EXPECT_EQ(simulated(program, {batch}, steps), "2");
  EXPECT_EQ(run_in_child(program, {batch}), run_in_child(program, {batch}, {.single_steps = true}));
}

TEST(PrefixCaching, SharedSystemPromptIsComputedOnce) {
  const RequestStream stream = with_shared_prefix(stream_of(steady(20, 2.0, 1000, 10)), 8);
  const auto tokens = [](const SimulationResult& r) {
    return fmt::format("{} {}", r.replicas[0].counters.prefill_tokens,
                       r.replicas[0].counters.cached_tokens);
  };
  // 20 prompts of 1000 tokens; after the first, 8 * 64 = 512 tokens of each are in the cache.
  EXPECT_EQ(simulated(one_accelerator(), {stream}, tokens),
            fmt::format("{} {}", 20 * 1000 - 19 * 512, 19 * 512));
  Scenario without = one_accelerator();
  without.pools[0].prefix_caching = false;
  EXPECT_EQ(simulated(without, {stream}, tokens), "20000 0");
}

TEST(PrefixCaching, TheNextTurnFindsPromptAndAnswer) {
  RequestStream stream = stream_of({{0, 640, 129}, {1.0, 1024, 10}});
  stream.trace.prefix_block_tokens = 64;
  for (std::uint32_t b = 0; b < 16; ++b) stream.trace.prefix_hashes.push_back(b);
  stream.trace.requests[0].prefix_count = 10;  // 640 tokens
  stream.trace.requests[1].prefix_count =
      16;  // 1024 tokens: 640 + 128 of the answer + a new prompt
  stream.follows = {-1, 0};
  // Of the second prompt, 768 tokens (12 blocks) were computed in the first turn.
  EXPECT_EQ(simulated(one_accelerator(), {stream},
                      [](const SimulationResult& r) {
                        return fmt::format("{}", r.replicas[0].counters.cached_tokens);
                      }),
            "768");
}

TEST(PrefixCaching, PromptsThatArriveTogetherShareTheirPrefix) {
  // Two wait for the step of another one and are scheduled together. As in vLLM v1, blocks can be
  // shared from when their computation is scheduled: 62 * 64 tokens.
  Scenario scenario = one_accelerator();
  scenario.workloads.push_back({.name = "other"});
  const RequestStream stream =
      with_shared_prefix(stream_of({{0.01, 4000, 10}, {0.01, 4000, 10}}), 62);
  EXPECT_EQ(simulated(scenario, {stream, stream_of({{0, 2000, 1}})},
                      [](const SimulationResult& r) {
                        return fmt::format("{} {}", r.replicas[0].counters.prefill_tokens,
                                           r.replicas[0].counters.cached_tokens);
                      }),
            "6032 3968");
}

TEST(PrefixCaching, EqualPromptsDoNotCutOffEachOthersConversations) {
  // Two conversations begin with the same 640 tokens at the same time and then differ.
  RequestStream stream =
      stream_of({{0, 640, 129}, {0, 640, 129}, {1.0, 1024, 10}, {5.0, 1024, 10}});
  stream.trace.prefix_block_tokens = 64;
  for (std::uint32_t b = 0; b < 16; ++b) stream.trace.prefix_hashes.push_back(b);
  for (std::uint32_t b = 0; b < 16; ++b) stream.trace.prefix_hashes.push_back(b < 10 ? b : 10 + b);
  for (std::size_t i = 0; i < 4; ++i) {
    stream.trace.requests[i].prefix_begin = i % 2 == 0 ? 0 : 16;
    stream.trace.requests[i].prefix_count = i < 2 ? 10 : 16;
  }
  stream.follows = {-1, -1, 0, 1};
  // The last token of a prompt is always computed, hence 9 blocks of the second prompt. Each next
  // turn finds its own 12 blocks of prompt and answer.
  EXPECT_EQ(simulated(one_accelerator(), {stream},
                      [](const SimulationResult& r) {
                        return fmt::format("{}", r.replicas[0].counters.cached_tokens);
                      }),
            fmt::format("{}", 9 * 64 + 768 + 768));
}

TEST(PrefixCaching, StreamsDoNotShareEqualIds) {
  Scenario scenario = one_accelerator();
  scenario.workloads.push_back({.name = "other"});
  const RequestStream one = with_shared_prefix(stream_of({{0, 1000, 5}}), 8);
  const RequestStream other = with_shared_prefix(stream_of({{5, 1000, 5}}), 8);
  EXPECT_EQ(simulated(scenario, {one, other},
                      [](const SimulationResult& r) {
                        return fmt::format("{}", r.replicas[0].counters.cached_tokens);
                      }),
            "0");
}

Scenario replicas(std::int64_t count, const std::string& router) {
  Scenario scenario = replicas_on_servers(count);
  scenario.gateway.router = router;
  return scenario;
}

std::string steps_of_replicas(const SimulationResult& r) {
  std::string text;
  for (const ReplicaResult& replica : r.replicas) {
    text += fmt::format("{} ", replica.counters.prefill_tokens);
  }
  return text;
}

TEST(Routers, RoundRobinTakesEachInTurn) {
  EXPECT_EQ(simulated(replicas(3, "round_robin"), {stream_of(steady(9, 0.001, 100, 5))},
                      steps_of_replicas),
            "300 300 300 ");
}

TEST(Routers, LeastLoadedAvoidsTheBusyReplica) {
  // A long request first; while it runs, short ones come one at a time.
  std::vector<PlainRequest> requests{{0, 100, 2000}};
  for (int i = 1; i <= 6; ++i) requests.push_back({i * 1.0, 50, 2});
  EXPECT_EQ(simulated(replicas(2, "least_loaded"), {stream_of(requests)}, steps_of_replicas),
            "100 300 ");
}

TEST(Routers, PrefixAffinityReturnsToTheWarmCache) {
  const RequestStream stream = with_shared_prefix(stream_of(steady(12, 3.0, 1000, 10)), 8);
  const auto cached = [](const SimulationResult& r) {
    std::int64_t total = 0;
    for (const ReplicaResult& replica : r.replicas) total += replica.counters.cached_tokens;
    return fmt::format("{}", total);
  };
  EXPECT_EQ(simulated(replicas(3, "prefix_affinity"), {stream}, cached),
            fmt::format("{}", 11 * 512));
  EXPECT_EQ(simulated(replicas(3, "round_robin"), {stream}, cached), fmt::format("{}", 9 * 512));
}

TEST(Failures, RequestsMoveToTheOtherReplicaAndAllFinish) {
  Scenario scenario = replicas(2, "least_loaded");
  scenario.failures.server_mtbf = Seconds(30);
  scenario.failures.repair_time = Seconds(10);
  const std::string figures =
      simulated(scenario, {stream_of(steady(200, 0.5, 300, 200))}, [](const SimulationResult& r) {
        return fmt::format("{} {} {}", r.counts.offered, r.counts.completed, r.counts.retried);
      });
  std::int64_t offered = 0, completed = 0, retried = 0;
  std::istringstream(figures) >> offered >> completed >> retried;
  EXPECT_EQ(offered, 200) << figures;
  EXPECT_EQ(completed, 200);
  EXPECT_GT(retried, 0) << "the test must exercise failures";
}

TEST(Timeouts, ImpatientClientsAreCountedAndTheirWorkStops) {
  Scenario scenario = one_accelerator();
  scenario.workloads[0].client_timeout = Seconds(1.5);
  const std::string figures =
      simulated(scenario, {stream_of({{0, 100, 10}, {0.1, 100, 5000}, {0.2, 100, 20}})},
                [](const SimulationResult& r) {
                  return fmt::format("{} {} {:.1f}", r.counts.completed, r.counts.timed_out,
                                     static_cast<double>(r.replicas[0].counters.busy) * 1e-9);
                });
  // The long one gives up 1.5 s after its arrival; the replica is busy about as long.
  EXPECT_EQ(figures.substr(0, 4), "2 1 ") << figures;
  EXPECT_LT(std::stod(figures.substr(4)), 1.8);
}

TEST(Disaggregation, PrefillAndDecodeRunOnTheirOwnReplicas) {
  const std::string figures = simulated(
      disaggregated(), {stream_of(steady(10, 1.0, 2000, 50))}, [](const SimulationResult& r) {
        return fmt::format("{} {} {} {}", r.counts.completed, r.replicas[0].counters.prefill_tokens,
                           r.replicas[1].counters.prefill_tokens, r.replicas[1].counters.steps);
      });
  EXPECT_EQ(figures, "10 20000 0 490");
}

TEST(Disaggregation, TheDecodePoolMayStandFirst) {
  Scenario scenario = disaggregated();
  std::swap(scenario.pools[0], scenario.pools[1]);
  EXPECT_EQ(simulated(scenario, {stream_of(steady(10, 1.0, 2000, 50))},
                      [](const SimulationResult& r) {
                        return fmt::format("{} {}", r.replicas[0].counters.prefill_tokens,
                                           r.replicas[1].counters.prefill_tokens);
                      }),
            "0 20000");
}

TEST(Disaggregation, TheFirstGapHoldsTheTransfer) {
  // 2.1 GB at 10 GbE lie between the first token and the second.
  Scenario scenario = disaggregated();
  scenario.sites[0].racks[0].switch_link = "ethernet-10g";
  const std::string figures =
      simulated(scenario, {stream_of({{0, 16000, 20}})}, [](const SimulationResult& r) {
        return fmt::format("{} {} {}", r.latency.itl.count(),
                           r.latency.itl.mean_seconds().value_or(-1) * 19,
                           *r.latency.e2e.mean_seconds() - *r.latency.ttft.mean_seconds());
      });
  double gaps = 0, sum = 0, answer = 0;
  std::istringstream(figures) >> gaps >> sum >> answer;
  EXPECT_EQ(gaps, 19) << figures;
  EXPECT_NEAR(sum, answer, 1e-6);
}

TEST(Disaggregation, DecodingStaysWithinItsBlocks) {
  // Prompts fill their blocks exactly: a cache that arrives takes two blocks and asks for a third
  // at once. Five blocks hold one request then, not two.
  Scenario scenario = disaggregated();
  scenario.pools[1].kv_cache_tokens = 5 * 16;
  EXPECT_EQ(simulated(scenario, {stream_of(steady(6, 0, 32, 16))},
                      [](const SimulationResult& r) {
                        return fmt::format("{} {}", r.counts.completed,
                                           r.replicas[1].counters.peak_blocks);
                      }),
            "6 3");
}

TEST(Disaggregation, TheKvCacheTakesItsTimeOnTheNetwork) {
  // 16,000 tokens of Llama 3.1 8B are 2.1 GB: on one port 0.17 s at 100 GbE, 1.7 s at 10 GbE.
  const auto mean_e2e = [](const std::string& nic) {
    Scenario scenario = disaggregated();
    scenario.sites[0].racks[0].switch_link = nic;
    return std::stod(
        simulated(scenario, {stream_of({{0, 16000, 20}})}, [](const SimulationResult& r) {
          return fmt::format("{}", r.latency.e2e.mean_seconds().value_or(-1));
        }));
  };
  const double fast = mean_e2e("ethernet-100g");
  const double slow = mean_e2e("ethernet-10g");
  const double bytes = 16000.0 * 131072;
  const auto ports = static_cast<double>(catalogs().hardware.server("a100-1x")->network_ports);
  EXPECT_NEAR(slow - fast, (bytes / 1.25e9 - bytes / 12.5e9) / ports, 0.01 * (slow - fast));
}

TEST(Speculation, AcceptedDraftsSaveSteps) {
  Scenario scenario = one_accelerator();
  const auto steps = [&](const Scenario& s) {
    return std::stoll(simulated(s, {stream_of({{0, 100, 4001}})}, [](const SimulationResult& r) {
      return fmt::format("{}", r.replicas[0].counters.steps);
    }));
  };
  EXPECT_EQ(steps(scenario), 4001);
  scenario.pools[0].speculative = SpeculativeSpec{.draft_tokens = 3, .acceptance = 0.7};
  // Mean tokens per step: (1 - 0.7^4) / (1 - 0.7) = 2.533 (Leviathan et al. 2023, eq. 1).
  EXPECT_NEAR(static_cast<double>(steps(scenario)), 1 + 4000 / 2.533, 40);
}

TEST(Hosts, AFasterCpuShortensHostBoundSteps) {
  // The smallest model on a fast accelerator: its steps wait for the host.
  const Catalogs& known = catalogs();
  const auto laws = make_device_laws(known.hardware, known.profiles, "h100-sxm-80gb", "vllm");
  ASSERT_TRUE(laws);
  const auto step = [&](double host_speed) {
    StepCost cost(StepWork(*known.models.find("qwen3-0.6b"), {}, {}), *laws,
                  *known.engines.find("vllm"), host_speed, {});
    return cost.explain({.decode_sequences = 1, .decode_kv_tokens = 500, .sampled_sequences = 1});
  };
  EXPECT_GT(step(1).host, step(1).kernels);
  EXPECT_NEAR(step(1).host / step(2).host, 2, 1e-9);
  EXPECT_LT(step(2).total, step(1).total);
}

TEST(Hosts, OnACpuThatAlsoComputesHostAndKernelsTakeTurns) {
  const Catalogs& known = catalogs();
  const auto laws = make_device_laws(known.hardware, known.profiles, "epyc-9654", "vllm");
  ASSERT_TRUE(laws);
  const auto step = [&](const ServingEngine& engine) {
    StepCost cost(StepWork(*known.models.find("qwen3-0.6b"), {}, {}), *laws, engine, 1, {});
    return cost.explain({.decode_sequences = 1, .decode_kv_tokens = 500, .sampled_sequences = 1});
  };
  ServingEngine engine = *known.engines.find("pytorch-cpu");
  ASSERT_FALSE(engine.host_overlaps);
  const StepBreakdown in_turn = step(engine);
  const auto layers = static_cast<double>(known.models.find("qwen3-0.6b")->layers);
  EXPECT_NEAR(in_turn.host, layers * engine.layer_overhead->value, 1e-12);
  EXPECT_NEAR(in_turn.total, in_turn.kernels + in_turn.host, 1e-12);
  engine.host_overlaps = true;
  EXPECT_LT(step(engine).total, in_turn.total);
  // Elementwise work by passes: the factor moves that part of the kernels and nothing else.
  const double with_passes = in_turn.kernels;
  const double passes = engine.elementwise_factor->value;
  engine.elementwise_factor->value = 1;
  const double fused = step(engine).kernels;
  engine.elementwise_factor->value = 2;
  const double share = step(engine).kernels - fused;
  EXPECT_GT(share, 0);
  EXPECT_NEAR(with_passes - fused, (passes - 1) * share, 1e-9);
}

}  // namespace
}  // namespace microdc::testing
