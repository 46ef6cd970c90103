#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/laws/profile.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

DeviceProfile some_profile() {
  DeviceProfile profile{.device = "alpha", .note = "made up"};
  FittedLaw law = test::make_law(LawKind::all_reduce, "nccl", NumberFormat::bf16,
                                 {1.25e-6, 3.5e-10, 1.23456e11});
  law.group = 4;
  law.residual_sd = 0.07;
  law.regimes = {{"small", 7, 0.01, 0.05, 0.1}};
  law.domain = {{"message", 256, 1e9}};
  law.held_out = ErrorSummary{0.03, 0.12};
  law.source = "nobody";
  profile.laws.push_back(law);
  return profile;
}

TEST(ProfileStore, ReadsWhatItWrites) {
  const test::TemporaryFolder folder;
  const std::string text = profile_text(some_profile());
  folder.write("alpha.json", text);
  const auto store = ProfileStore::load(folder.path());
  ASSERT_TRUE(store.ok()) << to_text(store.diagnostics());
  const DeviceProfile* profile = store->profile("alpha");
  ASSERT_NE(profile, nullptr);
  EXPECT_EQ(profile_text(*profile), text);
  EXPECT_EQ(profile->laws.at(0).group, 4);
  EXPECT_EQ(profile->laws.at(0).parameter("bandwidth"), 1.23456e11);
  EXPECT_EQ(profile->laws.at(0).parameter("nonsense"), std::nullopt);
  EXPECT_FALSE(profile->laws.at(0).in_sample.has_value());
}

TEST(ProfileStore, ReportsAFolderThatIsNotThere) {
  const auto store = ProfileStore::load("/no/such/folder");
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.diagnostics().items().front().file, "/no/such/folder");
}

TEST(ProfileStore, CollectsMistakesOfAllFiles) {
  const test::TemporaryFolder folder;
  folder.write("a.json", "{\"device\": \"a\"}");  // laws are missing
  folder.write("b.json", "not JSON");
  const auto store = ProfileStore::load(folder.path());
  ASSERT_FALSE(store.ok());
  EXPECT_GE(store.diagnostics().items().size(), 2u);
}

TEST(ProfileStore, RefusesADeviceTwice) {
  const test::TemporaryFolder folder;
  folder.write("a.json", profile_text(some_profile()));
  folder.write("b.json", profile_text(some_profile()));
  const auto store = ProfileStore::load(folder.path());
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.diagnostics().items().front().place, "/device");
}

TEST(ProfileStore, MergePrefersTheOther) {
  ProfileStore ours = test::small_profiles(), theirs;
  theirs.put(some_profile());
  ours.merge(theirs);
  EXPECT_EQ(ours.profile("alpha")->note, "made up");
  EXPECT_NE(ours.power("alpha"), nullptr);
}

TEST(ProfileStore, MergeKeepsLawsOfKernelsThatTheOtherHasNotMeasured) {
  ProfileStore ours = test::small_profiles(), theirs;
  const std::size_t before = ours.profile("alpha")->laws.size();
  const std::vector<double> theta{9e-6, 1e-6, 0.8, 0.5, 2, 0.1};
  theirs.put(
      DeviceProfile{.device = "alpha",
                    .laws = {test::make_law(LawKind::gemm, "own", NumberFormat::bf16, theta),
                             test::make_law(LawKind::gemm, "vllm", NumberFormat::bf16, theta)}});
  ours.merge(theirs);
  const DeviceProfile& both = *ours.profile("alpha");
  EXPECT_EQ(both.laws.size(), before + 1);
  int found = 0;
  for (const FittedLaw& law : both.laws) {
    if (law.kind != LawKind::gemm || law.format != NumberFormat::bf16) continue;
    if (law.kernel_source != "vllm") continue;
    ++found;
    EXPECT_EQ(law.parameter("launch").value(), 9e-6);
  }
  EXPECT_EQ(found, 1);
}

TEST(CheckLaw, FindsStructuralMistakes) {
  FittedLaw law = some_profile().laws.front();
  EXPECT_FALSE(check_law(law, "f", "/laws/0").has_errors());
  law.parameters[1].value = 0;
  law.parameters[2].name = "speed";
  law.covariance[1] = 5;
  const Diagnostics found = check_law(law, "f", "/laws/0");
  ASSERT_EQ(found.items().size(), 3u);
  EXPECT_EQ(found.items()[0].place, "/laws/0/parameters");
  EXPECT_EQ(found.items()[1].place, "/laws/0/parameters/1/value");
  EXPECT_EQ(found.items()[2].place, "/laws/0/covariance");
  law.parameters.pop_back();
  EXPECT_EQ(check_law(law, "f", "/laws/0").items().front().place, "/laws/0/parameters");
}

TEST(FittedLaw, KnowsWhatItsMissingParametersAre) {
  FittedLaw law = test::make_law(LawKind::gemm, "own", NumberFormat::bf16, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(law.theta(), (std::vector<double>{1, 2, 3, 4, 5, 6, 1, 0}));
  law.parameters.push_back({.name = "row", .unit = "B", .value = 7});
  EXPECT_EQ(law.theta(), (std::vector<double>{1, 2, 3, 4, 5, 6, 1, 7}));
  law.covariance.clear();
  EXPECT_FALSE(check_law(law, "f", "/laws/0").has_errors());
  law.parameters.erase(law.parameters.begin());
  EXPECT_TRUE(check_law(law, "f", "/laws/0").has_errors());
}

}  // namespace
}  // namespace microdc
