// Runs that are kept belong to one program and its inputs.
#include "sim/planning/run_store.hpp"

#include <gtest/gtest.h>

#include "sim/cli/program_build.hpp"
#include "sim/cli/worker_options.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc::testing {
namespace {

TEST(RunStore, ABuildHasAnIdentity) {
  EXPECT_GE(cli::program_build().size(), 16U) << "no build ID: linked without --build-id?";
  EXPECT_EQ(cli::program_build(), cli::program_build());
}

TEST(RunStore, AnotherProgramDoesNotTakeOldAnswersOver) {
  const test::TemporaryFolder folder;
  const std::string name = folder.path().string();
  {
    auto store = cli::open_store<RunStore>(name, "runs.tsv", "digest");
    ASSERT_TRUE(store);
    store->add("candidate", "42");
  }
  const auto same = cli::open_store<RunStore>(name, "runs.tsv", "digest");
  ASSERT_NE(same->find("candidate"), nullptr);
  const auto other_inputs = cli::open_store<RunStore>(name, "runs.tsv", "other digest");
  EXPECT_EQ(other_inputs->find("candidate"), nullptr);
  const auto updated =
      RunStore::open(folder.path() / "runs.tsv", cli::store_key("digest", "another build"));
  ASSERT_TRUE(updated);
  EXPECT_EQ(updated->find("candidate"), nullptr);
  // Before builds were part of the key it was the digest alone.
  EXPECT_EQ(RunStore::open(folder.path() / "runs.tsv", "digest")->size(), 0U);
}

}  // namespace
}  // namespace microdc::testing
