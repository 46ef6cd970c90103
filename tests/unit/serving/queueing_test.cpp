// The simulation against queueing theory: one request at a time on one replica is an M/G/1 queue.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <sstream>

#include "hwprofiles/base/random.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

/// Sums over all requests, gathered from the request records.
struct Moments {
  double count = 0;
  double wait = 0;         // mean, arrival at the replica to first schedule [s]
  double service = 0;      // mean, first schedule to last token [s]
  double service_sq = 0;   // mean of the square [s^2]
  double rate = 0;         // arrivals per second
  double in_system = 0;    // time average of requests present, by sampling
  double sojourn = 0;      // mean wait + service [s]
};

class MomentObserver final : public SimulationObserver {
 public:
  void on_step_begin(const Replica&, const StepRecord&) override {}
  void on_step_end(const Replica&, const StepRecord&) override {}
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_request(const RequestRecord& r) override {
    const double service = static_cast<double>(r.finished - r.first_scheduled) * 1e-9;
    moments.count += 1;
    moments.service += service;
    moments.service_sq += service * service;
    moments.sojourn += static_cast<double>(r.finished - r.arrival) * 1e-9 - delay;
    moments.wait += static_cast<double>(r.first_scheduled - r.arrival) * 1e-9 - delay;
    last = std::max(last, r.finished);
  }
  void on_sample(const TimelineSample& sample) override {
    present += static_cast<double>(sample.running + sample.waiting);
    samples += 1;
  }
  Moments means() const {
    Moments m = moments;
    m.wait /= m.count;
    m.service /= m.count;
    m.service_sq /= m.count;
    m.sojourn /= m.count;
    m.rate = m.count / (static_cast<double>(last) * 1e-9);
    m.in_system = present / samples;
    return m;
  }
  Moments moments;
  double delay = 0;  // gateway and front-end before the replica
  double present = 0;
  double samples = 0;
  Nanoseconds last = 0;
};

/// Poisson arrivals of `rate`, output lengths from `output`, served one at a time.
Moments simulate_queue(double rate, int count, const std::function<double(RandomStream&)>& output) {
  Scenario scenario = one_accelerator();
  scenario.pools[0].max_num_seqs = 1;
  scenario.pools[0].max_model_len = 1 << 20;
  RandomStream arrivals(7, RandomPurpose::arrivals, 0);
  RandomStream lengths(7, RandomPurpose::output_tokens, 0);
  std::vector<PlainRequest> requests;
  double time = 0;
  for (int i = 0; i < count; ++i) {
    time += arrivals.exponential() / rate;
    requests.push_back({time, 16, static_cast<std::int32_t>(std::lround(output(lengths)))});
  }
  catalogs();
  const std::string answer = in_child([&] {
    MomentObserver observer;
    observer.delay = 0.0002 + catalogs().engines.find("vllm")->request_latency->value;
    const auto result = simulate(scenario, catalogs(), {stream_of(requests)},
                                 {.observers = {&observer}, .sample_interval = Seconds(0.7)});
    if (!result) return to_text(result.diagnostics());
    const Moments m = observer.means();
    return fmt::format("{} {} {} {} {} {} {}", m.count, m.wait, m.service, m.service_sq, m.rate,
                       m.in_system, m.sojourn);
  });
  Moments m;
  std::istringstream(answer) >> m.count >> m.wait >> m.service >> m.service_sq >> m.rate >>
      m.in_system >> m.sojourn;
  EXPECT_EQ(m.count, count) << answer;
  return m;
}

/// Mean waiting time of M/G/1 (Pollaczek and Khinchine): lambda E[S^2] / (2 (1 - lambda E[S])).
double pollaczek_khinchine(double rate, double service, double service_sq) {
  return rate * service_sq / (2 * (1 - rate * service));
}

TEST(Queueing, FixedServiceWaitsLikeMD1) {
  const Moments m = simulate_queue(0.7, 40000, [](RandomStream&) { return 80.0; });
  const double utilisation = m.rate * m.service;
  ASSERT_GT(utilisation, 0.4);
  ASSERT_LT(utilisation, 0.9);
  EXPECT_NEAR(m.service_sq, m.service * m.service, 1e-9 * m.service_sq);
  // M/D/1: W = rho S / (2 (1 - rho)). Statistical error of 40,000 waits: about 3 %.
  EXPECT_NEAR(m.wait, utilisation * m.service / (2 * (1 - utilisation)), 0.06 * m.wait);
}

TEST(Queueing, ExponentialServiceWaitsLikeMM1) {
  // Steps of equal length times an exponential number of tokens: nearly exponential service.
  const Moments m = simulate_queue(
      0.7, 60000, [](RandomStream& random) { return 1 + 80 * random.exponential(); });
  const double utilisation = m.rate * m.service;
  ASSERT_GT(utilisation, 0.4);
  ASSERT_LT(utilisation, 0.9);
  // E[S^2] = 2 E[S]^2 for the exponential; the prefill step takes a little of the variance away.
  EXPECT_NEAR(m.service_sq, 2 * m.service * m.service, 0.08 * m.service_sq);
  EXPECT_NEAR(m.wait, utilisation * m.service / (1 - utilisation), 0.10 * m.wait);
}

TEST(Queueing, GeneralServiceWaitsLikeMG1) {
  const Moments m = simulate_queue(
      0.5, 60000, [](RandomStream& random) { return 1 + random.lognormal(4.2, 0.8); });
  ASSERT_GT(m.rate * m.service, 0.3);
  EXPECT_NEAR(m.wait, pollaczek_khinchine(m.rate, m.service, m.service_sq), 0.08 * m.wait);
}

TEST(Queueing, LittlesLaw) {
  const Moments m = simulate_queue(0.7, 40000, [](RandomStream&) { return 80.0; });
  // Requests in the system, sampled every 0.7 s, against rate * sojourn time.
  EXPECT_NEAR(m.in_system, m.rate * m.sojourn, 0.02 * m.in_system);
}

}  // namespace
}  // namespace microdc::testing
