// Findings: their text, the exit code they lead to, and the nearest match to a mistyped word.
#include "hwprofiles/base/diagnostics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace microdc {
namespace {

Diagnostics findings(const std::vector<Diagnostic>& items) {
  Diagnostics all;
  for (const Diagnostic& item : items) all.add(item);
  return all;
}
Diagnostic of(Problem problem) { return {.problem = problem, .message = "m"}; }

TEST(Diagnostics, ExitCodeIsThatOfTheGravestError) {
  EXPECT_EQ(findings({}).exit_code(), 0);
  EXPECT_EQ(findings({{.severity = Severity::warning, .message = "m"}}).exit_code(), 0);
  EXPECT_EQ(findings({of(Problem::input)}).exit_code(), 2);
  EXPECT_EQ(findings({of(Problem::infeasible)}).exit_code(), 3);
  EXPECT_EQ(findings({of(Problem::internal)}).exit_code(), 4);
  // A wrong input makes a statement about feasibility worthless; a defect makes all worthless.
  EXPECT_EQ(findings({of(Problem::infeasible), of(Problem::input)}).exit_code(), 2);
  EXPECT_EQ(findings({of(Problem::input), of(Problem::infeasible)}).exit_code(), 2);
  EXPECT_EQ(findings({of(Problem::internal), of(Problem::input)}).exit_code(), 4);
  EXPECT_EQ(findings({of(Problem::infeasible), of(Problem::internal)}).exit_code(), 4);
}

TEST(Diagnostics, OnlyErrorsCountAsErrors) {
  Diagnostics all = findings({{.severity = Severity::note, .message = "n"},
                              {.severity = Severity::warning, .message = "w"}});
  EXPECT_FALSE(all.has_errors());
  EXPECT_FALSE(all.empty());
  all.append(findings({{.message = "e"}}));
  EXPECT_TRUE(all.has_errors());
  ASSERT_EQ(all.items().size(), 3u);
  EXPECT_EQ(all.items()[2].message, "e");  // in the order in which they were found
}

TEST(Diagnostics, TextNamesFilePlaceFoundAllowedAndFix) {
  EXPECT_EQ(to_text(Diagnostic{.file = "rack.json",
                               .place = "/site/pue",
                               .message = "the value is out of range",
                               .found = "0.5",
                               .allowed = "1 to 5",
                               .fix = "write 1.5"}),
            "error: rack.json at /site/pue: the value is out of range\n"
            "    found:   0.5\n"
            "    allowed: 1 to 5\n"
            "    fix:     write 1.5\n");
  EXPECT_EQ(to_text(Diagnostic{.severity = Severity::warning, .file = "a", .message = "odd"}),
            "warning: a: odd\n");
  EXPECT_EQ(to_text(Diagnostic{.severity = Severity::note, .message = "odd"}), "note: odd\n");
}

TEST(Result, HoldsAValueOrTheErrors) {
  const Result<int> good(7);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, 7);
  const Result<int> warned(7, findings({{.severity = Severity::warning, .message = "w"}}));
  EXPECT_TRUE(warned.ok());
  EXPECT_EQ(warned.diagnostics().items().size(), 1u);
  const Result<int> bad(Diagnostic{.message = "e"});
  EXPECT_FALSE(bad.ok());
  EXPECT_TRUE(bad.diagnostics().has_errors());
}

const std::vector<std::string>& gpus() {
  static const std::vector<std::string> names{"h100-sxm-80gb", "a100-sxm-80gb", "l40s-48gb"};
  return names;
}

TEST(NearestMatch, FindsTypingMistakes) {
  EXPECT_EQ(nearest_match("h100-sxm-80bg", gpus()), "h100-sxm-80gb");
  EXPECT_EQ(nearest_match("L40S-48GB", gpus()), "l40s-48gb");
  EXPECT_EQ(nearest_match("l4s-48gb", gpus()), "l40s-48gb");
  EXPECT_EQ(nearest_match("x", {"y"}), "y");
}

TEST(NearestMatch, DoesNotGuess) {
  EXPECT_FALSE(nearest_match("tpu", gpus()).has_value());
  EXPECT_FALSE(nearest_match("h100", {}).has_value());
  EXPECT_FALSE(nearest_match("", gpus()).has_value());
}

TEST(NearestMatch, TakesTheFirstOfEquallyNear) {
  EXPECT_EQ(nearest_match("h10", {"h20", "h30"}), "h20");
}

TEST(JoinNames, CutsLongLists) {
  EXPECT_EQ(join_names({}), "");
  EXPECT_EQ(join_names({"a", "b"}), "a, b");
  EXPECT_EQ(join_names({"a", "b", "c", "d"}, 2), "a, b, … (2 more)");
}

}  // namespace
}  // namespace microdc
