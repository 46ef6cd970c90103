// Looking documents up: what stages cost, how lookups queue, where they fit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <sstream>

#include "hwprofiles/base/random.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"
#include "tests/unit/serving/retrieval_rig.hpp"

namespace microdc::testing {
namespace {

std::string errors_of(const Scenario& scenario, std::size_t requests = 1) {
  return run_in_child(scenario, {asking(std::vector<PlainRequest>(requests, {0, 100, 2}))});
}

TEST(RetrievalCatalog, ShapesGiveThePublishedParameters) {
  for (const RetrievalModel& model : catalogs().retrieval.models) {
    const auto embedding = static_cast<double>(model.vocabulary * model.hidden);
    const double counted = model.matrix_parameters() + embedding;
    EXPECT_NEAR(counted / model.parameters->value, 1, 0.025) << model.name;
    EXPECT_EQ(model.dimension > 0, model.task == RetrievalModel::Task::embedding) << model.name;
  }
}

TEST(RetrievalStages, AnEncoderDoesTwoOperationsPerParameterAndToken) {
  const RetrievalModel* model =
      catalogs().retrieval.find("bge-m3", RetrievalModel::Task::embedding);
  ASSERT_NE(model, nullptr);
  // 24 layers of 4 x 1024^2 and 2 x 1024 x 4096: 302 million parameters in matrices.
  EXPECT_EQ(model->matrix_parameters(), 24.0 * 12 * 1024 * 1024);
  double flop = 0;
  for (const Operator& op : encoder_operators(*model, NumberFormat::bf16, 3, 40)) {
    flop += op.count * flop_of(op.kind).value();
  }
  EXPECT_NEAR(flop, 2 * 24.0 * 12 * 1024 * 1024 * 120, 1);
}

TEST(RetrievalStages, ExactSearchReadsEveryVectorOnce) {
  const DeviceLaws laws = laws_of("epyc-7763");
  const LookupCost cost = lookup_cost(parts(small_base()), {}, catalogs().retrieval, laws, 64);
  const StageCost& search = stage(cost, RetrievalStage::search);
  EXPECT_EQ(search.bytes, 100000.0 * 1024 * 2);
  // Law of streaming on a generic CPU: 3 us + bytes / (0.6 x 204.8 GB/s), and 2 ms around it.
  EXPECT_NEAR(search.seconds, 0.002 + 3e-6 + 204.8e6 / (0.6 * 204.8e9), 1e-9);
  EXPECT_EQ(search.cores, 1);
}

TEST(RetrievalStages, AGraphIsWalkedByOneCore) {
  KnowledgeBaseSpec base = small_base();
  base.index = "hnsw";
  const LookupCost cost =
      lookup_cost(parts(base), {}, catalogs().retrieval, laws_of("epyc-7763"), 64);
  const StageCost& search = stage(cost, RetrievalStage::search);
  // 1.5 x 64 x 16 = 1,536 distances of 2,048 bytes, at a 64th of the bandwidth.
  EXPECT_EQ(search.bytes, 1536.0 * 2048);
  EXPECT_NEAR(search.seconds, 0.002 + 3e-6 + 1536.0 * 2048 * 64 / (0.6 * 204.8e9), 1e-9);
  EXPECT_EQ(search.cores, 1.0 / 64);
  // Links: 2 x 16 of 4 bytes per vector.
  EXPECT_EQ(index_bytes(parts(base), catalogs().retrieval).value(), 100000.0 * (2048 + 128));
}

TEST(RetrievalStages, ListsAreReadWhereTheirCentroidsAreNear) {
  KnowledgeBaseSpec base = small_base();
  base.index = "ivf";
  base.chunks = 1'000'000;
  const LookupCost cost =
      lookup_cost(parts(base), {}, catalogs().retrieval, laws_of("epyc-7763"), 64);
  // 4 x 1000 lists; 4,000 centroids and 16 of 4,000 lists with 4,000 vectors.
  EXPECT_NEAR(stage(cost, RetrievalStage::search).bytes, 8000.0 * 2048, 1);
}

TEST(RetrievalStages, RerankingGrowsWithItsCandidates) {
  KnowledgeBaseSpec base = small_base();
  base.reranker = "bge-reranker-v2-m3";
  const DeviceLaws laws = laws_of("h100-sxm-80gb");
  const auto seconds = [&](std::int64_t candidates) {
    return stage(lookup_cost(parts(base), {.candidates = candidates}, catalogs().retrieval, laws,
                             132),
                 RetrievalStage::reranking)
               .seconds -
           0.002;
  };
  EXPECT_NEAR(seconds(200) / seconds(100), 2, 0.1);
  // 100 pairs of 552 tokens through 302 million parameters are 33 TFLOP: at a peak of 989 TFLOP/s
  // 34 ms, and less than four times that.
  EXPECT_GT(seconds(100), 0.0337);
  EXPECT_LT(seconds(100), 0.135);
}

TEST(Retrieval, LookupsOfABurstWaitForEachOther) {
  Scenario scenario = with_documents(small_base());
  const std::vector<PlainRequest> burst(6, {0, 100, 1});
  const std::string answer = in_child([&] {
    const auto result = simulate(scenario, catalogs(), {asking(burst)});
    if (!result) return to_text(result.diagnostics());
    const KnowledgeBaseResult& base = result->knowledge_bases.at(0);
    return fmt::format("{} {} {} {} {} {}", base.devices, base.lookups,
                       *base.total.mean_seconds() - *base.wait.mean_seconds(),
                       *base.wait.mean_seconds(), *result->latency.intake.mean_seconds(),
                       *result->latency.ttft.mean_seconds() -
                           *result->latency.queue.mean_seconds() -
                           *result->latency.prefill.mean_seconds());
  });
  double devices = 0, lookups = 0, service = 0, wait = 0, intake = 0, before_queue = 0;
  std::istringstream(answer) >> devices >> lookups >> service >> wait >> intake >> before_queue;
  EXPECT_EQ(devices, 2) << answer;
  EXPECT_EQ(lookups, 6);
  // Two sockets: the waits are 0, 0, S, S, 2S, 2S.
  EXPECT_NEAR(wait, service, 2e-9);
  // The time to the first token holds them: gateway, lookup, front-end of the engine.
  const double front_end = catalogs().engines.find("vllm")->request_latency->value;
  EXPECT_NEAR(intake, 0.0002 + wait + service + front_end, 1e-8);
  EXPECT_NEAR(before_queue, intake, 1e-8);
}

TEST(Retrieval, RandomLookupsWaitLikeMD1) {
  // With an accelerator of its own there is one device: M/D/1, W = rho S / (2 (1 - rho)).
  Scenario scenario = with_documents({.chunks = 10'000'000, .embedding = "bge-m3"});
  scenario.sites[0].racks[0].servers[0].type = "gpu-pcie-2x-rtx-pro-6000";
  scenario.knowledge_bases[0].device = KnowledgeBaseSpec::Device::accelerator;
  RandomStream arrivals(7, RandomPurpose::arrivals, 0);
  std::vector<PlainRequest> requests;
  double time = 0;
  for (int i = 0; i < 20000; ++i) {
    time += arrivals.exponential() / 20;
    requests.push_back({time, 16, 1});
  }
  const std::string answer = in_child([&] {
    const auto result = simulate(scenario, catalogs(), {asking(requests)});
    if (!result) return to_text(result.diagnostics());
    const KnowledgeBaseResult& base = result->knowledge_bases.at(0);
    return fmt::format("{} {} {}", base.devices, *base.wait.mean_seconds(),
                       *base.total.mean_seconds());
  });
  double devices = 0, wait = 0, total = 0;
  std::istringstream(answer) >> devices >> wait >> total;
  ASSERT_EQ(devices, 1) << answer;
  const double service = total - wait;
  const double load = service * 20000 / time;
  ASSERT_GT(load, 0.2) << answer;
  ASSERT_LT(load, 0.8) << answer;
  EXPECT_NEAR(wait, load * service / (2 * (1 - load)), 0.06 * wait);
}

TEST(Retrieval, WhatDoesNotFitIsInfeasibleAndSaysWhy) {
  Scenario scenario = with_documents(small_base());
  scenario.knowledge_bases[0].chunks = 300'000'000;  // 614 GB
  EXPECT_NE(errors_of(scenario).find("do not fit the memory of a server"), std::string::npos)
      << errors_of(scenario);
  scenario = with_documents(small_base());
  scenario.knowledge_bases[0].device = KnowledgeBaseSpec::Device::accelerator;
  EXPECT_NE(errors_of(scenario).find("no accelerator is left"), std::string::npos)
      << errors_of(scenario);
  scenario.sites[0].racks[0].servers[0].type = "gpu-pcie-2x-rtx-pro-6000";
  EXPECT_EQ(errors_of(scenario).find("failed"), std::string::npos) << errors_of(scenario);
  scenario.knowledge_bases[0].chunks = 50'000'000;  // 102 GB, more than the 96 of one
  EXPECT_NE(errors_of(scenario).find("an accelerator of servers"), std::string::npos)
      << errors_of(scenario);
}

TEST(Retrieval, ChunksThatAModelCannotReadAreAnError) {
  Scenario scenario = with_documents(small_base());
  scenario.knowledge_bases[0].reranker = "ms-marco-minilm-l6";  // 512 tokens; chunks have 512
  EXPECT_NE(errors_of(scenario).find("/workloads/0/retrieval/query_tokens"), std::string::npos);
  scenario.knowledge_bases[0].chunk_tokens = 513;
  EXPECT_NE(errors_of(scenario).find("/knowledge_bases/0/chunk_tokens"), std::string::npos);
}

TEST(Retrieval, OnServersWithoutAcceleratorsItTakesWhatPoolsLeave) {
  Scenario scenario = with_documents(small_base());
  scenario.sites[0].racks[0].servers[0].type = "cpu-2x-xeon-6980p";
  scenario.pools[0].engine = "cpu-native";
  const auto times = [](const Scenario& with) {
    return in_child([&] {
      const auto result = simulate(with, catalogs(), {asking({{0, 100, 2}})});
      if (!result) return to_text(result.diagnostics());
      const KnowledgeBaseResult& base = result->knowledge_bases.at(0);
      return fmt::format("{} {} {}", base.devices, base.beside_model ? 1 : 0,
                         *base.total.mean_seconds());
    });
  };
  double devices = 0, beside = 0, alone = 0;
  std::istringstream(times(scenario)) >> devices >> beside >> alone;
  EXPECT_EQ(devices, 1);
  EXPECT_EQ(beside, 0);
  scenario.pools[0].tp = 2;  // both sockets serve
  double shared = 0;
  std::istringstream(times(scenario)) >> devices >> beside >> shared;
  EXPECT_EQ(devices, 2);
  EXPECT_EQ(beside, 1);
  EXPECT_NEAR(shared / alone, 2, 1e-6);
}

/// Answer of a run with sessions, failures, impatient clients and lookups by some of the requests.
Scenario busy_scenario() {
  Scenario scenario = with_documents(small_base());
  scenario.sites[0].racks[0].servers[0].count = 2;
  scenario.pools[0].replicas = 2;
  scenario.pools[0].kv_cache_tokens = 30000;
  WorkloadSpec& workload = scenario.workloads[0];
  workload.rate = PerSecond(8);
  workload.requests = 400;
  workload.turns_mean = 2;
  workload.think_time = Seconds(3);
  workload.shared_prefix_tokens = 256;
  workload.client_timeout = Seconds(20);
  workload.retrieval->share = 0.6;
  workload.retrieval->chunks = 3;
  scenario.knowledge_bases[0].reranker = "ms-marco-minilm-l6";
  scenario.knowledge_bases[0].chunk_tokens = 400;
  scenario.knowledge_bases[0].popularity_exponent = 1.2;
  return scenario;
}

std::vector<RequestStream> streams_of(const Scenario& scenario) {
  auto streams = make_streams(scenario, ".");
  EXPECT_TRUE(streams) << to_text(streams.diagnostics());
  return streams ? *streams : std::vector<RequestStream>{};
}

TEST(MacroSteps, EqualSingleStepsWithRetrieval) {
  Scenario scenario = busy_scenario();
  for (const double mtbf : {0.0, 40.0}) {
    if (mtbf > 0) scenario.failures = {.server_mtbf = Seconds(mtbf), .repair_time = Seconds(5)};
    const auto streams = streams_of(scenario);
    const std::string jumping = run_in_child(scenario, streams);
    EXPECT_EQ(jumping, run_in_child(scenario, streams, {.single_steps = true}));
    EXPECT_NE(jumping.find("knowledge base documents"), std::string::npos) << jumping;
  }
}

TEST(Determinism, SameSeedSameLookups) {
  const Scenario scenario = busy_scenario();
  const std::string first = run_in_child(scenario, streams_of(scenario));
  EXPECT_EQ(first, run_in_child(scenario, streams_of(scenario)));
}

TEST(Retrieval, EveryRequestEndsOnceUnderFailuresAndTimeouts) {
  Scenario scenario = busy_scenario();
  scenario.failures = {.server_mtbf = Seconds(30), .repair_time = Seconds(5)};
  scenario.workloads[0].client_timeout = Seconds(2);
  const auto streams = streams_of(scenario);
  const std::string answer = in_child([&] {
    const auto result = simulate(scenario, catalogs(), streams);
    if (!result) return to_text(result.diagnostics());
    const RequestCounts& c = result->counts;
    return fmt::format("{} {} {}", c.offered, c.completed + c.rejected + c.timed_out, c.unfinished);
  });
  EXPECT_EQ(answer, "400 400 0");
}

TEST(Retrieval, PopularChunksAreFoundInThePrefixCache) {
  Scenario scenario = busy_scenario();
  scenario.workloads[0].turns_mean = 1;
  scenario.workloads[0].client_timeout.reset();
  scenario.workloads[0].retrieval->share = 1;
  scenario.pools[0].kv_cache_tokens = 200000;
  const auto cached = [&](double exponent) {
    scenario.knowledge_bases[0].popularity_exponent = exponent;
    const auto streams = streams_of(scenario);
    return std::stod(in_child([&] {
      const auto result = simulate(scenario, catalogs(), streams);
      if (!result) return std::string("-1");
      double tokens = 0;
      for (const ReplicaResult& replica : result->replicas) {
        tokens += static_cast<double>(replica.counters.cached_tokens);
      }
      return fmt::format("{}", tokens);
    }));
  };
  // Of 400 prompts nearly all find the stream's 256 tokens; nearly all find the 400 of the chunk of
  // rank 1, which at exponent 3 has the share (1.5^-2 - 0.5^-2) / (0 - 0.5^-2) = 0.89.
  const double even = cached(0);
  EXPECT_NEAR(even, 400.0 * 256, 0.1 * 400 * 256);
  EXPECT_NEAR(cached(3) - even, 0.89 * 400 * 400, 0.15 * 400 * 400);
}

}  // namespace
}  // namespace microdc::testing
