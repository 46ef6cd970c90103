// The busiest hour: its choice, its latencies and its power; and the parts of the time to first
// token.
#include "sim/serving/busiest_hour.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

constexpr std::int64_t hour = BusiestHour::hour;

TEST(BusiestHour, IsTheFirstWithMostArrivals) {
  BusiestHour hours;
  const auto pass_hour = [&](int arrivals) {
    for (int i = 0; i < arrivals; ++i) hours.on_arrival();
    hours.end_hour(hours.current_end(), Joules(static_cast<double>(hours.current_end())));
  };
  for (const int arrivals : {3, 7, 7, 1}) pass_hour(arrivals);
  ASSERT_TRUE(hours.busiest());
  EXPECT_EQ(hours.busiest()->begin, hour);
  EXPECT_EQ(hours.busiest()->end, 2 * hour);
  EXPECT_EQ(hours.busiest()->requests, 7);
  EXPECT_EQ(hours.busiest()->it_energy, Joules(static_cast<double>(hour)));
}

TEST(BusiestHour, LateAnswersCountWhereTheirRequestsArrived) {
  BusiestHour hours;
  hours.on_arrival();
  hours.on_arrival();
  hours.on_completed(0, 1000);  // the very start belongs to the first hour
  hours.end_hour(hour, std::nullopt);
  hours.on_arrival();
  hours.on_completed(hour, 2000);      // the end of an hour belongs to it
  hours.on_completed(hour + 1, 3000);  // of the next
  hours.end_hour(2 * hour, std::nullopt);
  EXPECT_EQ(hours.busiest()->ttft.count(), 2);
  EXPECT_FALSE(hours.busiest()->it_energy);
}

/// Requests at a steady pace for three hours, twice as many in the second.
RequestStream three_hours() {
  std::vector<PlainRequest> requests;
  for (int i = 0; i < 3 * 3600; i += i >= 3600 && i < 7200 ? 10 : 20) {
    requests.push_back({i + 0.5, 400, 150});
  }
  return stream_of(requests);
}

TEST(BusiestHour, OfARunHasThePowerThatWasSampled) {
  class Meter final : public SimulationObserver {
   public:
    void on_step_begin(const Replica&, const StepRecord&) override {}
    void on_step_end(const Replica&, const StepRecord&) override {}
    void on_idle(const Replica&, Nanoseconds) override {}
    void on_request(const RequestRecord&) override {}
    void on_sample(const TimelineSample& sample) override {
      if (sample.time <= hour || sample.time > 2 * hour) return;
      sum += sample.it_power.value();
      ++count;
    }
    double sum = 0;
    double count = 0;
  };
  catalogs();
  const std::string answer = in_child([&] {
    Meter meter;
    const auto r = simulate(one_accelerator(), catalogs(), {three_hours()},
                            {.observers = {&meter}, .sample_interval = Seconds(0.37)});
    if (!r || !r->busiest_hour) return std::string("failed");
    const BusyHour& busiest = *r->busiest_hour;
    return fmt::format("{} {} {} {} {}", busiest.begin / hour, busiest.requests,
                       busiest.ttft.count(), busiest.it_energy->value() / 3600,
                       meter.sum / meter.count);
  });
  std::int64_t begin = 0, requests = 0, answered = 0;
  double power = 0, sampled = 0;
  std::istringstream(answer) >> begin >> requests >> answered >> power >> sampled;
  EXPECT_EQ(begin, 1) << answer;
  EXPECT_EQ(requests, 360);
  EXPECT_EQ(answered, 360);
  EXPECT_NEAR(power / sampled, 1, 0.01) << answer;
}

TEST(BusiestHour, IsTheSameInSingleSteps) {
  const std::string jumping = run_in_child(one_accelerator(), {three_hours()});
  EXPECT_NE(jumping.find("hour 3600000000000 7200000000000 360 "), std::string::npos) << jumping;
  EXPECT_EQ(jumping, run_in_child(one_accelerator(), {three_hours()}, {.single_steps = true}));
}

TEST(BusiestHour, NeedsARunOfMoreThanAnHour) {
  const std::string result = run_in_child(one_accelerator(), {stream_of({{0, 100, 10}})});
  EXPECT_EQ(result.find("\nhour "), std::string::npos) << result;
}

TEST(FirstToken, IsTheSumOfItsParts) {
  catalogs();
  Scenario scenario = one_accelerator();
  scenario.pools[0].max_num_seqs = 2;  // so that there is a queue
  const std::string answer = in_child([&] {
    std::vector<PlainRequest> requests;
    for (int i = 0; i < 60; ++i) requests.push_back({i * 0.3, 500 + 20 * i, 60});
    const auto r = simulate(scenario, catalogs(), {stream_of(requests)});
    if (!r) return to_text(r.diagnostics());
    const LatencyMetrics& latency = r->latency;
    return fmt::format("{} {} {} {}", *latency.ttft.mean_seconds(), *latency.intake.mean_seconds(),
                       *latency.queue.mean_seconds(), *latency.prefill.mean_seconds());
  });
  double ttft = 0, intake = 0, queue = 0, prefill = 0;
  std::istringstream(answer) >> ttft >> intake >> queue >> prefill;
  EXPECT_GT(intake, 0) << answer;
  EXPECT_GT(queue, 0.01) << answer;
  EXPECT_GT(prefill, 0.01) << answer;
  EXPECT_NEAR(ttft, intake + queue + prefill, 1e-9) << answer;
}

}  // namespace
}  // namespace microdc::testing
