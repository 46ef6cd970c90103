// How well the published runs are predicted. Bounds are medians over groups of GPU, model, source
// and engine on the GPUs whose kernels were measured.
#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "sim/planning/validate/validate.hpp"
#include "sim/planning/workers.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

const Validation* whole_file() {
  const char* folder = std::getenv("MICRODC_DATA");
  if (folder == nullptr) return nullptr;
  static const Result<Validation> validation = [&] {
    Catalogs catalogs = microdc::testing::catalogs();
    const std::filesystem::path measured = std::filesystem::path(folder) / "measured";
    return validate_measurements({.measurements = measured / "e2e.csv",
                                  .requests = measured / "requests.csv",
                                  .jobs = available_processors()},
                                 catalogs, microdc::testing::conventions());
  }();
  EXPECT_TRUE(validation) << to_text(validation.diagnostics());
  return &*validation;
}

double median_error(const Validation& validation, const std::string& metric,
                    const std::string& arch) {
  static const std::set<std::string> measured_gpus{"A100-SXM-80GB", "H100-SXM-80GB",
                                                   "B200-SXM-180GB", "RTX-PRO-6000-96GB"};
  std::vector<double> errors;
  for (const ScoredGroup& group : validation.groups) {
    if (!measured_gpus.contains(group.gpu) || is_derived(group.metric)) continue;
    if (is_tail(group.metric)) continue;
    if (metric_class(group.metric) != metric || (!arch.empty() && group.arch != arch)) continue;
    errors.push_back(group.errors.median_ape);
  }
  EXPECT_FALSE(errors.empty());
  return errors.empty() ? 1 : median_of(errors);
}

class Accuracy : public ::testing::Test {
 protected:
  void SetUp() override {
    validation_ = whole_file();
    if (validation_ == nullptr) GTEST_SKIP() << "MICRODC_DATA does not name the measurements";
  }
  const Validation* validation_ = nullptr;
};

TEST_F(Accuracy, NearlyAllRowsArePredicted) {
  EXPECT_GE(validation_->scored_rows * 100, validation_->rows * 90);
}
TEST_F(Accuracy, TpotOfDenseModels) {
  EXPECT_LE(median_error(*validation_, "tpot", "dense"), 0.10);
}
TEST_F(Accuracy, TpotOfMixturesOfExperts) {
  EXPECT_LE(median_error(*validation_, "tpot", "moe"), 0.20);
}
TEST_F(Accuracy, GapsBetweenTokens) { EXPECT_LE(median_error(*validation_, "itl", ""), 0.15); }
TEST_F(Accuracy, Throughput) { EXPECT_LE(median_error(*validation_, "throughput", ""), 0.15); }
TEST_F(Accuracy, Ttft) { EXPECT_LE(median_error(*validation_, "ttft", ""), 0.35); }
TEST_F(Accuracy, Energy) { EXPECT_LE(median_error(*validation_, "energy", ""), 0.25); }
TEST_F(Accuracy, Power) { EXPECT_LE(median_error(*validation_, "power", ""), 0.15); }

TEST_F(Accuracy, BandsHoldFourOfFiveMeasurements) {
  std::size_t within = 0;
  std::size_t all = 0;
  for (const Comparison& c : validation_->comparisons) {
    if (is_derived(c.metric)) continue;
    ++all;
    if (c.measured >= c.p10 && c.measured <= c.p90) ++within;
  }
  EXPECT_GE(within * 100, all * 72);
}

}  // namespace
}  // namespace microdc
