#include "sim/workload/generators.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "sim/workload/trace_tools.hpp"
#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

constexpr Nanoseconds one_second = 1'000'000'000;

WorkloadSpec open_spec(const std::string& kind, double rate, double duration) {
  WorkloadSpec spec;
  spec.kind = kind;
  spec.rate = PerSecond(rate);
  spec.duration = Seconds(duration);
  return spec;
}

RequestStream make(const WorkloadSpec& spec, std::uint64_t seed = 1, std::uint32_t stream = 0) {
  auto made = make_requests(spec, seed, stream, ".");
  EXPECT_TRUE(made.ok()) << to_text(made.diagnostics());
  return made.ok() ? *made : RequestStream{};
}

Diagnostic error_of(const WorkloadSpec& spec) {
  const auto made = make_requests(spec, 1, 0, ".");
  EXPECT_FALSE(made.ok());
  return made.ok() ? Diagnostic{} : made.diagnostics().items().front();
}

TEST(Generators, KindsAreUniqueAndDescribed) {
  std::set<std::string> names;
  for (const WorkloadKind& kind : workload_kinds()) {
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    EXPECT_FALSE(kind.description.empty());
  }
  EXPECT_EQ(names, (std::set<std::string>{"burst", "closed_loop", "constant", "gamma", "office_day",
                                          "poisson", "trace"}));
}

TEST(Generators, PoissonHasItsRateAndVariation) {
  const RequestStream stream = make(open_spec("poisson", 5, 4000));
  const GapMoments gaps = gap_moments(stream.trace);
  EXPECT_NEAR(gaps.mean, 0.2, 0.005);
  EXPECT_NEAR(gaps.cv, 1, 0.03);
  EXPECT_EQ(stream.trace.duration, 4000 * one_second);
  EXPECT_LT(stream.trace.requests.back().arrival, 4000 * one_second);
  const TraceStats stats = trace_stats(stream.trace);
  EXPECT_NEAR(*stats.fano_60s, 1, 0.5);
}

TEST(Generators, NumberOfRequestsEndsAStream) {
  WorkloadSpec spec = open_spec("poisson", 5, 4000);
  spec.requests = 50;
  const Trace trace = make(spec).trace;
  EXPECT_EQ(trace.requests.size(), 50u);
  EXPECT_EQ(trace.duration, trace.requests.back().arrival);
  spec.duration.reset();
  EXPECT_EQ(make(spec).trace.requests.back().arrival, trace.requests.back().arrival);
}

TEST(Generators, GammaHasItsVariationAndNoBiasInNumber) {
  for (const double cv : {0.5, 2.0, 4.0}) {
    WorkloadSpec spec = open_spec("gamma", 10, 6000);
    spec.burstiness = cv;
    const GapMoments gaps = gap_moments(make(spec).trace);
    EXPECT_NEAR(gaps.mean, 0.1, 0.003 * (1 + cv)) << cv;
    EXPECT_NEAR(gaps.cv / cv, 1, 0.06) << cv;
  }
  // Short observations of a bursty stream: on average rate·duration requests, not more.
  WorkloadSpec spec = open_spec("gamma", 1, 20);
  spec.burstiness = 3;
  double count = 0;
  constexpr int seeds = 3000;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto made = make_requests(spec, static_cast<std::uint64_t>(seed), 0, ".");
    if (made.ok()) count += static_cast<double>(made->trace.requests.size());
  }
  EXPECT_NEAR(count / seeds, 20, 0.8);
}

TEST(Generators, ConstantBurstAndClosedLoop) {
  WorkloadSpec spec = open_spec("constant", 4, 2);
  const RequestStream even = make(spec);
  ASSERT_EQ(even.trace.requests.size(), 8u);
  EXPECT_EQ(even.trace.requests[3].arrival, 750'000'000);
  spec = {};
  spec.kind = "burst";
  spec.requests = 9;
  const RequestStream burst = make(spec);
  ASSERT_EQ(burst.trace.requests.size(), 9u);
  EXPECT_EQ(burst.trace.requests[8].arrival, 0);
  EXPECT_FALSE(burst.closed_loop.has_value());
  spec.kind = "closed_loop";
  spec.concurrency = 3;
  const RequestStream loop = make(spec);
  EXPECT_EQ(loop.closed_loop->concurrency, 3);
  EXPECT_EQ(loop.trace.requests.size(), 9u);
}

TEST(Generators, SameSeedSameStreamOtherSeedOther) {
  const WorkloadSpec spec = open_spec("poisson", 5, 100);
  EXPECT_EQ(trace_text(make(spec, 3).trace), trace_text(make(spec, 3).trace));
  EXPECT_NE(trace_text(make(spec, 3).trace), trace_text(make(spec, 4).trace));
  EXPECT_NE(trace_text(make(spec, 3, 0).trace), trace_text(make(spec, 3, 1).trace));
}

TEST(Generators, VariantsShareTheirLuck) {
  WorkloadSpec slow = open_spec("poisson", 2, 1000);
  slow.input = {.kind = LengthSpec::Kind::lognormal, .mean = 800, .spread = 1};
  WorkloadSpec fast = slow;
  fast.rate = PerSecond(4);
  const auto a = make(slow).trace.requests;
  const auto b = make(fast).trace.requests;
  for (std::size_t i = 0; i < a.size(); ++i) {
    // Twice the rate: the same gaps, half as long; the same prompts.
    EXPECT_NEAR(static_cast<double>(a[i].arrival), 2.0 * static_cast<double>(b[i].arrival), 10);
    EXPECT_EQ(a[i].input_tokens, b[i].input_tokens);
  }
  WorkloadSpec longer = slow;
  longer.output.mean = 900;
  const auto c = make(longer).trace.requests;
  ASSERT_EQ(a.size(), c.size());
  EXPECT_EQ(a[77].arrival, c[77].arrival);
  EXPECT_EQ(a[77].input_tokens, c[77].input_tokens);
}

WorkloadSpec office_spec() {
  WorkloadSpec spec;
  spec.kind = "office_day";
  spec.users = 500;
  return spec;
}

TEST(OfficeDay, TotalsMatchUsersAndPrompts) {
  // 500 users, half of them active, 10.3 prompts each: 2575 a day, 10th to 90th percentile
  // 2265-2982, busiest minute 11 (facts/synthetic_check.json, which used broader hours).
  std::vector<double> totals;
  double peak = 0;
  constexpr int days = 60;
  for (int seed = 0; seed < days; ++seed) {
    const Trace trace = make(office_spec(), static_cast<std::uint64_t>(seed)).trace;
    totals.push_back(static_cast<double>(trace.requests.size()));
    peak += *trace_stats(trace).minute_peak / days;
    EXPECT_EQ(trace.duration, 86400 * one_second);
  }
  std::sort(totals.begin(), totals.end());
  double mean = 0;
  for (const double total : totals) mean += total / days;
  EXPECT_NEAR(mean, 2575, 130);
  EXPECT_NEAR(totals[6], 2265, 150);
  EXPECT_NEAR(totals[53], 2982, 200);
  EXPECT_GT(peak, 10);
  EXPECT_LT(peak, 18);
}

TEST(OfficeDay, PeakHourAndNightFollowTheProfile) {
  WorkloadSpec spec = office_spec();
  spec.users = 20000;
  const Trace trace = make(spec).trace;
  std::vector<double> hours(24, 0);
  for (const TraceRequest& request : trace.requests) {
    hours[static_cast<std::size_t>(request.arrival / (3600 * one_second))] += 1;
  }
  const auto n = static_cast<double>(trace.requests.size());
  EXPECT_EQ(std::max_element(hours.begin(), hours.end()) - hours.begin(), 9);
  EXPECT_NEAR(hours[9] / n, 0.115 / 1.001, 0.012);
  EXPECT_NEAR(hours[12] / n, 0.065, 0.008);
  EXPECT_NEAR(hours[2] / n, 0.002, 0.001);
}

TEST(OfficeDay, MinuteRatesVaryAsAsked) {
  WorkloadSpec spec = office_spec();
  spec.users = 100000;
  spec.day_profile = "flat";
  const auto variation = [&](double cv) {
    spec.minute_rate_cv = cv;
    const Trace trace = make(spec).trace;
    std::vector<double> minutes(1440, 0);
    for (const TraceRequest& r : trace.requests) {
      minutes[static_cast<std::size_t>(r.arrival / (60 * one_second))] += 1;
    }
    const double mean = static_cast<double>(trace.requests.size()) / 1440;
    double variance = 0, lag = 0;
    for (std::size_t i = 0; i < 1440; ++i) variance += (minutes[i] - mean) * (minutes[i] - mean);
    for (std::size_t i = 1; i < 1440; ++i) lag += (minutes[i] - mean) * (minutes[i - 1] - mean);
    return std::pair(std::sqrt(variance / 1440) / mean, lag / variance);
  };
  EXPECT_NEAR(variation(0).first, 0.053, 0.01);  // Poisson of 358 a minute
  const auto [cv, autocorrelation] = variation(0.3);
  EXPECT_NEAR(cv, 0.3, 0.05);
  EXPECT_NEAR(autocorrelation, 0.8, 0.08);
}

TEST(OfficeDay, MoreUsersAddToThoseThereAre) {
  WorkloadSpec spec = office_spec();
  spec.users = 50;
  const Trace few = make(spec).trace;
  spec.users = 51;
  const Trace more = make(spec).trace;
  std::multiset<Nanoseconds> times;
  for (const TraceRequest& request : more.requests) times.insert(request.arrival);
  for (const TraceRequest& request : few.requests) EXPECT_EQ(times.count(request.arrival), 1u);
}

TEST(GeneratorErrors, SayFieldFoundAndAllowed) {
  WorkloadSpec spec;
  spec.kind = "poison";
  EXPECT_EQ(error_of(spec).fix, "did you mean poisson?");
  spec.kind = "poisson";
  spec.duration = Seconds(10);
  EXPECT_EQ(error_of(spec).place, "/rate");
  EXPECT_EQ(error_of(spec).found, "no rate");
  spec.rate = PerSecond(1);
  spec.duration.reset();
  EXPECT_EQ(error_of(spec).place, "/duration");
  spec.duration = Seconds(1e9);
  EXPECT_EQ(error_of(spec).message, "workload \"requests\": the stream has too many requests");
  spec.duration = Seconds(1e-9);
  EXPECT_EQ(error_of(spec).message, "workload \"requests\": no request arrives");
  spec = open_spec("gamma", 1, 10);
  spec.burstiness = 0;
  EXPECT_EQ(error_of(spec).place, "/burstiness");
  spec = {};
  spec.kind = "burst";
  EXPECT_EQ(error_of(spec).place, "/requests");
  spec.kind = "closed_loop";
  spec.requests = 5;
  spec.concurrency = 0;
  EXPECT_EQ(error_of(spec).place, "/concurrency");
  spec = office_spec();
  spec.day_profile = "sharp_single_sight";
  EXPECT_EQ(error_of(spec).fix, "did you mean sharp_single_site?");
  spec = office_spec();
  spec.users = 0;
  EXPECT_EQ(error_of(spec).place, "/users");
  spec = {};
  spec.kind = "trace";
  EXPECT_EQ(error_of(spec).place, "/trace_file");
}

}  // namespace
}  // namespace microdc
