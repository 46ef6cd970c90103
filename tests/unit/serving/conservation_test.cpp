// Nothing gets lost: requests, tokens, KV blocks, energy.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "hwprofiles/base/random.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

/// Counts everything that passes and checks the state at every sample.
class Ledger final : public SimulationObserver {
 public:
  void on_step_begin(const Replica&, const StepRecord& r) override { power = r.power; }
  void on_step_end(const Replica& replica, const StepRecord& r) override {
    joules += power * static_cast<double>(r.end - r.begin) * 1e-9;
    if (r.end < last_end) backwards = true;
    last_end = r.end;
    if (replica.used_blocks() > replica.limits().kv_blocks || replica.used_blocks() < 0) {
      overfull = true;
    }
  }
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_request(const RequestRecord& r) override {
    ++ended;
    if (r.outcome == RequestOutcome::completed) gaps += r.output_tokens - 1;
  }
  void on_sample(const TimelineSample& sample) override { final_use = sample.kv_use; }

  double power = 0;
  double joules = 0;
  double final_use = -1;
  std::int64_t ended = 0;
  std::int64_t gaps = 0;
  Nanoseconds last_end = 0;
  bool backwards = false;
  bool overfull = false;
};

std::vector<PlainRequest> random_requests(int count, double rate) {
  RandomStream random(3, RandomPurpose::arrivals, 0);
  std::vector<PlainRequest> requests;
  double time = 0;
  for (int i = 0; i < count; ++i) {
    time += random.exponential() / rate;
    requests.push_back({time, static_cast<std::int32_t>(1 + random.lognormal(6.0, 1.0)),
                        static_cast<std::int32_t>(1 + random.lognormal(4.5, 1.0))});
  }
  return requests;
}

struct Balance {
  std::int64_t offered = 0, completed = 0, rejected = 0, ended = 0, gaps = 0, itl = 0,
               preemptions = 0;
  double final_use = 0, joules = 0, counted_joules = 0;
  int backwards = 0, overfull = 0;
};

Balance balance_of(const Scenario& scenario, const std::vector<PlainRequest>& requests,
                   bool single_steps) {
  catalogs();
  const std::string answer = in_child([&] {
    Ledger ledger;
    const auto r = simulate(scenario, catalogs(), {stream_of(requests)},
                            {.single_steps = single_steps,
                             .observers = {&ledger},
                             .sample_interval = Seconds(5)});
    if (!r) return to_text(r.diagnostics());
    return fmt::format("{} {} {} {} {} {} {} {} {} {} {} {}", r->counts.offered,
                       r->counts.completed, r->counts.rejected, ledger.ended, ledger.gaps,
                       r->latency.itl.count(), r->replicas[0].counters.preemptions,
                       ledger.final_use, ledger.joules,
                       static_cast<double>(r->replicas[0].counters.energy) * 1e-12,
                       ledger.backwards ? 1 : 0, ledger.overfull ? 1 : 0);
  });
  Balance b;
  std::istringstream in(answer);
  in >> b.offered >> b.completed >> b.rejected >> b.ended >> b.gaps >> b.itl >> b.preemptions >>
      b.final_use >> b.joules >> b.counted_joules >> b.backwards >> b.overfull;
  EXPECT_FALSE(in.fail()) << answer;
  return b;
}

TEST(Conservation, RequestsTokensAndBlocksBalanceUnderPreemption) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].kv_cache_tokens = 12000;
  const Balance b = balance_of(scenario, random_requests(600, 6), false);
  EXPECT_GT(b.preemptions, 0) << "the test must exercise preemption";
  EXPECT_EQ(b.offered, 600);
  EXPECT_EQ(b.offered, b.completed + b.rejected);
  EXPECT_EQ(b.ended, b.offered);
  EXPECT_EQ(b.gaps, b.itl) << "every token after a request's first has one gap";
  EXPECT_EQ(b.final_use, 0) << "all KV blocks are free again";
  EXPECT_EQ(b.backwards, 0);
  EXPECT_EQ(b.overfull, 0);
}

TEST(Conservation, EnergyIsPowerTimesTime) {
  const Balance b = balance_of(one_accelerator(), random_requests(300, 4), true);
  EXPECT_GT(b.joules, 0);
  EXPECT_NEAR(b.counted_joules / b.joules, 1, 1e-6);
}

TEST(Conservation, EnergyEqualsSimGridsPlugin) {
  catalogs();
  const auto requests = random_requests(200, 4);
  const std::string answer = in_child([&] {
    const auto r = simulate(one_accelerator(), catalogs(), {stream_of(requests)},
                            {.energy_cross_check = true});
    if (!r) return to_text(r.diagnostics());
    return fmt::format("{} {}", static_cast<double>(r->replicas[0].counters.energy) * 1e-12,
                       cross_checked_accelerator_energy()->value());
  });
  double own = 0;
  double plugin = 0;
  std::istringstream(answer) >> own >> plugin;
  ASSERT_GT(own, 100) << answer;
  EXPECT_NEAR(plugin / own, 1, 1e-7);
}

TEST(Determinism, SameSeedSameResult) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].kv_cache_tokens = 12000;
  const auto requests = random_requests(300, 6);
  const std::string first = run_in_child(scenario, {stream_of(requests)});
  EXPECT_EQ(first, run_in_child(scenario, {stream_of(requests)}));
  EXPECT_NE(first.find("requests 300"), std::string::npos) << first;
}

TEST(Replica, RejectsWhatCanNeverFit) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].kv_cache_tokens = 1024;
  const std::string result =
      run_in_child(scenario, {stream_of({{0, 2000, 10}, {1, 500, 10}, {2, 1000, 100}})});
  EXPECT_EQ(result.substr(0, result.find(" 0 0 ")), "requests 3 1 2") << result;
}

TEST(Replica, FirstTokenComesAfterThePrefillStepAndOneTokenRequestsEndThere) {
  const std::string result = run_in_child(one_accelerator(), {stream_of({{0, 100, 1}})});
  // One completed request, no gaps, equal TTFT and e2e.
  EXPECT_NE(result.find("itl 0 -1"), std::string::npos) << result;
  const auto mean_of = [&](const std::string& name) {
    std::istringstream line(result.substr(result.find("\n" + name + " ") + 1));
    std::string word;
    std::int64_t count = 0;
    double mean = 0;
    line >> word >> count >> mean;
    return mean;
  };
  EXPECT_GT(mean_of("ttft"), 0);
  EXPECT_EQ(mean_of("ttft"), mean_of("e2e"));
}

TEST(ClosedLoop, KeepsItsConcurrencyAndFinishesAll) {
  RequestStream stream = stream_of(std::vector<PlainRequest>(50, PlainRequest{0, 200, 50}));
  stream.closed_loop = ClosedLoop{.concurrency = 4};
  catalogs();
  class Peak final : public SimulationObserver {
   public:
    void on_step_begin(const Replica& replica, const StepRecord&) override {
      peak = std::max(peak, replica.load());
    }
    void on_step_end(const Replica&, const StepRecord&) override {}
    void on_idle(const Replica&, Nanoseconds) override {}
    void on_request(const RequestRecord&) override { ++done; }
    void on_sample(const TimelineSample&) override {}
    std::int64_t peak = 0, done = 0;
  };
  const std::string answer = in_child([&] {
    Peak peak;
    const auto r = simulate(one_accelerator(), catalogs(), {stream}, {.observers = {&peak}});
    return r ? fmt::format("{} {}", peak.peak, peak.done) : to_text(r.diagnostics());
  });
  EXPECT_EQ(answer, "4 50");
}

}  // namespace
}  // namespace microdc::testing
