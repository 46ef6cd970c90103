// The auditor reads what really happened, and notices a gateway that ignores the rules.
#include "sim/policy/audit.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "hwprofiles/base/json_io.hpp"
#include "sim/policy/residency.hpp"
#include "tests/support/forked.hpp"
#include "tests/unit/policy/hospital.hpp"

namespace microdc::testing {
namespace {

/// A hospital whose pool is overrun, so that the gateway wants to send everything to the cloud.
Scenario overrun() {
  Scenario scenario = hospital();
  scenario.gateway.spill = SpillSpec{.to = "api", .queue = Seconds(0.001)};
  scenario.pools[0].max_num_seqs = 1;
  return scenario;
}

std::vector<RequestStream> crowd() {
  std::vector<PlainRequest> requests;
  for (int i = 0; i < 40; ++i) requests.push_back({0.05 * i, 200, 100});
  return {stream_of(requests), stream_of(requests)};
}

/// What the auditor says of a run; without the mask the gateway is broken.
std::string audited(bool with_mask) {
  catalogs();
  return in_child([&] {
    const Scenario scenario = overrun();
    const auto residency = residency_of(scenario, *policy_catalog());
    SimulationOptions options;
    options.log_placements = true;
    if (with_mask) options.placements = (*residency)->table;
    const auto result = simulate(scenario, catalogs(), crowd(), options);
    if (!result) return to_text(result.diagnostics());
    const auto audit = audit_residency(scenario, *result, data_root() / "sim/policy/catalog");
    if (!audit) return to_text(audit.diagnostics());
    const ResidencyAudit& found = **audit;
    std::string text = fmt::format("{} requests, violations: {}\n", found.requests,
                                   found.violations > 0 ? "yes" : "none");
    for (const AuditedClass& own : found.classes) {
      text += fmt::format("{}:", fmt::join(own.data_classes, "+"));
      std::int64_t sum = 0;
      for (const AuditedPlace& place : own.places) {
        text += fmt::format(" {}{}{}", place.cloud ? "cloud " : "", place.jurisdiction,
                            place.lawful ? "" : " FORBIDDEN");
        for (const auto& rule : place.allowed_by) text += " by " + rule;
        for (const auto& rule : place.violated) text += " against " + rule;
        sum += place.requests;
      }
      text += fmt::format("; {} of {}\n", sum, own.requests);
    }
    return text + fmt::format("no cloud: {:.2f}\n", found.no_cloud_share.value_or(-1));
  });
}

TEST(Audit, AGatewayThatObeysItsMaskPasses) {
  EXPECT_EQ(audited(true),
            "80 requests, violations: none\n"
            "phi: CA-ON by CA-ON-PHIPA-12; 40 of 40\n"
            "public_data: CA-ON cloud US; 40 of 40\n"
            "no cloud: 0.50\n");
}

TEST(Audit, ABrokenGatewayThatIgnoresItsMaskFails) {
  EXPECT_EQ(audited(false),
            "80 requests, violations: yes\n"
            "phi: CA-ON by CA-ON-PHIPA-12 cloud US FORBIDDEN by CA-ON-PHIPA-12 against "
            "CA-ON-PHIPA-17 against CA-ON-PHIPA-50; 40 of 40\n"
            "public_data: CA-ON cloud US; 40 of 40\n"
            "no cloud: 0.50\n");
}

TEST(Audit, CountsEachRequestOncePerPlaceAndEachViolation) {
  const Scenario scenario = hospital();
  SimulationResult result;
  result.replicas.push_back({.pool = "pool", .sites = {"site"}});
  // Request 0 was at the pool twice (its server failed), request 1 went to the cloud.
  result.placements = {{0, 0, 0, false}, {0, 0, 0, false}, {0, 1, 0, true}, {1, 0, 0, true}};
  const auto audit = audit_residency(scenario, result, data_root() / "sim/policy/catalog");
  ASSERT_TRUE(audit);
  EXPECT_EQ((*audit)->requests, 3);
  EXPECT_EQ((*audit)->placements, 3);
  EXPECT_EQ((*audit)->violations, 1);
  EXPECT_EQ((*audit)->classes[0].requests, 2);
  EXPECT_EQ((*audit)->classes[0].some_cloud_may, false);
  EXPECT_EQ((*audit)->classes[1].all_clouds_may, true);
  EXPECT_DOUBLE_EQ(*(*audit)->no_cloud_share, 2.0 / 3);
}

TEST(Audit, NoLawNoAudit) {
  const auto audit =
      audit_residency(one_accelerator(), SimulationResult{}, data_root() / "sim/policy/catalog");
  ASSERT_TRUE(audit);
  EXPECT_FALSE(audit->has_value());
}

}  // namespace
}  // namespace microdc::testing
