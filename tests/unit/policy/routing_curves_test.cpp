// Quality kept by routing: curves between their floor and their ceiling.
#include "sim/policy/routing_curves.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

const std::vector<RoutingCurve>& curves() {
  const auto& all = routing_curves();
  if (!all) throw std::runtime_error(to_text(all.diagnostics()));
  return *all;
}

TEST(RoutingCurves, PassThroughThePublishedPoints) {
  for (const RoutingCurve& curve : curves()) {
    EXPECT_NEAR(curve.learned(curve.cpt50), 0.5, 0.005) << curve.name;
    EXPECT_NEAR(curve.learned(curve.cpt80), 0.8, 0.005) << curve.name;
    EXPECT_EQ(curve.learned(0), 0) << curve.name;
    EXPECT_EQ(curve.learned(1), 1) << curve.name;
  }
}

TEST(RoutingCurves, LieBetweenRandomAndOracle) {
  for (const RoutingCurve& curve : curves()) {
    for (int i = 0; i <= 100; ++i) {
      const double share = i / 100.0;
      const double learned = *gap_recovered(curve, "learned", share);
      EXPECT_GE(learned, *gap_recovered(curve, "random", share) - 1e-12) << curve.name << share;
      if (const auto oracle = gap_recovered(curve, "oracle", share)) {
        EXPECT_LE(learned, *oracle + 1e-12) << curve.name << share;
      }
    }
  }
}

TEST(RoutingCurves, TheOracleMatchesTheLargeModelWithAFewCalls) {
  const RoutingCurve* curve = find_routing_curve("routellm_gsm8k");
  ASSERT_NE(curve, nullptr);
  EXPECT_NEAR(*curve->oracle(0.2183), 1.0, 0.001);  // facts: 21.8 % of the calls
  EXPECT_NEAR(*curve->oracle(1), 1.0, 1e-9);        // all calls to the large model
  EXPECT_GT(*curve->oracle(0.29), 1.3);
  EXPECT_FALSE(find_routing_curve("routellm_mt_bench")->oracle(0.5));
}

TEST(RoutingCurves, AreThoseOfTheFacts) {
  const char* data = std::getenv("MICRODC_DATA");
  if (data == nullptr) GTEST_SKIP() << "MICRODC_DATA is not set";
  const auto facts = read_json_file(std::filesystem::path(data) / "facts/routing.json");
  ASSERT_TRUE(facts);
  const Json& mmlu = facts->at("published").at(1);
  EXPECT_EQ(find_routing_curve("routellm_mmlu")->cpt50, mmlu.at("CPT50").get<double>());
  EXPECT_EQ(find_routing_curve("routellm_mmlu")->cpt80, mmlu.at("CPT80").get<double>());
  // 75 of 81 points at CPT50: 92 % of the large model's quality.
  const RoutingCurve& curve = *find_routing_curve("routellm_mmlu");
  EXPECT_NEAR(curve.retained(curve.learned(curve.cpt50)), 0.92, 0.005);
}

}  // namespace
}  // namespace microdc
