// The first rack of a new scenario: what it has to carry, what a replica carries, what is bought.
#include "sim/planning/sizing/cheapest_rack.hpp"

#include <gtest/gtest.h>

#include "sim/cli/scenario_input.hpp"
#include "sim/planning/sizing/replica_capacity.hpp"
#include "sim/scenario/lookup.hpp"
#include "tests/unit/planning/support.hpp"

namespace microdc::testing {
namespace {

CheckContext rules() { return cli::check_context(catalogs()); }

StarterAnswers office() {
  const auto places = load_places(data_root() / "sim/scenario/catalog/places.json");
  EXPECT_TRUE(places.ok());
  return {.employees = 200, .place = places->front(), .model = "llama-3.1-8b"};
}

Result<SizedRack> rack_of(const StarterAnswers& answers) {
  return cheapest_rack(answers, catalogs(), rules());
}

const ServerGroupSpec& group_of(const SizedRack& rack) {
  return rack.scenario.sites[0].racks[0].servers[0];
}

TEST(PeakLoad, IsTheBusiestHourAndItsBusierMinutes) {
  StarterAnswers answers = office();
  answers.prompts_per_day = 3600;
  const auto frame = starter_frame(answers, rules());
  ASSERT_TRUE(frame.ok());
  WorkloadSpec calm = frame->workloads[0];
  calm.minute_rate_cv = 0;
  const auto even = peak_load(calm);
  const auto load = peak_load(frame->workloads[0]);
  ASSERT_TRUE(even.ok() && load.ok());
  // The busiest hour has between a tenth and a fifth of a working day's prompts.
  EXPECT_GT(even->requests_per_s, 0.1);
  EXPECT_LT(even->requests_per_s, 0.2);
  EXPECT_GT(load->requests_per_s, even->requests_per_s);
  EXPECT_GT(load->long_prompt, load->input_tokens);
}

TEST(PeakLoad, NamesWhatItDoesNotKnow) {
  WorkloadSpec spec;
  spec.day_profile = "moon";
  const auto load = peak_load(spec);
  ASSERT_FALSE(load.ok());
  EXPECT_EQ(load.diagnostics().items()[0].place, "/day_profile");
}

/// Capacity of one H100 under these objectives.
double capacity(const SloSpec& slo, const PeakLoad& load) {
  StarterAnswers answers = office();
  Scenario frame = *starter_frame(answers, rules());
  frame.slo = slo;
  const ServerType& server = *catalogs().hardware.server("h100-1x");
  const Scenario scenario = starter_layouts(frame, server, rules()).front();
  const std::vector<PlacedServer> placed{{.name = "one", .group = "servers", .type = &server}};
  auto pools = deploy(scenario, catalogs(), placed, std::nullopt);
  EXPECT_TRUE(pools.ok());
  return replica_capacity(pools->front(), load, scenario.slo);
}

TEST(ReplicaCapacity, FallsWithTighterObjectivesAndLongerAnswers) {
  const PeakLoad chat{.input_tokens = 1000, .output_tokens = 200, .long_prompt = 4000};
  PeakLoad long_answers = chat;
  long_answers.output_tokens = 800;
  const SloSpec usual{.ttft = Seconds(2), .tpot = Seconds(0.05)};
  const double plain = capacity(usual, chat);
  EXPECT_GT(plain, 1);    // an H100 takes several such requests a second with an 8B model,
  EXPECT_LT(plain, 100);  // but not a hundred
  EXPECT_LT(capacity(usual, long_answers), plain);
  EXPECT_LT(capacity({.ttft = Seconds(2), .tpot = Seconds(0.015)}, chat), plain);
  EXPECT_LT(capacity({.ttft = Seconds(0.3), .tpot = Seconds(0.05)}, chat), plain);
  EXPECT_EQ(capacity({.ttft = Seconds(0.01), .tpot = Seconds(0.05)}, chat), 0);
}

TEST(CheapestRack, PassesEveryRuleAndCarriesTheLoadWithHeadroom) {
  const auto rack = rack_of(office());
  ASSERT_TRUE(rack.ok()) << to_text(rack.diagnostics());
  EXPECT_EQ(to_text(check_scenario(rack->scenario, rules())), "");
  EXPECT_GE(rack->capacity, 1.5 * rack->load.requests_per_s);
  EXPECT_GT(rack->compared, 10);
  const auto price =
      catalog_price(catalogs().hardware, *catalogs().hardware.server(group_of(*rack).type));
  EXPECT_DOUBLE_EQ(rack->price.value(), price->value() * rack->scenario.economics.exchange_rate *
                                            static_cast<double>(group_of(*rack).count));
}

TEST(CheapestRack, NothingCheaperCarriesTheLoad) {
  StarterAnswers answers = office();
  const auto rack = rack_of(answers);
  ASSERT_TRUE(rack.ok());
  // A large budget changes nothing; one below the price is refused with the nearest miss.
  answers.budget = Money(1e6);
  EXPECT_EQ(rack_of(answers)->price, rack->price);
  answers.budget = Money(0.99 * rack->price.value());
  const auto refused = rack_of(answers);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 3);
  EXPECT_NE(refused.diagnostics().items()[0].found.find("nearest miss"), std::string::npos);
}

TEST(CheapestRack, MorePeopleNeedMore) {
  StarterAnswers many = office();
  many.employees = 20'000;
  const auto small = rack_of(office());
  const auto large = rack_of(many);
  ASSERT_TRUE(small.ok() && large.ok()) << to_text(large.diagnostics());
  EXPECT_GT(large->price, small->price);
  StarterAnswers wary = many;
  wary.headroom = 6;
  EXPECT_GT(rack_of(wary)->price, large->price);
}

TEST(CheapestRack, AbsurdLoadsAreRefusedWithWhatARackCarries) {
  StarterAnswers absurd = office();
  absurd.prompts_per_day = 5e6;
  absurd.model = "llama-3.1-405b";
  const auto refused = rack_of(absurd);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 3);
  ASSERT_EQ(refused.diagnostics().items().size(), 2U);
  EXPECT_EQ(refused.diagnostics().items()[0].severity, Severity::warning);
  EXPECT_EQ(refused.diagnostics().items()[0].place, "--prompts-per-day");
  EXPECT_NE(refused.diagnostics().items()[1].allowed.find("answer tokens/s"), std::string::npos);
}

TEST(CheapestRack, MorePromptsThanAScenarioTakesAreBadInput) {
  StarterAnswers wrong = office();
  wrong.prompts_per_day = 1e9;
  const auto refused = rack_of(wrong);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.diagnostics().exit_code(), 2);
  EXPECT_EQ(refused.diagnostics().items()[0].place, "--prompts-per-day");
}

TEST(CheapestRack, UnknownModelsAreBadInput) {
  StarterAnswers wrong = office();
  wrong.model = "llama-3.1-9b";
  EXPECT_EQ(rack_of(wrong).diagnostics().exit_code(), 2);
}

}  // namespace
}  // namespace microdc::testing
