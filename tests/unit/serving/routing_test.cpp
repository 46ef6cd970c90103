// The gateway above the replicas: clouds, routing by complexity, spill, and what it may not do.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>
#include <sstream>

#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

using FiguresText = std::function<std::string(const SimulationResult&)>;

std::string figures_text(const Scenario& scenario, const std::vector<RequestStream>& streams,
                         const FiguresText& figures, const SimulationOptions& options = {}) {
  catalogs();
  return in_child([&] {
    const auto result = simulate(scenario, catalogs(), streams, options);
    return result ? figures(*result) : "failed\n" + to_text(result.diagnostics());
  });
}

CloudSpec cloud(const std::string& name, double sigma = 0.4) {
  return {.name = name, .ttft = Seconds(0.5), .tpot = Seconds(0.02), .latency_sigma = sigma};
}

RequestStream requests_every(double gap, int count, std::int32_t input, std::int32_t output) {
  std::vector<PlainRequest> requests;
  for (int i = 0; i < count; ++i) requests.push_back({i * gap, input, output});
  return stream_of(requests);
}

Scenario on_cloud(double sigma) {
  Scenario scenario = one_accelerator();
  scenario.clouds.push_back(cloud("api", sigma));
  scenario.workloads[0].pool = "api";
  return scenario;
}

TEST(Clouds, AnswerAfterNetworkFirstTokenAndTheOthers) {
  // Without spread: gateway 0.2 ms, wide area both ways, 0.5 s, and 100 gaps of 20 ms.
  const double wan = catalogs().hardware.link("wan-1g")->latency->value;
  const std::string expected = fmt::format("{:.6f} {:.6f} {:.6f}", 0.0002 + 2 * wan + 0.5,
                                           0.0002 + 2 * wan + 0.5 + 100 * 0.02, 0.02);
  EXPECT_EQ(figures_text(on_cloud(0), {requests_every(1, 3, 50, 101)},
                         [](const SimulationResult& r) {
                           return fmt::format(
                               "{:.6f} {:.6f} {:.6f}", *r.latency.ttft.mean_seconds(),
                               *r.latency.e2e.mean_seconds(), *r.latency.itl.mean_seconds());
                         }),
            expected);
}

TEST(Clouds, CountTheirTokensAndRequests) {
  EXPECT_EQ(figures_text(on_cloud(0.4), {requests_every(0.1, 50, 200, 30)},
                         [](const SimulationResult& r) {
                           const CloudResult& api = r.clouds.at(0);
                           return fmt::format("{} {} {} {}; {} {} {}; queue {}", api.name,
                                              api.requests, api.input_tokens, api.output_tokens,
                                              r.counts.completed, r.counts.cloud,
                                              r.latency.itl.count(), r.latency.queue.count());
                         }),
            "api 50 10000 1500; 50 50 1450; queue 0");
}

TEST(Clouds, LatenciesAreLognormalAroundTheirMedian) {
  const std::string text = figures_text(
      on_cloud(0.4), {requests_every(0.01, 4000, 10, 2)}, [](const SimulationResult& r) {
        const double wan = catalogs().hardware.link("wan-1g")->latency->value;
        const double fixed = 0.0002 + 2 * wan;
        return fmt::format("{} {}", *r.latency.ttft.percentile_seconds(0.5) - fixed,
                           *r.latency.ttft.percentile_seconds(0.9) - fixed);
      });
  double median = 0;
  double p90 = 0;
  std::istringstream(text) >> median >> p90;
  EXPECT_NEAR(median, 0.5, 0.015) << text;
  EXPECT_NEAR(p90, 0.5 * std::exp(0.4 * 1.28155), 0.04) << text;
}

TEST(Clouds, ImpatientClientsLeaveThemToo) {
  Scenario scenario = on_cloud(0);
  scenario.workloads[0].client_timeout = Seconds(1);
  EXPECT_EQ(figures_text(scenario, {requests_every(1, 10, 10, 101)},
                         [](const SimulationResult& r) {
                           return fmt::format("{} {} {}", r.counts.completed, r.counts.timed_out,
                                              r.clouds[0].requests);
                         }),
            "0 10 0");
}

TEST(Clouds, WithoutLatenciesAreAnError) {
  Scenario scenario = on_cloud(0);
  scenario.clouds[0].ttft.reset();
  const std::string text = figures_text(scenario, {requests_every(1, 1, 1, 1)},
                                        [](const SimulationResult&) { return std::string("ran"); });
  EXPECT_NE(text.find("/clouds/0"), std::string::npos) << text;
}

Scenario by_complexity(double large_share) {
  Scenario scenario = one_accelerator();
  scenario.clouds.push_back(cloud("premium"));
  scenario.gateway.complexity =
      ComplexitySpec{.small = "pool", .large = "premium", .large_share = large_share};
  return scenario;
}

/// The requests that went to the cloud, in order.
std::string sent_to_cloud(double large_share) {
  SimulationOptions options;
  options.log_placements = true;
  return figures_text(
      by_complexity(large_share), {requests_every(0.2, 500, 20, 5)},
      [](const SimulationResult& r) {
        std::string text;
        for (const PlacedRequest& placed : r.placements) {
          if (placed.cloud) text += fmt::format("{} ", placed.request);
        }
        return text;
      },
      options);
}

std::set<int> numbers(const std::string& text) {
  std::istringstream stream(text);
  std::set<int> all;
  for (int number = 0; stream >> number;) all.insert(number);
  return all;
}

TEST(Complexity, SendsTheShareThatWasAsked) {
  EXPECT_EQ(numbers(sent_to_cloud(0)).size(), 0u);
  EXPECT_EQ(numbers(sent_to_cloud(1)).size(), 500u);
  // Binomial with standard deviation 10.2.
  EXPECT_NEAR(static_cast<double>(numbers(sent_to_cloud(0.3)).size()), 150, 31);
}

TEST(Complexity, HardRequestsStayHardAtEveryShare) {
  const auto few = numbers(sent_to_cloud(0.2));
  const auto many = numbers(sent_to_cloud(0.5));
  EXPECT_GT(few.size(), 50u);
  EXPECT_TRUE(std::includes(many.begin(), many.end(), few.begin(), few.end()));
}

TEST(Complexity, ALargeTargetThatMayNotHaveTheDataGetsNone) {
  SimulationOptions options;
  options.placements = PlacementTable(1, 2);
  options.placements.allow(0, 0);
  EXPECT_EQ(figures_text(
                by_complexity(0.5), {requests_every(0.2, 100, 20, 5)},
                [](const SimulationResult& r) {
                  const RoutingCounts& routing = r.streams[0].routing;
                  return fmt::format("{} {} {} {}", routing.small, routing.large,
                                     routing.moved_by_law > 30 && routing.moved_by_law < 70,
                                     r.counts.cloud);
                },
                options),
            "100 0 true 0");
}

TEST(Complexity, WorkloadsThatNameTheirPoolStay) {
  Scenario scenario = by_complexity(1);
  scenario.workloads[0].pool = "pool";
  EXPECT_EQ(
      figures_text(scenario, {requests_every(0.2, 20, 20, 5)},
                   [](const SimulationResult& r) { return fmt::format("{}", r.counts.cloud); }),
      "0");
}

TEST(Routing, ALocalTargetTakesAsLongAsWithoutRouting) {
  // The same pool behind the gateway's choice: same delays, same results.
  Scenario routed = by_complexity(0);
  const auto figures = [](const SimulationResult& r) {
    return fmt::format("{} {} {}", *r.latency.ttft.mean_seconds(), *r.latency.e2e.mean_seconds(),
                       *r.latency.intake.mean_seconds());
  };
  const std::vector<RequestStream> streams{requests_every(0.05, 200, 300, 60)};
  EXPECT_EQ(figures_text(routed, streams, figures),
            figures_text(one_accelerator(), streams, figures));
}

Scenario with_spill(double queue) {
  Scenario scenario = one_accelerator();
  scenario.clouds.push_back(cloud("api"));
  scenario.workloads[0].pool = "pool";
  scenario.pools[0].max_num_seqs = 4;
  scenario.gateway.spill = SpillSpec{.to = "api", .queue = Seconds(queue)};
  return scenario;
}

TEST(Spill, StartsWhenThePoolsQueueIsLong) {
  const FiguresText figures = [](const SimulationResult& r) {
    return fmt::format("{} {}", r.streams[0].routing.spilled == r.counts.cloud, r.counts.cloud > 0);
  };
  const std::vector<RequestStream> crowd{requests_every(0.02, 300, 300, 100)};
  EXPECT_EQ(figures_text(with_spill(0.5), crowd, figures), "true true");
  EXPECT_EQ(figures_text(with_spill(3600), crowd, figures), "true false");
  EXPECT_EQ(figures_text(with_spill(0.5), {requests_every(5, 50, 300, 100)}, figures),
            "true false");
}

TEST(Spill, KeepsTheQueueNearItsLimit) {
  const FiguresText longest = [](const SimulationResult& r) {
    return fmt::format("{}", r.latency.queue.percentile_seconds(0.9).value_or(-1));
  };
  const std::vector<RequestStream> crowd{requests_every(0.02, 1000, 300, 100)};
  const double limited = std::stod(figures_text(with_spill(2), crowd, longest));
  const double unlimited = std::stod(figures_text(with_spill(3600), crowd, longest));
  // Not exactly at 2 s: the estimate begins with the first requests and lags behind.
  EXPECT_LT(limited, 7);
  EXPECT_GT(unlimited, 5 * limited);
}

TEST(Spill, DoesNotBreakTheLaw) {
  SimulationOptions options;
  options.placements = PlacementTable(1, 2);
  options.placements.allow(0, 0);
  EXPECT_EQ(
      figures_text(
          with_spill(0), {requests_every(0.02, 200, 300, 100)},
          [](const SimulationResult& r) { return fmt::format("{}", r.counts.cloud); }, options),
      "0");
}

TEST(Spill, GivesTheSameAnswerStepByStep) {
  const std::vector<RequestStream> crowd{requests_every(0.02, 300, 300, 100)};
  SimulationOptions single;
  single.single_steps = true;
  EXPECT_EQ(run_in_child(with_spill(0.5), crowd), run_in_child(with_spill(0.5), crowd, single));
}

TEST(Routing, ATargetThatNobodyAllowsIsRefused) {
  SimulationOptions options;
  options.placements = PlacementTable(1, 2);
  const std::string text = figures_text(
      with_spill(0), {requests_every(1, 1, 1, 1)},
      [](const SimulationResult&) { return std::string("ran"); }, options);
  EXPECT_NE(text.find("no pool or cloud that this workload names may serve it"), std::string::npos)
      << text;
}

TEST(Routing, RequestsAreConserved) {
  Scenario scenario = by_complexity(0.4);
  scenario.gateway.spill = SpillSpec{.to = "premium", .queue = Seconds(0.2)};
  scenario.pools[0].max_num_seqs = 2;
  scenario.workloads[0].client_timeout = Seconds(4);
  scenario.horizon = Seconds(15);
  EXPECT_EQ(figures_text(scenario, {requests_every(0.02, 900, 300, 100)},
                         [](const SimulationResult& r) {
                           const RequestCounts& c = r.counts;
                           return fmt::format("{} {}",
                                              c.offered == c.completed + c.timed_out + c.unfinished,
                                              c.timed_out > 0 && c.unfinished > 0 && c.cloud > 0);
                         }),
            "true true");
}

}  // namespace
}  // namespace microdc::testing
