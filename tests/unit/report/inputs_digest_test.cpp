#include "sim/report/inputs_digest.hpp"

#include <gtest/gtest.h>

#include "support.hpp"

namespace microdc {
namespace {

TEST(Sha256, TestVectorsOfFips180) {
  EXPECT_EQ(sha256_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

class InputsDigest : public ::testing::Test {
 protected:
  InputsDigest() {
    for (const char* name : {"a", "b"}) {
      testing::write_text(folder_.path() / (std::string(name) + ".csv"), "the same trace\n");
    }
    std::filesystem::create_directories(catalogs_ / "models/catalog");
    testing::write_text(catalogs_ / "models/catalog/m.json", "{}");
    scenario_ = testing::made_up_report().scenario;
    scenario_.workloads[0].kind = "trace";
    scenario_.workloads[0].trace_file = "a.csv";
  }
  std::string digest() { return *inputs_sha256(scenario_, folder_.path(), catalogs_); }

  testing::TemporaryFolder folder_;
  std::filesystem::path catalogs_ = folder_.path() / "home";
  Scenario scenario_;
};

TEST_F(InputsDigest, DependsOnContentNotOnPlaces) {
  const std::string first = digest();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(digest(), first);
  scenario_.workloads[0].trace_file = "b.csv";
  EXPECT_EQ(digest(), first);
}

TEST_F(InputsDigest, ChangesWithScenarioTraceAndCatalog) {
  const std::string first = digest();
  scenario_.seed = 8;
  const std::string other_seed = digest();
  EXPECT_NE(other_seed, first);
  scenario_.seed = 7;
  testing::write_text(folder_.path() / "a.csv", "another trace\n");
  const std::string other_trace = digest();
  EXPECT_NE(other_trace, first);
  testing::write_text(catalogs_ / "models/catalog/m.json", "{ }");
  EXPECT_NE(digest(), other_trace);
}

TEST_F(InputsDigest, CoversModelCardsByContentNotByPlace) {
  testing::write_text(folder_.path() / "one.json", "a card");
  testing::write_text(folder_.path() / "two.json", "a card");
  scenario_.pools[0].model = "one.json";
  const std::string first = digest();
  scenario_.pools[0].model = "two.json";
  EXPECT_EQ(digest(), first);
  testing::write_text(folder_.path() / "two.json", "another card");
  EXPECT_NE(digest(), first);
  scenario_.pools[0].model = "none.json";
  EXPECT_FALSE(inputs_sha256(scenario_, folder_.path(), catalogs_));
}

TEST_F(InputsDigest, MissingTraceIsAnError) {
  scenario_.workloads[0].trace_file = "none.csv";
  const auto result = inputs_sha256(scenario_, folder_.path(), catalogs_);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.diagnostics().exit_code(), 2);
}

}  // namespace
}  // namespace microdc
