// Every rule across fields, with a scenario that breaks it and the place where it is reported.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "tests/unit/scenario/support.hpp"

namespace microdc::test {
namespace {

struct Case {
  std::string rule;
  std::vector<Edit> edits;
  std::string place;
  int exit_code = 2;
  Severity severity = Severity::error;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"something-everywhere",
       {{"/sites/0/racks/0/servers", "[]"}, {"/pools/0/servers", ""}, {"/pools/1/servers", ""}},
       "/sites/0/racks/0/servers"},
      {"something-everywhere", {{"/workloads", "[]"}}, "/workloads"},
      {"names-given", {{"/name", "\"\""}}, "/name"},
      {"names-given", {{"/sites/0/racks/0/name", "\"\""}}, "/sites/0/racks/0/name"},
      {"names-unique", {{"/workloads/1/name", "\"chat\""}}, "/workloads/1/name"},
      {"workload-pools-exist", {{"/workloads/0/pool", "\"smal\""}}, "/workloads/0/pool"},
      {"workload-pools-exist", {{"/workloads/0/pool", ""}}, "/workloads/0/pool"},
      {"workload-pools-exist",
       {{"/workloads/0/pool", ""}, {"/pools/1/model", "\"llama-3.1-8b\""}},
       "/workloads/0/pool"},
      {"pool-models-exist", {{"/pools/0/model", "\"llama-3.1-9b\""}}, "/pools/0/model"},
      {"pool-servers-exist", {{"/pools/0/servers", "\"l40\""}}, "/pools/0/servers"},
      {"pool-servers-exist", {{"/pools/0/servers", ""}}, "/pools/0/servers"},
      {"server-types-exist",
       {{"/sites/0/racks/0/servers/0/type", "\"toaster\""}},
       "/sites/0/racks/0/servers/0/type"},
      {"links-exist", {{"/sites/0/wan_link", "\"string\""}}, "/sites/0/wan_link"},
      {"links-exist",
       {{"/sites/0/racks/0/switch_link", "\"string\""}},
       "/sites/0/racks/0/switch_link"},
      {"registered-names-exist", {{"/pools/0/engine", "\"vlm\""}}, "/pools/0/engine"},
      {"registered-names-exist", {{"/pools/0/scheduler", "\"fifo\""}}, "/pools/0/scheduler"},
      {"registered-names-exist", {{"/gateway/router", "\"random\""}}, "/gateway/router"},
      {"registered-names-exist", {{"/workloads/0/kind", "\"posson\""}}, "/workloads/0/kind"},
      {"registered-names-exist",
       {{"/workloads/1/day_profile", "\"night\""}},
       "/workloads/1/day_profile"},
      {"engines-suit-servers",
       {{"/sites/0/racks/0/servers/0/type", "\"cpu-2x-epyc-9755\""}, {"/pools/0/replicas", "1"}},
       "/pools/0/engine",
       0,
       Severity::warning},
      {"number-formats-exist", {{"/pools/0/weights", "\"fp7\""}}, "/pools/0/weights"},
      {"number-formats-exist", {{"/pools/0/kv_cache", "\"fp7\""}}, "/pools/0/kv_cache"},
      {"parts-have-an-effect",
       {{"/knowledge_bases", R"([{"name": "files"}])"}},
       "/knowledge_bases/0",
       0,
       Severity::warning},
      {"knowledge-bases-exist",
       {{"/workloads/0/retrieval", R"({"knowledge_base": "filed"})"},
        {"/knowledge_bases", R"([{"name": "files"}])"}},
       "/workloads/0/retrieval/knowledge_base"},
      {"knowledge-base-parts-exist",
       {{"/workloads/0/retrieval", R"({"knowledge_base": "files"})"},
        {"/knowledge_bases", R"([{"name": "files", "embedding": "bge-m4"}])"}},
       "/knowledge_bases/0/embedding"},
      {"knowledge-base-parts-exist",
       {{"/workloads/0/retrieval", R"({"knowledge_base": "files"})"},
        {"/knowledge_bases", R"([{"name": "files", "reranker": "bge-m3"}])"}},
       "/knowledge_bases/0/reranker"},
      {"knowledge-base-parts-exist",
       {{"/workloads/0/retrieval", R"({"knowledge_base": "files"})"},
        {"/knowledge_bases", R"([{"name": "files", "index": "tree"}])"}},
       "/knowledge_bases/0/index"},
      {"knowledge-base-parts-exist",
       {{"/workloads/0/retrieval", R"({"knowledge_base": "files"})"},
        {"/knowledge_bases", R"([{"name": "files", "servers": "nowhere"}])"}},
       "/knowledge_bases/0/servers"},
      {"parts-have-an-effect",
       {{"/sites/0/room", R"({"noise_db": 50})"}},
       "/sites/0/room/noise_db",
       0,
       Severity::warning},
      {"prefill-decode-paired", {{"/pools/0/role", "\"prefill\""}}, "/pools/0/decode_pool"},
      {"prefill-decode-paired", {{"/pools/0/decode_pool", "\"large\""}}, "/pools/0/decode_pool"},
      {"names-unique",
       {{"/clouds", R"([{"name": "small", "offer": "gpt-5-mini"}])"}},
       "/clouds/0/name"},
      {"cloud-places-known",
       {{"/clouds", R"([{"name": "api", "offer": "gpt-5-mini", "jurisdiction": "XX"}])"}},
       "/clouds/0/jurisdiction"},
      {"cloud-places-known",
       {{"/clouds", R"([{"name": "api", "offer": "gpt-5-mini", "attestations": ["hdss"]}])"}},
       "/clouds/0/attestations/0"},
      {"complexity-targets-exist",
       {{"/gateway", R"({"complexity": {"small": "smal", "large": "large"}})"},
        {"/workloads/0/pool", ""}},
       "/gateway/complexity/small"},
      {"complexity-targets-exist",
       {{"/gateway", R"({"complexity": {"small": "large", "large": "large"}})"},
        {"/workloads/0/pool", ""}},
       "/gateway/complexity/large"},
      {"complexity-targets-exist",
       {{"/gateway", R"({"complexity": {"small": "small", "large": "large", "curve": "c"}})"},
        {"/workloads/0/pool", ""}},
       "/gateway/complexity/curve"},
      {"complexity-targets-exist",
       {{"/gateway", R"({"complexity": {"small": "small", "large": "large", "router": "dice"}})"},
        {"/workloads/0/pool", ""}},
       "/gateway/complexity/router"},
      {"complexity-targets-exist",
       {{"/gateway", R"({"complexity": {"small": "small", "large": "large"}})"}},
       "/gateway/complexity"},
      {"spill-target-exists",
       {{"/gateway", R"({"spill": {"to": "nowhere"}})"}},
       "/gateway/spill/to"},
      {"spill-target-exists",
       {{"/gateway", R"({"spill": {"to": "small"}})"}, {"/workloads/1/pool", "\"small\""}},
       "/gateway/spill/to"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "CA-OM"})"}},
       "/organisation/jurisdiction"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "DE", "sector": "spital"})"}},
       "/organisation/sector"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "DE", "conditions": ["agent_agreemnt"]})"}},
       "/organisation/conditions/0"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "DE"})"}, {"/sites/0/jurisdiction", "\"UX\""}},
       "/sites/0/jurisdiction"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "DE"})"},
        {"/workloads/0/data_classes", R"(["public_data", "phy"])"}},
       "/workloads/0/data_classes/1"},
      {"policy-words-known",
       {{"/organisation", R"({"jurisdiction": "DE"})"},
        {"/knowledge_bases", R"([{"name": "wiki", "data_classes": ["phy"]}])"}},
       "/knowledge_bases/0/data_classes/0"},
      {"policy-has-a-jurisdiction",
       {{"/workloads/0/data_classes", R"(["phi"])"}},
       "/workloads/0/data_classes"},
      {"policy-has-a-jurisdiction",
       {{"/organisation", R"({"conditions": ["hds"]})"}},
       "/organisation/conditions"},
      {"policy-has-a-jurisdiction",
       {{"/sites/0/operator_jurisdiction", "\"US\""}},
       "/sites/0/operator_jurisdiction"},
      {"generators-complete", {{"/workloads/0/rate", ""}}, "/workloads/0/rate"},
      {"generators-complete", {{"/workloads/0/duration", ""}}, "/workloads/0/duration"},
      {"generators-complete", {{"/workloads/1/users", "0"}}, "/workloads/1/users"},
      {"generators-complete",
       {{"/workloads/0/kind", "\"trace\""}, {"/workloads/0/rate", ""}},
       "/workloads/0/trace_file"},
      {"lengths-consistent",
       {{"/workloads/0/input", R"({"min": 9, "max": 8})"}},
       "/workloads/0/input/min"},
      {"lengths-consistent",
       {{"/workloads/0/input", R"({"mean": 9, "max": 8})"}},
       "/workloads/0/input/mean"},
      {"lengths-consistent",
       {{"/workloads/0/output", R"({"kind": "uniform", "spread": 1.1})"}},
       "/workloads/0/output/spread"},
      {"lengths-consistent",
       {{"/workloads/0/output", R"({"kind": "table"})"}},
       "/workloads/0/output/table"},
      {"lengths-consistent",
       {{"/workloads/0/output", R"({"kind": "table", "table": "azure"})"}},
       "/workloads/0/output/table"},
      {"lengths-fit-context",
       {{"/workloads/0/input", R"({"mean": 131000})"}},
       "/workloads/0/input"},
      {"trace-files-exist",
       {{"/workloads/0/kind", "\"trace\""},
        {"/workloads/0/rate", ""},
        {"/workloads/0/trace_file", "\"no-such-file.csv\""}},
       "/workloads/0/trace_file"},
      {"targets-consistent", {{"/slo", R"({"ttft": "3 s", "e2e": "2 s"})"}}, "/slo/ttft"},
      {"targets-consistent", {{"/slo", R"({"tpot": "3 s", "e2e": "2 s"})"}}, "/slo/tpot"},
      {"currency-is-a-code",
       {{"/economics/currency", "\"euro\""}, {"/sites/0/electricity_price", ""}},
       "/economics/currency"},
      {"purchase-date-is-a-day",
       {{"/economics/purchase_date", R"("2026-13-01")"}},
       "/economics/purchase_date"},
      {"owned-servers-are-there",
       {{"/sites/0/racks/0/servers/0/owned", "99"}},
       "/sites/0/racks/0/servers/0/owned"},
      {"quotes-name-items",
       {{"/economics/quotes", R"([{"item": "l40x", "price": "1 EUR"}])"}},
       "/economics/quotes/0/item"},
      {"quotes-name-items",
       {{"/economics/quotes",
         R"([{"item": "hgx-h100-8", "price": "1 EUR"}, {"item": "HGX H100 8", "price": "2 EUR"}])"}},
       "/economics/quotes/1/item"},
      {"quotes-name-items",
       {{"/economics/quotes",
         R"([{"item": "hgx-h100-8", "price": "1 EUR", "date": "2026-13-01"}])"}},
       "/economics/quotes/0/date"},
      {"quotes-used",
       {{"/economics/quotes", R"([{"item": "hgx-b200-8", "price": "1 EUR"}])"}},
       "/economics/quotes/0/item",
       0,
       Severity::warning},
      {"quotes-used",
       {{"/economics/quotes", R"([{"item": "hgx-h100-8", "price": "1 EUR"}])"},
        {"/economics/capex", "\"1000 EUR\""}},
       "/economics/quotes/0/item",
       0,
       Severity::warning},
      {"financing-consistent",
       {{"/economics/financing", R"({"down_payment": 0.1})"}},
       "/economics/financing/down_payment"},
      {"financing-consistent",
       {{"/economics/financing", R"({"kind": "lease", "years": 1, "down_payment": 0.5})"}},
       "/economics/financing/down_payment"},
      {"cloud-offers-exist",
       {{"/clouds", R"([{"name": "api", "offer": "gtp-5-mini"}])"}},
       "/clouds/0/offer"},
      {"layouts-valid", {{"/pools/1/ep", "2"}}, "/pools/1/ep"},
      {"tensor-parallel-within-server",
       {{"/pools/0/tp", "8"},
        {"/pools/0/replicas", "1"},
        {"/sites/0/racks/0/servers/0/count", "2"}},
       "/pools/0/tp",
       3},
      {"devices-suffice", {{"/pools/0/replicas", "5"}}, "/sites/0/racks/0/servers/0/count", 3},
      {"devices-used",
       {{"/pools/0/replicas", "3"}},
       "/sites/0/racks/0/servers/0",
       0,
       Severity::warning},
      {"weights-fit-memory", {{"/pools/1/tp", "1"}}, "/pools/1/model", 3},
      {"kv-cache-fits-memory", {{"/pools/0/kv_cache_tokens", "15"}}, "/pools/0/kv_cache_tokens"},
      {"kv-cache-fits-memory",
       {{"/pools/0/kv_cache_tokens", "100000000"}},
       "/pools/0/kv_cache_tokens",
       3},
  };
  return all;
}

TEST(Rules, GoodScenarioHasNoFindings) { EXPECT_EQ(to_text(findings_of(good_document())), ""); }

TEST(Rules, EachViolationIsReportedOnceAtItsPlace) {
  for (const Case& c : cases()) {
    const Diagnostics findings = findings_of(edited(c.edits));
    EXPECT_EQ(places(findings, c.severity), std::vector<std::string>{c.place}) << c.rule << "\n"
                                                                               << to_text(findings);
    EXPECT_EQ(findings.exit_code(), c.exit_code) << c.rule;
    for (const Diagnostic& finding : findings.items()) EXPECT_EQ(finding.file, "test.json");
  }
}

TEST(Rules, TheSharedPrefixIsPartOfThePrompt) {
  EXPECT_EQ(to_text(findings_of(edited({{"/workloads/0/input", R"({"mean": 100000})"},
                                        {"/workloads/0/shared_prefix_tokens", "90000"}}))),
            "");
}

TEST(Rules, EachRuleHasACaseThatBreaksIt) {
  std::set<std::string> covered;
  for (const Case& c : cases()) covered.insert(c.rule);
  for (const ScenarioRule& rule : scenario_rules()) {
    EXPECT_TRUE(covered.contains(std::string(rule.name))) << rule.name;
  }
  EXPECT_EQ(covered.size(), scenario_rules().size());
}

TEST(Rules, WithoutCatalogsNamesAreNotJudged) {
  const Result<Scenario> scenario = read_scenario(
      edited({{"/pools/0/model", "\"anything\""}, {"/pools/0/engine", "\"anything\""}}), "t", {},
      CheckContext{});
  EXPECT_TRUE(scenario.ok()) << to_text(scenario.diagnostics());
}

TEST(Rules, FieldsThatAKindDoesNotUseAreWarnings) {
  const Diagnostics findings = findings_of(edited({{"/workloads/1/rate", "\"1 /s\""},
                                                   {"/workloads/0/users", "3"},
                                                   {"/workloads/0/trace_file", "\"t.csv\""}}));
  EXPECT_EQ(findings.exit_code(), 0);
  EXPECT_EQ(places(findings, Severity::warning),
            (std::vector<std::string>{"/workloads/0/users", "/workloads/0/trace_file",
                                      "/workloads/1/rate"}));
}

TEST(Rules, MissingDevicesAreCounted) {
  // 4 L40S a server; 3 replicas of tp 2 and pp 1 need 6.
  const Diagnostics findings =
      findings_of(edited({{"/pools/0/replicas", "3"}, {"/pools/0/tp", "2"}}));
  ASSERT_EQ(findings.items().size(), 1u);
  EXPECT_EQ(findings.items()[0].message, "2 more devices are needed by the pools of this group");
  EXPECT_EQ(findings.items()[0].fix, "set \"count\" to 2, or use fewer replicas");
}

TEST(Rules, UnusedAcceleratorsAreNamedWithTheirServerAndCount) {
  const Diagnostics findings =
      findings_of(edited({{"/pools/0/replicas", "3"}, {"/pools/1/replicas", "1"}}));
  ASSERT_EQ(findings.items().size(), 2u) << to_text(findings);
  EXPECT_EQ(
      findings.items()[0].message,
      "1 of the 4 l40s-48gb of \"l40s\" (gpu-pcie-4x-l40s) is used by no pool, but paid for and "
      "on");
  EXPECT_EQ(
      findings.items()[1].message,
      "4 of the 8 h100-sxm-80gb of \"hgx\" (hgx-h100-8) are used by no pool, but paid for and "
      "on");
  // Sockets of servers without accelerators host the rest of the machine: nothing to warn of.
  EXPECT_EQ(to_text(findings_of(edited({{"/sites/0/racks/0/servers/0/type", "\"cpu-2x-epyc-9755\""},
                                        {"/pools/0/engine", "\"cpu-native\""},
                                        {"/pools/0/replicas", "1"}}))),
            "");
}

TEST(Rules, PoolsOnOneGroupShareItsDevices) {
  EXPECT_EQ(places(findings_of(edited({{"/pools/0/servers", "\"hgx\""}}))),
            std::vector<std::string>{"/sites/0/racks/0/servers/1/count"});
}

TEST(Rules, APoolWithoutAGroupRunsOnAllGroupsOfOneType) {
  std::vector<Edit> edits{{"/sites/0/racks/0/servers/1/type", "\"gpu-pcie-4x-l40s\""},
                          {"/sites/0/racks/0/servers/1/count", "8"},
                          {"/pools/0/servers", ""}};
  const auto found = [&](const std::string& place) {
    const auto all = places(findings_of(edited(edits)));
    return std::find(all.begin(), all.end(), place) != all.end();
  };
  EXPECT_FALSE(found("/pools/0/servers"));
  EXPECT_FALSE(found("/pools/0/replicas"));
  edits.push_back({"/pools/0/replicas", "99"});
  EXPECT_TRUE(found("/pools/0/replicas"));
}

TEST(Rules, TensorParallelRanksAreNotSplitOverServers) {
  // Three servers of 4 hold 12 devices, but only 3 groups of 3 or 4: one pool of 4 x tp 4 is too
  // many, and 2 x tp 4 plus 2 x tp 2 fit.
  const std::string servers = "/sites/0/racks/0/servers/0/count";
  const auto with = [&](std::string other_replicas) {
    return edited({{servers, "2"},
                   {"/pools/0/tp", "1"},
                   {"/pools/0/replicas", "2"},
                   {"/pools/1", R"({"name": "large", "model": "qwen3-14b", "servers": "l40s",
                                    "tp": 4, "replicas": )" +
                                    other_replicas + "}"}});
  };
  EXPECT_EQ(places(findings_of(with("1"))), std::vector<std::string>{});
  EXPECT_EQ(places(findings_of(with("2"))), std::vector<std::string>{servers});
}

TEST(Rules, RemediesOfAMemoryMissHoldWhatTheyPromise) {
  // 70.6e9 parameters: 141 GB in bf16 need 2 x 72 GB at least; 4 with room for norms and cache.
  const Diagnostics findings =
      findings_of(edited({{"/pools/1/tp", "1"}, {"/pools/1/replicas", "8"}}));
  ASSERT_EQ(findings.items().size(), 1u);
  const std::string& fix = findings.items()[0].fix;
  EXPECT_NE(fix.find("\"tp\": "), std::string::npos) << fix;
  EXPECT_NE(fix.find("\"weights\": \"int4_weight\""), std::string::npos) << fix;
  EXPECT_EQ(to_text(findings_of(edited({{"/pools/1/tp", "1"},
                                        {"/pools/1/replicas", "8"},
                                        {"/pools/1/weights", "\"int4_weight\""}}))),
            "");
}

TEST(Rules, PrefillAndDecodePoolsHaveToMatch) {
  const std::vector<Edit> pair{{"/workloads/1/pool", "\"small\""},
                               {"/pools/0/role", "\"prefill\""},
                               {"/pools/0/decode_pool", "\"large\""},
                               {"/pools/1/role", "\"decode\""},
                               {"/pools/1/model", "\"llama-3.1-8b\""}};
  EXPECT_EQ(to_text(findings_of(edited(pair))), "");
  const auto with = [&](Edit more) {
    std::vector<Edit> edits = pair;
    edits.push_back(std::move(more));
    return places(findings_of(edited(edits)));
  };
  EXPECT_EQ(with({"/pools/1/model", "\"llama-3.1-70b\""}),
            std::vector<std::string>{"/pools/0/decode_pool"});
  EXPECT_EQ(with({"/pools/0/decode_pool", "\"larg\""}),
            (std::vector<std::string>{"/pools/0/decode_pool", "/pools/1/role"}));
  EXPECT_EQ(with({"/workloads/1/pool", "\"large\""}),
            std::vector<std::string>{"/workloads/1/pool"});
}

}  // namespace
}  // namespace microdc::test
