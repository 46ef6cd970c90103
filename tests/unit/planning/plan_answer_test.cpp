// What a plan's text, page and JSON say beside the recommendation: law, and how best estimates and
// draws differ.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/answer_charts.hpp"
#include "sim/planning/plan/answer_page.hpp"
#include "sim/planning/plan/availability.hpp"
#include "sim/planning/plan/elsewhere.hpp"
#include "sim/planning/plan/law.hpp"
#include "sim/report/bands.hpp"
#include "sim/scenario/checks.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc {
namespace {

using testing::catalogs;

/// A German statutory health insurer whose files only few clouds may have.
Scenario insurer() {
  Scenario scenario = testing::chat_office("insurer", 60, 800, 150);
  scenario.organisation = {.jurisdiction = "DE",
                           .sector = "statutory_health_insurer",
                           .conditions = {"data_protection_impact_assessment"},
                           .date = "2026-11-27"};
  scenario.workloads[0].data_classes = {"social_data", "health_data"};
  scenario.choices.servers = {"gpu-pcie-1x-l4", "gpu-pcie-1x-l40s", "cpu-2x-epyc-9755"};
  scenario.choices.models = {"qwen3-8b"};
  scenario.choices.max_servers = 1;
  return scenario;
}

Plan plan_of(const Scenario& scenario) {
  EvaluationStore none;
  auto plan = make_plan(scenario, catalogs(), testing::plan_knowledge(), none,
                        {.jobs = 2, .draws = 4, .finalists = 2});
  EXPECT_TRUE(plan) << to_text(plan.diagnostics());
  return plan ? std::move(*plan) : Plan{};
}

std::optional<PlanLaw> law(const Plan& plan, const Scenario& scenario) {
  return law_of(plan, scenario, *policy_catalog(), *economics_catalog());
}

const BindingRule* rule_of(const std::vector<BindingRule>& rules, const std::string& name) {
  for (const BindingRule& rule : rules) {
    if (rule.name == name) return &rule;
  }
  return nullptr;
}

TEST(PlanAnswer, TheSameInTextPageAndJson) {
  const Scenario scenario = insurer();
  const Plan plan = plan_of(scenario);
  ASSERT_TRUE(plan.recommended);
  const auto found = law(plan, scenario);
  ASSERT_TRUE(found);
  const std::string text = plan_text(plan, scenario, catalogs(), found);
  const HtmlPage page = plan_page(
      plan, scenario, found, {catalogs().hardware, catalogs().profiles, *economics_catalog()}, "");
  std::string on_page = page.answer;
  for (const HtmlSection& section : page.sections) {
    on_page += section.title;
    for (const auto& [label, value] : section.facts) on_page += label + value;
    for (const HtmlTable& table : section.tables) {
      on_page += table.note;
      for (const std::string& head : table.head) on_page += head;
    }
  }
  for (const char* part :
       {"planning aid, not legal advice", "SGB V s.393(2)-(4) (DE-SGBV-393", "no cloud may take",
        "microdc simulate recommended.json", "in the middle of 4 draws", "irst token, P95"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_NE(on_page.find(part), std::string::npos) << part;
  }
  EXPECT_NE(on_page.find(best_estimate_note), std::string::npos);
  EXPECT_NE(text.find("Best estimate: every figure at its stated value."), std::string::npos);
  const OrderedJson json = plan_json(plan, scenario, found, "");
  EXPECT_NE(text.find("\nThe same requests elsewhere\n"), std::string::npos) << text;
  EXPECT_NE(on_page.find("The same requests elsewhere"), std::string::npos);
  EXPECT_NEAR(json["elsewhere"]["rack_per_year"].get<double>(),
              json["recommended"]["cost_per_year"].get<double>(), 0.005);
  EXPECT_EQ(json["elsewhere"]["baselines"].size(), plan.economics->baselines.baselines.size());
  EXPECT_EQ(json["law"]["note"], policy_disclaimer);
  EXPECT_EQ(json["law"]["jurisdiction"], "DE");
  EXPECT_EQ(json["law"]["no_cloud_share"], *found->no_cloud_share);
}

/// Amounts of a year elsewhere, beside a rack of 1,000.
Plan with_baselines(std::vector<Baseline> baselines) {
  Plan plan;
  plan.judged.emplace_back();
  plan.recommended = 0;
  plan.growth = 4;
  plan.economics.emplace();
  plan.economics->ownership.emplace();
  plan.economics->ownership->totals.per_year = 1000;
  plan.economics->baselines.baselines = std::move(baselines);
  return plan;
}

Baseline elsewhere_at(double per_year, std::optional<bool> lawful,
                      Baseline::Kind kind = Baseline::Kind::cloud_api) {
  return {.kind = kind, .label = "cloud API, x (y)", .per_year = Money(per_year), .lawful = lawful};
}

TEST(PlanElsewhere, TheCheapestLawfulOneIsNamedIfItCostsLessThanTheRack) {
  const Scenario scenario = testing::chat_office("office", 10, 100, 100);
  const auto said = [&](std::vector<Baseline> baselines) {
    return cheaper_elsewhere_text(with_baselines(std::move(baselines)), scenario,
                                  *economics_catalog());
  };
  EXPECT_EQ(said({}), "");
  EXPECT_EQ(said({elsewhere_at(1000, true), elsewhere_at(10, false),
                  elsewhere_at(0, std::nullopt, Baseline::Kind::nothing)}),
            "");
  const std::string text = said({elsewhere_at(10, false), elsewhere_at(500, true)});
  EXPECT_NE(text.find("A lawful cloud (x (y)) would cost 500 "), std::string::npos) << text;
  EXPECT_NE(text.find("; buy only if "), std::string::npos) << text;
  EXPECT_NE(text.find("more than 2 times today's"), std::string::npos) << text;
  const std::string tenth = said({elsewhere_at(100, std::nullopt)});
  EXPECT_NE(tenth.find("(not checked)"), std::string::npos) << tenth;
  EXPECT_EQ(tenth.find("times today's"), std::string::npos) << "more than the rack carries";
}

TEST(PlanElsewhere, AnOfferWorseThanNeededIsNoAlternative) {
  Scenario scenario = testing::chat_office("office", 10, 100, 100);
  Baseline baseline = elsewhere_at(10, true);
  for (const CloudOffer& offer : economics_catalog()->offers) {
    if (offer.quality) baseline.name = offer.name;
  }
  ASSERT_FALSE(baseline.name.empty());
  const Plan plan = with_baselines({baseline});
  EXPECT_NE(cheaper_elsewhere(plan, scenario, *economics_catalog()), nullptr);
  scenario.needs.quality = 99.9;
  EXPECT_EQ(cheaper_elsewhere(plan, scenario, *economics_catalog()), nullptr);
}

TEST(PlanAnswer, TheRecommendedOneIsAlwaysAmongTheListed) {
  Plan plan;
  plan.front = {3, 2, 1};
  EXPECT_EQ(first_and_recommended(plan, plan.front, 2), (std::vector<std::size_t>{3, 2}));
  plan.recommended = 2;
  EXPECT_TRUE(on_front(plan));
  EXPECT_EQ(first_and_recommended(plan, plan.front, 2), (std::vector<std::size_t>{3, 2}));
  EXPECT_EQ(first_and_recommended(plan, plan.front, 1), (std::vector<std::size_t>{3, 2}));
  plan.recommended = 7;
  EXPECT_FALSE(on_front(plan));
  EXPECT_EQ(first_and_recommended(plan, plan.front, 2), (std::vector<std::size_t>{3, 2, 7}));
}

TEST(PlanAnswer, TheChartOfTheCheapestMarksTheRecommendedOne) {
  Plan plan;
  plan.judged.resize(8);
  for (std::size_t i = 0; i < 8; ++i) {
    plan.judged[i].candidate.server = "server-" + std::to_string(i);
    plan.judged[i].evaluation.per_year = 1000.0 + static_cast<double>(i);
    plan.finalists.push_back({.judged = i});
  }
  const auto chart_of = [&](std::size_t recommended) {
    plan.recommended = recommended;
    return *finalists_chart(plan, "EUR");
  };
  EXPECT_EQ(chart_of(1).labels.size(), 6U);
  EXPECT_EQ(chart_of(1).series[0].values[1], 1001);
  EXPECT_EQ(chart_of(1).note.find("Last:"), std::string::npos);
  const HtmlChart chart = chart_of(7);
  ASSERT_EQ(chart.labels.size(), 7U);
  EXPECT_NE(chart.labels[6].find("server-7"), std::string::npos);
  EXPECT_TRUE(chart.series[0].emphasised);
  EXPECT_EQ(chart.series[0].values[6], 1007);
  EXPECT_NE(chart.note.find("Last: the recommended one"), std::string::npos);
}

TEST(PlanAnswer, AvailabilityClaimsNoMoreThanIsKnown) {
  EXPECT_EQ(availability_share_text(0.99885), "99.88 %");
  EXPECT_EQ(availability_share_text(0.9995), "99.95 %");
  EXPECT_EQ(availability_share_text(0.9), "90 %");
  EXPECT_EQ(availability_share_text(0.9999), "99.99 %");
  for (const double more : {0.99998, 0.9999987, 1 - 1e-12, 1.0}) {
    EXPECT_EQ(availability_share_text(more), "more than 99.99 %");
    EXPECT_EQ(outage_text(more), "less than 53 min a year without full service");
  }
  EXPECT_EQ(outage_text(0.9995), "about 4.4 h a year without full service");
  EXPECT_EQ(outage_text(0.99885), "about 10 h a year without full service");
  EXPECT_EQ(outage_text(0.9999), "about 53 min a year without full service");
}

TEST(PlanAnswer, ItSaysWhyTwoServersMayBeLessAvailableThanOne) {
  Judged judged{.candidate = {.server = "x", .servers = 1, .sites = {0}}, .availability = 0.9988};
  EXPECT_EQ(availability_text(judged).find("have to work"), std::string::npos);
  judged.candidate.servers = 2;
  EXPECT_NE(availability_text(judged).find("2 servers have to work at once, and the more have to"),
            std::string::npos)
      << availability_text(judged);
  judged.candidate.spare = 1;
  EXPECT_NE(availability_text(judged).find("2 servers have to work of 3, and"), std::string::npos);
}

TEST(PlanAnswer, ARelaxedAvailabilityIsSaidInHoursAYear) {
  Judged judged;
  judged.misses = {{Need::availability, 0.99885, 0.999, false, ""}};
  EXPECT_EQ(relaxation_text(judged, "EUR"),
            "lower the limit of availability from 99.9 % to 99.88 % (about 10 h a year without "
            "full service instead of 8.8 h)");
}

/// Recommends the first of these, and compares it with the last.
Plan comparing(std::vector<Judged> judged) {
  Plan plan;
  plan.judged = std::move(judged);
  plan.recommended = 0;
  plan.other_kind_that_does = plan.judged.size() - 1;
  plan.growth = 1.8;
  plan.order.emplace();
  return plan;
}

Judged on_server(const std::string& server, double cost) {
  Judged judged;
  judged.candidate = {.server = server, .sites = {0}, .pools = {{.model = "qwen3-8b"}}};
  judged.evaluation.per_year = judged.evaluation.purchase = cost;
  judged.evaluation.offered = judged.evaluation.within = 100;
  return judged;
}

TEST(PlanAnswer, TheOtherKindAndTheReserveStandOnThePageToo) {
  Scenario scenario = insurer();
  const Plan plan =
      comparing({on_server("gpu-pcie-1x-l4", 1000), on_server("cpu-2x-epyc-9755", 2000)});
  const std::string text = plan_text(plan, scenario, catalogs(), std::nullopt);
  const HtmlPage page =
      plan_page(plan, scenario, std::nullopt,
                {catalogs().hardware, catalogs().profiles, *economics_catalog()}, "");
  const auto section = std::find_if(page.sections.begin(), page.sections.end(),
                                    [](const auto& s) { return s.title == "What holds it back"; });
  ASSERT_NE(section, page.sections.end());
  EXPECT_NE(text.find("CPU-centric for at most the same money"), std::string::npos) << text;
  ASSERT_EQ(section->tables.size(), 1U);
  EXPECT_EQ(section->tables[0].title, "CPU-centric for at most the same money");
  ASSERT_EQ(section->tables[0].rows.size(), 2U);
  EXPECT_NE(section->tables[0].rows[1][0].find("cpu-2x-epyc-9755"), std::string::npos);
  EXPECT_NE(section->tables[0].note.find("the cheapest of its kind that meets all needs"),
            std::string::npos);
  const auto& facts = page.sections[0].facts;
  const auto reserve = std::find_if(facts.begin(), facts.end(),
                                    [](const auto& fact) { return fact.first == "reserve"; });
  ASSERT_NE(reserve, facts.end());
  EXPECT_EQ(reserve->second, reserve_text(plan, scenario));
  EXPECT_NE(text.find("It meets every need up to 1.8 times the load"), std::string::npos) << text;
  EXPECT_EQ(limits_texts(plan, scenario).size(), 1U);
  EXPECT_NE(text.find(limits_texts(plan, scenario)[0]), std::string::npos) << text;
}

TEST(PlanLaw, CountsTheRequestsThatNoCloudMayTake) {
  const auto scenario =
      load_scenario(data_root() / "scenarios/german-health-insurer-gpu.json", {}, {});
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  Plan plan;
  plan.requests_of = {100, 50, 50};  // files, letters, the staff's own texts
  const auto found = law(plan, *scenario);
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->scenario_clouds);
  EXPECT_NEAR(*found->no_cloud_share, 0.75, 1e-12);
  const BindingRule* rule = rule_of(found->cloud, "DE-SGBV-393");
  ASSERT_NE(rule, nullptr);
  EXPECT_FALSE(rule->forbids) << "attestations would open the cloud";
  ASSERT_EQ(rule->needs.size(), 1U);
  EXPECT_NEAR(*found->forbidden_share, 0, 1e-12);
  std::string rows;
  for (const auto& [label, value] : law_rows(found)) rows += label + ": " + value + "\n";
  for (const char* part :
       {"may not as described: ", "(bsi_c5_type2) (attestation: the catalog knows of none)",
        "75.0 % of the requests of the busiest week as described, 0 % whatever is arranged"}) {
    EXPECT_NE(rows.find(part), std::string::npos) << part << "\n" << rows;
  }
  EXPECT_EQ(rule->strength, Regulation::Strength::absolute);
  EXPECT_EQ(rule_of(found->own, "DE-SGBV-393"), nullptr) << "binds third parties alone";
}

TEST(PlanLaw, SaysWhichDataNoRuleConcerns) {
  auto scenario = load_scenario(data_root() / "scenarios/ontario-hospital.json", {}, {});
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  for (WorkloadSpec& workload : scenario->workloads) workload.data_classes = {"customer_data"};
  Plan plan;
  const auto found = law(plan, *scenario);
  ASSERT_TRUE(found);
  ASSERT_EQ(found->gaps.size(), 1U);
  EXPECT_EQ(found->gaps[0].data_class, "customer_data");
  EXPECT_EQ(law_rows(found)[3].first, "WITHOUT A RULE");
}

TEST(PlanLaw, WithoutCloudsOfItsOwnTheCatalogIsJudged) {
  const auto scenario = load_scenario(data_root() / "scenarios/ontario-hospital.json", {}, {});
  ASSERT_TRUE(scenario) << to_text(scenario.diagnostics());
  Plan plan;
  plan.requests_of.assign(scenario->workloads.size(), 10);
  const auto found = law(plan, *scenario);
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->scenario_clouds);
  EXPECT_EQ(found->clouds, economics_catalog()->offers.size());
  EXPECT_NE(rule_of(found->own, "CA-ON-PHIPA-12"), nullptr);
}

TEST(PlanLaw, WithoutAJurisdictionItSaysThatNoneWasApplied) {
  const auto found = law({}, testing::chat_office("anywhere", 10, 100, 100));
  EXPECT_FALSE(found);
  const auto rows = law_rows(found);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].first, "no law applied");
}

}  // namespace
}  // namespace microdc
