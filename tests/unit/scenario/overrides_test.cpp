// --set path=value.
#include "sim/scenario/overrides.hpp"

#include <gtest/gtest.h>

#include "tests/unit/scenario/support.hpp"

namespace microdc::test {
namespace {

Json changed(const std::vector<Override>& overrides) {
  Json document = good_document();
  const Diagnostics findings = apply_overrides(document, overrides);
  EXPECT_EQ(to_text(findings), "");
  return document;
}

TEST(Overrides, TextIsSplitAtTheFirstEqualsSign) {
  const auto change = parse_override("a/b=c=d");
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(change->path, "a/b");
  EXPECT_EQ(change->value, "c=d");
  EXPECT_FALSE(parse_override("no-sign").ok());
  EXPECT_FALSE(parse_override("=3").ok());
}

TEST(Overrides, PathsByIndexByNameWithSlashesAndDots) {
  for (const char* path : {"pools/0/replicas", "/pools/0/replicas", "pools.0.replicas",
                           "pools/small/replicas", "pools.small.replicas"}) {
    EXPECT_EQ(changed({{path, "7"}})["pools"][0]["replicas"], 7) << path;
  }
  EXPECT_EQ(changed({{"sites.home.racks.rack-1.servers.hgx.count",
                      "2"}})["sites"][0]["racks"][0]["servers"][1]["count"],
            2);
}

TEST(Overrides, ValuesAreJsonOrElseText) {
  EXPECT_EQ(changed({{"workloads/0/rate", "3 /s"}})["workloads"][0]["rate"], "3 /s");
  EXPECT_EQ(changed({{"workloads/0/rate", "\"3 /s\""}})["workloads"][0]["rate"], "3 /s");
  EXPECT_EQ(changed({{"pools/0/prefix_caching", "false"}})["pools"][0]["prefix_caching"], false);
  EXPECT_EQ(changed({{"workloads/0/input", R"({"mean": 9})"}})["workloads"][0]["input"]["mean"], 9);
  EXPECT_EQ(changed({{"name", "2026"}})["name"], "2026") << "a text field takes any text";
  EXPECT_EQ(changed({{"pools/0/role", "decode"}})["pools"][0]["role"], "decode");
}

TEST(Overrides, NullBringsTheDefaultBack) {
  EXPECT_FALSE(changed({{"pools/1/tp", "null"}})["pools"][1].contains("tp"));
  EXPECT_FALSE(changed({{"economics", "null"}}).contains("economics"));
}

TEST(Overrides, ObjectsThatWereLeftOutAreMade) {
  EXPECT_EQ(changed({{"gateway/router", "round_robin"}})["gateway"]["router"], "round_robin");
  EXPECT_EQ(
      changed({{"pools/0/speculative/acceptance", "0.5"}})["pools"][0]["speculative"]["acceptance"],
      0.5);
}

TEST(Overrides, LaterChangesActOnEarlierOnes) {
  EXPECT_EQ(changed({{"pools/0/name", "tiny"}, {"pools/tiny/tp", "2"}})["pools"][0]["tp"], 2);
}

TEST(Overrides, UnknownPathsNameTheNearestMatch) {
  Json document = good_document();
  const Diagnostics findings = apply_overrides(document, {{"pools/0/replicsa", "2"},
                                                          {"pools/smal/replicas", "2"},
                                                          {"pools/2/replicas", "2"},
                                                          {"name/first", "x"},
                                                          {"", "x"},
                                                          {"pools", "x"},
                                                          {"polls/0/tp", "2"}});
  EXPECT_EQ(places(findings),
            (std::vector<std::string>{"--set pools/0/replicsa", "--set pools/smal/replicas",
                                      "--set pools/2/replicas", "--set name/first", "--set ",
                                      "--set polls/0/tp"}));
  EXPECT_EQ(findings.items()[0].fix, "did you mean \"replicas\"?");
  EXPECT_EQ(findings.items()[1].fix, "did you mean \"small\"?");
  EXPECT_EQ(findings.items()[5].fix, "did you mean \"pools\"?");
  EXPECT_EQ(document["pools"], "x") << "a wrong type is for the reader of fields to report";
}

TEST(Overrides, WrongDocumentsAreNoReasonToFail) {
  for (const char* text : {"3", "[]", R"({"pools": 3})", R"({"pools": [3]})"}) {
    Json document = Json::parse(text);
    EXPECT_TRUE(apply_overrides(document, {{"pools/0/tp", "2"}}).has_errors()) << text;
  }
}

}  // namespace
}  // namespace microdc::test
