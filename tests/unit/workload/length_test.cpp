#include "sim/workload/lengths.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

std::vector<double> draw(const LengthSpec& spec, int n = 40000) {
  const auto sampler = LengthSampler::make(spec, "/input");
  EXPECT_TRUE(sampler.ok()) << to_text(sampler.diagnostics());
  std::vector<double> values;
  for (int i = 0; i < n && sampler.ok(); ++i) {
    values.push_back(sampler->at(RandomStream(5, RandomPurpose::input_tokens, 0, i).uniform()));
  }
  return values;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Largest distance between the sample's distribution and the table's, looked at from both sides of
/// each point.
double ks_distance(std::vector<double> values, const QuantileTable& table) {
  std::sort(values.begin(), values.end());
  double worst = 0;
  for (std::size_t i = 0; i < table.percent.size(); ++i) {
    const auto below = std::lower_bound(values.begin(), values.end(), table.tokens[i] - 1);
    const auto above = std::upper_bound(values.begin(), values.end(), table.tokens[i] + 1);
    const auto n = static_cast<double>(values.size());
    const double low = static_cast<double>(below - values.begin()) / n;
    const double high = static_cast<double>(above - values.begin()) / n;
    const double p = table.percent[i] / 100;
    worst = std::max({worst, low - p, p - high});
  }
  return worst;
}

TEST(Lengths, TablesAreReproduced) {
  const auto& catalog = workload_catalog();
  ASSERT_TRUE(catalog.ok()) << to_text(catalog.diagnostics());
  EXPECT_EQ(catalog->lengths.size(), 28u);
  for (const QuantileTable& table : catalog->lengths) {
    LengthSpec spec{.kind = LengthSpec::Kind::table, .table = table.name, .max = 1 << 30};
    const auto values = draw(spec);
    EXPECT_LE(ks_distance(values, table), 0.01) << table.name;
    EXPECT_FALSE(table.source.empty()) << table.name;
    // ServeGen publishes fewer percentiles of some models: their tables are coarser.
    const double tolerance = table.name.starts_with("servegen_m_") ? 0.1 : 0.04;
    EXPECT_NEAR(mean_of(values) / table.mean, 1, tolerance) << table.name;
  }
}

TEST(Lengths, KsDistanceSeesAWrongTable) {
  const auto& tables = workload_catalog()->lengths;
  LengthSpec spec{.kind = LengthSpec::Kind::table, .table = tables[0].name};
  EXPECT_GT(ks_distance(draw(spec), tables[1]), 0.05);
}

TEST(Lengths, FixedUniformLognormal) {
  EXPECT_EQ(draw({.mean = 512.4}, 3), (std::vector<double>{512, 512, 512}));
  const auto uniform = draw({.kind = LengthSpec::Kind::uniform, .mean = 100, .spread = 0.5});
  EXPECT_NEAR(mean_of(uniform), 100, 1);
  EXPECT_EQ(*std::min_element(uniform.begin(), uniform.end()), 50);
  EXPECT_EQ(*std::max_element(uniform.begin(), uniform.end()), 150);
  auto lognormal =
      draw({.kind = LengthSpec::Kind::lognormal, .mean = 1000, .spread = 0.9, .max = 1 << 30});
  EXPECT_NEAR(mean_of(lognormal) / 1000, 1, 0.02);
  std::sort(lognormal.begin(), lognormal.end());
  EXPECT_NEAR(lognormal[lognormal.size() / 2], 1000 * std::exp(-0.405), 20);
}

TEST(Lengths, ATableCanBeScaled) {
  LengthSpec spec{.kind = LengthSpec::Kind::table, .table = "azure2023_conv_input"};
  const double usual = mean_of(draw(spec));
  spec.table_scale = 1.5;
  EXPECT_NEAR(mean_of(draw(spec)) / usual, 1.5, 0.001);
  spec.table_scale = 0;
  EXPECT_FALSE(LengthSampler::make(spec, "/input").ok());
}

TEST(Lengths, StayWithinTheirLimits) {
  for (const double value :
       draw({.kind = LengthSpec::Kind::lognormal, .mean = 100, .spread = 3, .min = 20, .max = 300},
            2000)) {
    EXPECT_GE(value, 20);
    EXPECT_LE(value, 300);
  }
}

TEST(Lengths, MistakesAreNamed) {
  const auto table = LengthSampler::make(
      {.kind = LengthSpec::Kind::table, .table = "azure2023_con_input"}, "/input");
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.diagnostics().items()[0].place, "/input/table");
  EXPECT_EQ(table.diagnostics().items()[0].fix, "did you mean azure2023_conv_input?");
  EXPECT_FALSE(LengthSampler::make({.mean = 0}, "").ok());
  EXPECT_FALSE(LengthSampler::make({.mean = std::nan("")}, "").ok());
  EXPECT_FALSE(LengthSampler::make({.min = 5, .max = 4}, "").ok());
  EXPECT_FALSE(
      LengthSampler::make({.kind = LengthSpec::Kind::uniform, .mean = 9, .spread = 1.5}, "").ok());
}

}  // namespace
}  // namespace microdc
