// docs/worked-examples.md: residency and complexity, recomputed by hand and compared.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "hwprofiles/base/json_io.hpp"
#include "sim/policy/audit.hpp"
#include "sim/policy/complexity.hpp"
#include "sim/policy/residency.hpp"

namespace microdc {
namespace {

Scenario insurer(std::vector<std::string> attestations, const std::string& where) {
  Scenario scenario;
  scenario.organisation = {.jurisdiction = "DE",
                           .sector = "statutory_health_insurer",
                           .conditions = {"data_processing_agreement", "customer_controls",
                                          "data_protection_impact_assessment"}};
  ServerGroupSpec group{.name = "servers", .type = "a100-1x"};
  scenario.sites.push_back(
      {.name = "own", .racks = {{.name = "rack", .servers = {std::move(group)}}}});
  scenario.pools.push_back({.name = "pool", .servers = "servers"});
  scenario.clouds.push_back({.name = "cloud",
                             .jurisdiction = where,
                             .operator_jurisdiction = where,
                             .attestations = std::move(attestations)});
  scenario.workloads.push_back({.name = "cases", .pool = "pool", .data_classes = {"social_data"}});
  scenario.workloads.push_back(
      {.name = "website", .pool = "cloud", .data_classes = {"public_data"}});
  return scenario;
}

/// 900 requests of the first workload in the pool, 100 of the second in the cloud.
SimulationResult placed() {
  SimulationResult result;
  result.replicas.push_back({.pool = "pool", .sites = {"own"}});
  for (std::uint32_t i = 0; i < 900; ++i) result.placements.push_back({0, i, 0, false});
  for (std::uint32_t i = 0; i < 100; ++i) result.placements.push_back({1, i, 0, true});
  return result;
}

double no_cloud_share(const Scenario& scenario) {
  const auto audit = audit_residency(scenario, placed(), data_root() / "sim/policy/catalog");
  return audit && *audit ? (*audit)->no_cloud_share.value_or(-1) : -2;
}

TEST(WorkedPolicy, SocialDataStayUntilTheAttestationIsThere) {
  const Scenario without = insurer({"german_establishment"}, "DE");
  const auto residency = residency_of(without, *policy_catalog());
  ASSERT_TRUE(residency) << to_text(residency.diagnostics());
  EXPECT_TRUE((*residency)->table.may(0, 0));
  EXPECT_FALSE((*residency)->table.may(0, 1));
  EXPECT_TRUE((*residency)->table.may(1, 1));
  // The four questions of the table, one of them open.
  const Verdict& verdict = (*residency)->verdicts[0][1];
  EXPECT_EQ(verdict.decisions.size(), 4u);
  for (const Decision& decision : verdict.decisions) {
    EXPECT_EQ(decision.satisfied, decision.topic != "DE-SGBV-393") << decision.topic;
  }
  EXPECT_DOUBLE_EQ(no_cloud_share(without), 900.0 / (900 + 100));
  EXPECT_DOUBLE_EQ(no_cloud_share(insurer({"german_establishment", "bsi_c5_type2"}, "DE")), 0);
  EXPECT_DOUBLE_EQ(no_cloud_share(insurer({"german_establishment", "bsi_c5_type2"}, "CN")), 0.9);
}

/// 1,000 requests of one workload, 300 of them to the large cloud.
RoutingOutcome outcome(const std::string& router) {
  Scenario scenario;
  scenario.pools.push_back({.name = "small"});
  scenario.clouds.push_back({.name = "large", .input_price = Money(3), .output_price = Money(15)});
  scenario.workloads.push_back({.name = "all"});
  scenario.gateway.complexity =
      ComplexitySpec{.small = "small", .large = "large", .router = router, .large_share = 0.3};
  SimulationResult result;
  StreamResult stream{.name = "all"};
  stream.counts.input_tokens = 1000 * 500;
  stream.counts.output_tokens = 1000 * 300;
  stream.routing = {.small = 700, .large = 300};
  result.streams.push_back(stream);
  return *routing_outcome(scenario, result);
}

TEST(WorkedPolicy, ComplexityKeepsQualityByItsCurve) {
  const double strong = 82.1;
  const double weak = 68.79;
  const double learned = 0.30 / 0.354 * 0.5;
  const double oracle = 0.181 / (0.181 - 0.0478);
  const auto kept = [&](double recovered) { return (weak + (strong - weak) * recovered) / strong; };
  const RoutingOutcome found = outcome("learned");
  EXPECT_DOUBLE_EQ(found.large_share, 0.3);
  EXPECT_NEAR(*found.gap_recovered, learned, 1e-12);
  EXPECT_NEAR(*found.quality_retained, kept(learned), 1e-12);
  EXPECT_NEAR(*found.quality_retained, 0.907, 0.0005);
  EXPECT_NEAR(*found.retained_if_random, kept(0.3), 1e-12);
  EXPECT_NEAR(*found.retained_if_oracle, kept(oracle), 1e-12);
  EXPECT_NEAR(*outcome("oracle").quality_retained, 1.058, 0.0005);
  EXPECT_NEAR(*outcome("random").quality_retained, 0.887, 0.0006);
}

TEST(WorkedPolicy, EveryoneOnTheLargeModel) {
  EXPECT_NEAR(outcome("learned").everyone_large->value(), 1000 * (500 * 3.0 + 300 * 15.0) / 1e6,
              1e-12);
}

}  // namespace
}  // namespace microdc
