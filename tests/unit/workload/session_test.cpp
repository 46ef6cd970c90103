// Conversations and shared prefixes.
#include <algorithm>
#include <cmath>

#include "sim/workload/generators.hpp"
#include "sim/workload/trace_tools.hpp"
#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

WorkloadSpec session_spec() {
  WorkloadSpec spec;
  spec.kind = "poisson";
  spec.rate = PerSecond(2);
  spec.duration = Seconds(20000);
  spec.turns_mean = 2;
  spec.input.mean = 300;
  spec.output.mean = 100;
  return spec;
}

RequestStream make_sessions(const WorkloadSpec& spec) {
  auto made = make_requests(spec, 1, 0, ".");
  EXPECT_TRUE(made.ok()) << to_text(made.diagnostics());
  return made.ok() ? *made : RequestStream{};
}

TEST(Sessions, KeepTheRateAndTheMeanNumberOfTurns) {
  const RequestStream stream = make_sessions(session_spec());
  const auto n = static_cast<double>(stream.trace.requests.size());
  EXPECT_NEAR(n, 40000, 1200);
  ASSERT_EQ(stream.follows.size(), stream.trace.requests.size());
  const auto openers =
      static_cast<double>(std::count(stream.follows.begin(), stream.follows.end(), -1));
  EXPECT_NEAR(n / openers, 2, 0.04);
}

TEST(Sessions, FollowUpsStandBehindOpenersAndTheirPredecessor) {
  const RequestStream stream = make_sessions(session_spec());
  bool behind = false;
  Nanoseconds before = 0;
  for (std::size_t i = 0; i < stream.follows.size(); ++i) {
    if (stream.follows[i] < 0) {
      EXPECT_FALSE(behind);
      EXPECT_GE(stream.trace.requests[i].arrival, before);
      before = stream.trace.requests[i].arrival;
    } else {
      behind = true;
      EXPECT_LT(stream.follows[i], static_cast<std::int32_t>(i));
    }
  }
}

TEST(Sessions, PromptsGrowByTheConversationSoFar) {
  WorkloadSpec spec = session_spec();
  spec.input.max = 1000;
  const RequestStream stream = make_sessions(spec);
  for (std::size_t i = 0; i < stream.follows.size(); ++i) {
    if (stream.follows[i] < 0) continue;
    const TraceRequest& before = stream.trace.requests[static_cast<std::size_t>(stream.follows[i])];
    EXPECT_EQ(stream.trace.requests[i].input_tokens,
              std::min(before.input_tokens + 100 + 300, 1000));
  }
}

TEST(Sessions, ThinkTimeHasItsMedianAndSpread) {
  const RequestStream stream = make_sessions(session_spec());
  std::vector<double> times;
  for (std::size_t i = 0; i < stream.follows.size(); ++i) {
    if (stream.follows[i] >= 0) {
      times.push_back(static_cast<double>(stream.trace.requests[i].arrival) * 1e-9);
    }
  }
  std::sort(times.begin(), times.end());
  EXPECT_NEAR(times[times.size() / 2], 125, 4);
  EXPECT_NEAR(times[times.size() / 10], 125 * std::exp(-1.2816 * 0.95), 3);
  EXPECT_NEAR(times[times.size() * 9 / 10], 125 * std::exp(1.2816 * 0.95), 20);
}

TEST(Sessions, PrefixChainsOfAConversationContainEachOther) {
  WorkloadSpec spec = session_spec();
  spec.shared_prefix_tokens = 100;  // 6 whole blocks of 16
  const RequestStream stream = make_sessions(spec);
  const Trace& trace = stream.trace;
  EXPECT_EQ(trace.prefix_block_tokens, 16);
  std::uint32_t last_own = 0;
  for (std::size_t i = 0; i < trace.requests.size(); ++i) {
    const TraceRequest& request = trace.requests[i];
    for (std::uint32_t block = 0; block < 6; ++block) {
      EXPECT_EQ(trace.prefix_hashes[request.prefix_begin + block], block);
    }
    if (stream.follows[i] < 0) continue;
    const TraceRequest& before = trace.requests[static_cast<std::size_t>(stream.follows[i])];
    EXPECT_EQ(request.prefix_begin, before.prefix_begin);
    EXPECT_EQ(request.prefix_count, request.input_tokens / 16);
    EXPECT_EQ(before.prefix_count, before.input_tokens / 16);
    // Blocks of one conversation belong to no other.
    const std::uint32_t own = trace.prefix_hashes[request.prefix_begin + 6];
    if (stream.follows[static_cast<std::size_t>(stream.follows[i])] < 0) {
      EXPECT_NE(own, last_own);
    }
    last_own = own;
  }
}

TEST(SharedPrefix, IsTheSameForAllRequestsAndSmallInMemory) {
  WorkloadSpec spec = session_spec();
  spec.turns_mean = 1;
  spec.shared_prefix_tokens = 256;
  spec.input = {.kind = LengthSpec::Kind::uniform, .mean = 200, .spread = 0.9};
  const RequestStream stream = make_sessions(spec);
  EXPECT_TRUE(stream.follows.empty());
  EXPECT_EQ(stream.trace.prefix_hashes.size(), 16u);
  for (const TraceRequest& request : stream.trace.requests) {
    EXPECT_EQ(request.prefix_begin, 0u);
    EXPECT_EQ(request.prefix_count, std::min(request.input_tokens / 16, 16));
  }
}

TEST(Sessions, LimitOnRequestsCountsTurns) {
  WorkloadSpec spec = session_spec();
  spec.requests = 1001;
  const RequestStream stream = make_sessions(spec);
  EXPECT_EQ(stream.trace.requests.size(), 1001u);
}

TEST(Sessions, AsOpenLoopPutsFollowUpsInOrder) {
  const RequestStream stream = make_sessions(session_spec());
  const Trace trace = as_open_loop(stream);
  ASSERT_EQ(trace.requests.size(), stream.trace.requests.size());
  for (std::size_t i = 1; i < trace.requests.size(); ++i) {
    EXPECT_GE(trace.requests[i].arrival, trace.requests[i - 1].arrival);
  }
  // The second turn of 400 + 300 tokens finds at least its first 300 of 700 tokens in the cache.
  EXPECT_GT(*trace_stats(trace).prefix_hit_ratio, 0.4);
  EXPECT_GE(trace.duration, trace.requests.back().arrival);
}

TEST(Sessions, OfficeDayKeepsItsPrompts) {
  WorkloadSpec spec;
  spec.kind = "office_day";
  spec.users = 4000;
  spec.turns_mean = 1.88;
  const RequestStream stream = make_sessions(spec);
  EXPECT_FALSE(stream.follows.empty());
  spec.turns_mean = 1;
  EXPECT_EQ(stream.trace.requests.size(), make_sessions(spec).trace.requests.size());
}

}  // namespace
}  // namespace microdc
