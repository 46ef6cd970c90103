// The published schemas of answers hold for what the writers write, and have no part that the
// writers do not fill.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "sim/planning/compare/answer.hpp"
#include "sim/planning/forecast/answer.hpp"
#include "sim/planning/plan/answer.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc::testing {
namespace {

Scenario answering_office() { return chat_office("office", 30, 600, 100); }

Judged judged_candidate(bool everything_known) {
  Judged judged;
  judged.candidate = {.server = "gpu-pcie-1x-l4", .sites = {0}, .pools = {{.model = "qwen3-8b"}}};
  judged.rack_units = 2;
  judged.availability = 0.99;
  judged.evaluation.stopped = !everything_known;
  if (!everything_known) {
    judged.misses = {{.need = Need::memory, .text = "weights do not fit"}};
    return judged;
  }
  Evaluation& e = judged.evaluation;
  e.ttft = e.tpot = e.ttft_p50 = e.tpot_p50 = 0.5;
  e.peak_power = e.mean_power = 300;
  e.requests_per_year = e.input_tokens_per_year = e.output_tokens_per_year = 100;
  e.purchase = e.per_year = e.energy_per_year = e.carbon_per_year = 1000.5;
  judged.candidate.pools[0].weights = "fp8";
  judged.quality = 80;
  judged.misses = {{.need = Need::budget, .value = 11, .limit = 10}};
  return judged;
}

/// What is ordered: a part of which everything is known.
Order full_order() {
  Order order{.servers_kept = 1, .full_load = Watts(900)};
  order.parts.parts = {{.item = "ups",
                        .label = "UPS",
                        .group = "gpu",
                        .quantity = 1,
                        .unit = "kW",
                        .low = Cents(90),
                        .high = Cents(110),
                        .source = "a shop",
                        .date = "2026-11",
                        .lead_time = Seconds(60),
                        .lead_time_source = "a quote"},
                       {.item = "rack", .from = Part::From::owned}};
  order.parts.lead_time = Seconds(60);
  order.timetable = {.ordered = "2026-12-01",
                     .delivery = Seconds(60),
                     .slowest = "UPS",
                     .delivery_source = "a quote",
                     .installation = Seconds(60),
                     .serves_from = "2026-12-02",
                     .outgrown = 4,
                     .outgrown_early = 3,
                     .outgrown_late = 5};
  return order;
}

/// What the recommended rack's requests would cost elsewhere.
Economics full_economics() {
  Economics economics;
  economics.ownership.emplace();
  economics.ownership->totals.per_year = 900;
  economics.baselines.baselines = {{.kind = Baseline::Kind::cloud_api,
                                    .name = "an offer",
                                    .per_year = Money(10),
                                    .per_1000_requests = Money(1),
                                    .per_million_output_tokens = Money(1),
                                    .jurisdiction = "EU",
                                    .operator_jurisdiction = "EU",
                                    .lawful = true,
                                    .source = "a list"},
                                   {.kind = Baseline::Kind::nothing}};
  return economics;
}

Plan full_plan() {
  Plan plan;
  plan.judged = {judged_candidate(true), judged_candidate(false)};
  plan.recommended = 0;
  plan.nearest_miss = plan.other_kind = 1;
  plan.other_kind_that_does = 0;
  plan.preference = Plan::Preference{.over = 1, .dearer = 10, .draws_dearer = 2};
  plan.order = full_order();
  plan.front = {0};
  plan.economics = full_economics();
  const Spread spread{1, 2, 3};
  plan.finalists = {{.judged = 0, .draws = 4, .ttft = spread, .per_year = spread}};
  plan.sources = {{"prices", std::nullopt, spread}};
  plan.growth = 1.5;
  plan.binding = Plan::Binding{.judged = 0, .saving = 100};
  plan.ruled_out[0] = 3;
  return plan;
}

/// Two years, each member once with and once without a value where it may have none.
Forecast full_forecast() {
  Forecast forecast;
  forecast.years = 2;
  forecast.futures = 10;
  forecast.first_year = 2026;
  forecast.trends = *trend_catalog();
  const FutureBand known{1, 2, 3.5};
  forecast.cloud = {.label = "an offer", .lawful = true, .bill = {known, FutureBand{}}};
  StrategyForecast& keep = forecast.strategies.emplace_back();
  keep.years.resize(2);
  keep.years[0].demand = known;
  forecast.beats_cloud = {0.5, {1, 2, std::nullopt}};
  forecast.quality = QualityForecast{.model = "m", .reachable = {known}, .frontier = {known}};
  forecast.refresh_best = {0.4, 0.6};
  forecast.axes = {.loads = {1}, .sizes = {1}, .hardware = {{}}, .progress = {1}};
  return forecast;
}

ComparedRun schema_run(const std::string& name, double ttft) {
  ComparedRun run{.name = name, .inputs_sha256 = name, .scenario = answering_office()};
  run.figures = {{"latency.ttft_s.p95", ttft}, {"latency.ttft_s.p50", ttft - 1}};
  run.draws = {run.figures, run.figures};
  run.parts = {{.label = "server", .quantity = 2}, {"UPS", 1.5, "kW", Cents(100)}};
  run.caveats = {"a caveat"};
  run.missing = {"a price"};
  return run;
}

ScenarioComparison full_comparison() {
  ScenarioComparison comparison;
  comparison.runs = {schema_run("a", 1), schema_run("b", 2), schema_run("c", 3)};
  for (std::size_t i = 0; i < 2; ++i) comparison.runs[i].per_year.emplace();
  comparison.runs[1].figures["power.peak_w"] = 100;  // the first does not know it
  comparison.changes = {{},
                        {{.path = "seed", .from = "1", .to = "2", .ratio = 2}},
                        {{.path = "pools/a", .label = "Pool"}}};
  return comparison;
}

/// Everything that is wrong with the values, and what of the schema they leave unproven.
std::string schema_proof(const std::string& name, const std::vector<OrderedJson>& values) {
  JsonSchema schema = JsonSchema::published(name);
  std::string text;
  for (const OrderedJson& value : values) text += schema.violations(value);
  const std::string unused = schema.unused();
  return unused.empty() ? text : text + "unused:\n" + unused;
}

std::vector<OrderedJson> plan_answers() {
  Plan other = full_plan();
  other.finalists[0].tpot = other.finalists[0].purchase = Spread{};
  other.finalists[0].ttft = other.finalists[0].per_year = std::nullopt;
  other.sources = {{"laws", Spread{}, std::nullopt}};
  other.preference->over = 0;
  other.order = Order{};
  other.economics = Economics{};
  other.judged[0].evaluation.requests_per_year = std::nullopt;
  other.judged[0].evaluation.input_tokens_per_year = std::nullopt;
  other.judged[0].evaluation.output_tokens_per_year = std::nullopt;
  other.order->parts.missing = {"a price"};
  Scenario lawful = answering_office();
  lawful.organisation = {.jurisdiction = "DE", .sector = "statutory_health_insurer"};
  lawful.workloads[0].data_classes = {"health_data", "social_data", "financial_data"};
  Scenario no_sector = lawful;
  no_sector.organisation.sector.clear();
  Plan counted = full_plan();
  counted.requests_of = {5};
  counted.economics->baselines.baselines[0].needs = {{{"a contract", "an attestation"}}};
  const auto answer = [](const Plan& plan, const Scenario& scenario) {
    const auto law = law_of(plan, scenario, *policy_catalog(), *economics_catalog());
    return plan_json(plan, scenario, law, "x");
  };
  return {answer(counted, lawful), answer(other, no_sector), answer(other, answering_office()),
          answer(Plan{}, answering_office())};
}

std::vector<OrderedJson> forecast_answers() {
  Forecast nothing = full_forecast();
  nothing.first_year.reset();
  nothing.cloud->lawful.reset();
  nothing.quality.reset();
  Forecast no_cloud = full_forecast();
  no_cloud.cloud.reset();
  Forecast not_yet = full_forecast();
  not_yet.cloud = {.label = "an offer", .lawful = false, .needs = {{{"a contract"}}}};
  Forecast forbidden = not_yet;
  forbidden.cloud->forbidden = true;
  std::vector<OrderedJson> answers;
  for (const Forecast& forecast : {full_forecast(), nothing, no_cloud, not_yet, forbidden}) {
    answers.push_back(forecast_json(forecast, answering_office(), "x"));
  }
  return answers;
}

std::vector<OrderedJson> compare_answers() { return {compare_json(full_comparison())}; }

TEST(AnswerSchemas, OfPlanForecastAndCompareAreWhatIsWritten) {
  EXPECT_EQ(schema_proof("plan", plan_answers()), "");
  EXPECT_EQ(schema_proof("forecast", forecast_answers()), "");
  EXPECT_EQ(schema_proof("compare", compare_answers()), "");
}

/// Places of all members, as pointers.
void member_places(const OrderedJson& value, const std::string& at,
                   std::vector<std::string>& places) {
  if (!value.is_structured()) return;
  for (const auto& [key, item] : value.items()) {
    if (value.is_object()) places.push_back(at + "/" + key);
    member_places(item, at + "/" + key, places);
  }
}

/// Members that a map may lack, as they are no part of the shape.
bool may_lack(const std::string& place) {
  for (const char* part : {"/trends/", "/ruled_out/", "/figures/", "/misses/", "/band",
                           "/difference", "/relative", "/cost_difference", "/changed_inputs"}) {
    if (place.find(part) != std::string::npos) return true;
  }
  return false;
}

TEST(AnswerSchemas, MissingExtraAndMistypedMembersAreSeen) {
  const std::vector<std::pair<std::string, OrderedJson>> answers{
      {"plan", plan_answers()[0]},
      {"forecast", forecast_answers()[0]},
      {"compare", compare_answers()[0]}};
  for (const auto& [name, answer] : answers) {
    JsonSchema schema = JsonSchema::published(name);
    ASSERT_EQ(schema.violations(answer), "");
    std::vector<std::string> places;
    member_places(answer, "", places);
    EXPECT_GT(places.size(), 20U);
    for (const std::string& place : places) {
      const OrderedJson::json_pointer pointer(place);
      OrderedJson mistyped = answer;
      mistyped[pointer] = OrderedJson::array({OrderedJson::object()});
      if (!answer[pointer].is_array()) {
        EXPECT_NE(schema.violations(mistyped), "") << place;
      }
      if (may_lack(place)) continue;
      OrderedJson missing = answer;
      missing[pointer.parent_pointer()].erase(pointer.back());
      EXPECT_NE(schema.violations(missing), "") << place;
      OrderedJson extra = answer;
      extra[pointer.parent_pointer()]["surplus"] = 1;
      EXPECT_NE(schema.violations(extra), "") << place;
    }
  }
}

TEST(AnswerSchemas, AKeywordThatNobodyChecksIsAViolation) {
  JsonSchema schema(OrderedJson{{"type", "number"}, {"multipleOf", 2}});
  EXPECT_NE(schema.violations(4), "");
}

}  // namespace
}  // namespace microdc::testing
