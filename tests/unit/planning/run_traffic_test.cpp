#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using microdc::testing::conventions;
using microdc::testing::plain_run;

RunTraffic traffic_of(const MeasuredRun& run, const SourceConvention& source = {},
                      const std::vector<TraceRequest>* requests = nullptr) {
  auto traffic = run_traffic(run, conventions(), source, requests, 1);
  if (const auto* skip = std::get_if<Skip>(&traffic)) {
    ADD_FAILURE() << skip->reason;
    return {};
  }
  return std::move(std::get<RunTraffic>(traffic));
}

std::string reason(const MeasuredRun& run) {
  const auto traffic = run_traffic(run, conventions(), {}, nullptr, 1);
  const auto* skip = std::get_if<Skip>(&traffic);
  return skip == nullptr ? "" : skip->reason;
}

TEST(RunTraffic, ClosedLoopTakesTenRequestsPerClient) {
  const RunTraffic traffic = traffic_of(plain_run());
  ASSERT_TRUE(traffic.stream.closed_loop.has_value());
  EXPECT_EQ(traffic.stream.closed_loop->concurrency, 4);
  ASSERT_EQ(traffic.stream.trace.requests.size(), 40u);
  for (const TraceRequest& request : traffic.stream.trace.requests) {
    EXPECT_EQ(request.input_tokens, 1000);
    EXPECT_EQ(request.output_tokens, 200);
  }
  MeasuredRun counted = plain_run();
  counted.num_requests = 7;
  EXPECT_EQ(traffic_of(counted).stream.trace.requests.size(), 7u);
}

TEST(RunTraffic, UniformLengths) {
  MeasuredRun run = plain_run();
  run.input_dist = "nominal ISL (InferenceX draws uniform ~[0.8,1.0]*ISL)";
  const RunTraffic traffic = traffic_of(run);
  EXPECT_NEAR(traffic.mean_input, 900, 9);
  const auto [least, most] = std::minmax_element(
      traffic.stream.trace.requests.begin(), traffic.stream.trace.requests.end(),
      [](const auto& a, const auto& b) { return a.input_tokens < b.input_tokens; });
  EXPECT_GE(least->input_tokens, 800);
  EXPECT_LE(most->input_tokens, 1000);
  EXPECT_GT(most->input_tokens - least->input_tokens, 150);
}

TEST(RunTraffic, NaturalLengthsKeepTheirMean) {
  MeasuredRun run = plain_run();
  run.concurrency = 100;
  run.output_dist = "real dataset prompts, natural EOS";
  const RunTraffic traffic = traffic_of(run);
  EXPECT_NEAR(traffic.mean_output, 200, 4);
}

TEST(RunTraffic, UnknownPromptsByWorkload) {
  MeasuredRun run = plain_run();
  run.input_tokens_mean = std::nullopt;
  run.concurrency = 100;
  run.workload_name = "lm-arena-chat";
  const double chat = conventions().workload("lm-arena-chat")->input_tokens->value;
  EXPECT_NEAR(traffic_of(run).mean_input, chat, 0.05 * chat);
}

TEST(RunTraffic, BurstAllAtOnce) {
  MeasuredRun run = plain_run();
  run.arrival_process = "burst_inf_rate";
  run.concurrency = std::nullopt;
  run.num_requests = 50;
  run.max_num_seqs = 16;
  const RunTraffic whole = traffic_of(run);
  EXPECT_EQ(whole.stream.trace.requests.size(), 50u);
  EXPECT_FALSE(whole.stream.closed_loop.has_value());
  EXPECT_EQ(whole.max_num_seqs, 16);
  EXPECT_FALSE(whole.steady_state);
  // Of a source that reports the steady state: the published number unless the batch swallows it.
  const SourceConvention steady{.steady_state = true};
  EXPECT_TRUE(traffic_of(run, steady).steady_state);
  EXPECT_EQ(traffic_of(run, steady).stream.trace.requests.size(), 50u);
  run.max_num_seqs = 64;
  EXPECT_GT(traffic_of(run, steady).stream.trace.requests.size(), 200u);
}

TEST(RunTraffic, OpenLoopKeepsItsRate) {
  MeasuredRun run = plain_run();
  run.arrival_process = "poisson_fixed_count (a tool)";
  run.concurrency = std::nullopt;
  run.num_requests = 100;
  run.arrival_rate_rps = 4;
  const auto& requests = traffic_of(run).stream.trace.requests;
  EXPECT_TRUE(std::is_sorted(requests.begin(), requests.end(),
                             [](const auto& a, const auto& b) { return a.arrival < b.arrival; }));
  EXPECT_LE(requests.back().arrival, 25'000'000'000);
  run.arrival_process = "constant";
  const auto& even = traffic_of(run).stream.trace.requests;
  EXPECT_EQ(even[1].arrival - even[0].arrival, even[51].arrival - even[50].arrival);
  EXPECT_NEAR(static_cast<double>(even[1].arrival - even[0].arrival), 25e9 / 101, 2);
}

TEST(RunTraffic, LoadStagesFromNotes) {
  MeasuredRun run = plain_run();
  run.arrival_process = "poisson_fixed_count";
  run.arrival_rate_rps = std::nullopt;
  run.notes = "whole run = 2 load stages [(8, 600), (20, 600)] pooled";
  const auto& requests = traffic_of(run).stream.trace.requests;
  ASSERT_EQ(requests.size(), 8u * 600 + 20u * 600);
  EXPECT_LE(requests[4799].arrival, 600'000'000'000);
  EXPECT_GT(requests[4800].arrival, 600'000'000'000);
}

TEST(RunTraffic, ReplaysPublishedRequests) {
  MeasuredRun run = plain_run();
  run.arrival_process = "trace_sweep";
  const std::vector<TraceRequest> published{
      {.arrival = 0, .input_tokens = 10, .output_tokens = 3},
      {.arrival = 500, .input_tokens = 20, .output_tokens = 4}};
  const auto& requests = traffic_of(run, {}, &published).stream.trace.requests;
  ASSERT_EQ(requests.size(), 2u);
  EXPECT_EQ(requests[1].arrival, 500);
  EXPECT_EQ(requests[1].output_tokens, 4);
}

TEST(RunTraffic, SharedPrefixAsBlocks) {
  MeasuredRun run = plain_run();
  run.shared_prefix_tokens = 100;
  run.prefix_caching = 1;
  const Trace& trace = traffic_of(run).stream.trace;
  EXPECT_EQ(trace.prefix_block_tokens, 16);
  EXPECT_EQ(trace.prefix_hashes.size(), 6u);
  EXPECT_EQ(trace.requests.front().prefix_count, 6);
  run.prefix_caching = 0;
  EXPECT_TRUE(traffic_of(run).stream.trace.prefix_hashes.empty());
}

TEST(RunTraffic, Skips) {
  MeasuredRun run = plain_run();
  run.concurrency = std::nullopt;
  EXPECT_EQ(reason(run), "closed loop without a concurrency");
  run.arrival_process = "static_batch";
  EXPECT_EQ(reason(run), "static batch without a batch size");
  run.arrival_process = "burst_inf_rate";
  EXPECT_EQ(reason(run), "burst without a number of requests");
  run.arrival_process = "poisson_trace";
  EXPECT_EQ(reason(run), "arrival times are not known (no rate, no requests)");
  run.arrival_process = "by moonlight";
  EXPECT_EQ(reason(run), "arrival process \"by moonlight\" is not known");
  run.arrival_process = "";
  EXPECT_EQ(reason(run), "no arrival process, concurrency or rate");
}

}  // namespace
}  // namespace microdc
