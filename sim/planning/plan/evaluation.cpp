#include "sim/planning/plan/evaluation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hwprofiles/laws/figure_draw.hpp"
#include "sim/economics/economics.hpp"
#include "sim/economics/parts_list.hpp"
#include "sim/policy/residency.hpp"

namespace microdc {
namespace {

/// Ends a run that cannot reach the attainment any more.
class Referee final : public SimulationObserver {
 public:
  explicit Referee(std::int64_t misses_allowed) : misses_allowed_(misses_allowed) {}

  void on_request(const RequestRecord& record) override {
    if (!record.within_slo && ++misses_ > misses_allowed_) stop_ = true;
  }
  void on_step_begin(const Replica&, const StepRecord&) override {}
  void on_step_end(const Replica&, const StepRecord&) override {}
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_sample(const TimelineSample&) override {}

  [[nodiscard]] const std::atomic<bool>* flag() const { return &stop_; }

 private:
  std::int64_t misses_allowed_;
  std::int64_t misses_ = 0;
  std::atomic<bool> stop_{false};
};

std::optional<double> plain(const std::optional<Money>& money) {
  if (!money) return std::nullopt;
  return money->value();
}

void take_costs(const Scenario& scenario, const Catalogs& catalogs, const EconomicsCatalog& prices,
                const SimulationResult& result, Evaluation& evaluation) {
  const RunCost cost = cost_of_run(scenario, catalogs.hardware, result);
  const PartsList parts = parts_list(scenario, catalogs.hardware, prices);
  const OwnershipInputs inputs = ownership_inputs(scenario, parts, prices, cost);
  if (parts.complete()) evaluation.purchase = parts.total.money().value();
  evaluation.energy_per_year = plain(cost.year.energy);
  if (inputs.complete() && cost.year_known) {
    evaluation.per_year = ownership_totals(inputs.terms, {&inputs.use, 1}).per_year;
  }
  if (cost.year.carbon_grams) evaluation.carbon_per_year = *cost.year.carbon_grams * 1e-6;
  if (!cost.year_known) return;
  evaluation.requests_per_year = cost.year.requests;
  evaluation.input_tokens_per_year = cost.year.input_tokens;
  evaluation.output_tokens_per_year = cost.year.output_tokens;
  evaluation.clouds_per_year = plain(cost.year.clouds);
  if (cost.year.facility) evaluation.facility_per_year = cost.year.facility->value();
}

void take_result(const SimulationResult& result, double attainment, Evaluation& evaluation) {
  evaluation.stopped = result.interrupted;
  evaluation.offered = result.counts.offered;
  evaluation.completed = result.counts.completed;
  evaluation.within = result.counts.within_slo;
  evaluation.output_tokens = static_cast<double>(result.counts.output_tokens);
  const LatencyMetrics& latency = result.latency;
  evaluation.ttft = latency.ttft.percentile_seconds(attainment);
  evaluation.tpot = latency.tpot.percentile_seconds(attainment);
  evaluation.e2e = latency.e2e.percentile_seconds(attainment);
  evaluation.ttft_p50 = latency.ttft.percentile_seconds(0.5);
  evaluation.tpot_p50 = latency.tpot.percentile_seconds(0.5);
  if (result.energy.it_peak) evaluation.peak_power = result.energy.it_peak->value();
  if (result.energy.it_idle) evaluation.idle_power = result.energy.it_idle->value();
  const double seconds = static_cast<double>(result.duration) * 1e-9;
  if (result.energy.it && seconds > 0) evaluation.mean_power = result.energy.it->value() / seconds;
  for (const ReplicaResult& replica : result.replicas) {
    const double busy = static_cast<double>(replica.counters.busy) * 1e-9;
    if (seconds > 0) evaluation.busy_share = std::max(evaluation.busy_share, busy / seconds);
  }
}

const std::vector<std::pair<const char*, std::optional<double> Evaluation::*>>& optional_members() {
  static const std::vector<std::pair<const char*, std::optional<double> Evaluation::*>> members{
      {"ttft", &Evaluation::ttft},
      {"tpot", &Evaluation::tpot},
      {"e2e", &Evaluation::e2e},
      {"ttft_p50", &Evaluation::ttft_p50},
      {"tpot_p50", &Evaluation::tpot_p50},
      {"peak_power", &Evaluation::peak_power},
      {"mean_power", &Evaluation::mean_power},
      {"idle_power", &Evaluation::idle_power},
      {"purchase", &Evaluation::purchase},
      {"per_year", &Evaluation::per_year},
      {"energy_per_year", &Evaluation::energy_per_year},
      {"carbon_per_year", &Evaluation::carbon_per_year},
      {"requests_per_year", &Evaluation::requests_per_year},
      {"input_tokens_per_year", &Evaluation::input_tokens_per_year},
      {"output_tokens_per_year", &Evaluation::output_tokens_per_year},
      {"clouds_per_year", &Evaluation::clouds_per_year},
      {"facility_per_year", &Evaluation::facility_per_year}};
  return members;
}

}  // namespace

std::int64_t misses_allowed(double attainment, std::int64_t requests) {
  // Not floor((1 - attainment) * requests): one in ten of ten is 0.99… of them.
  const auto enough = [&](std::int64_t misses) {
    return Evaluation{.offered = requests, .within = requests - misses}.within_share() >=
           attainment;
  };
  const double about = (1 - attainment) * static_cast<double>(requests);
  std::int64_t misses = std::min(requests, static_cast<std::int64_t>(about) + 1);
  while (misses > 0 && !enough(misses)) --misses;
  return misses;
}

std::string to_line(const Evaluation& evaluation) {
  OrderedJson json{{"failure", evaluation.failure},
                   {"stopped", evaluation.stopped},
                   {"offered", evaluation.offered},
                   {"completed", evaluation.completed},
                   {"within", evaluation.within},
                   {"busy_share", evaluation.busy_share},
                   {"output_tokens", evaluation.output_tokens}};
  for (const auto& [name, member] : optional_members()) {
    if (evaluation.*member) json[name] = *(evaluation.*member);
  }
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::optional<Evaluation> evaluation_of_line(const std::string& line) {
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || !json.contains("offered")) return std::nullopt;
  Evaluation evaluation;
  evaluation.failure = json.value("failure", "");
  evaluation.stopped = json.value("stopped", false);
  evaluation.offered = json.value("offered", std::int64_t{0});
  evaluation.completed = json.value("completed", std::int64_t{0});
  evaluation.within = json.value("within", std::int64_t{0});
  evaluation.busy_share = json.value("busy_share", 0.0);
  evaluation.output_tokens = json.value("output_tokens", 0.0);
  for (const auto& [name, member] : optional_members()) {
    if (json.contains(name) && json[name].is_number())
      evaluation.*member = json[name].get<double>();
  }
  return evaluation;
}

std::optional<Outlay> least_outlay(const Scenario& scenario, const HardwareCatalog& hardware,
                                   const EconomicsCatalog& prices,
                                   const std::vector<CloudResult>& clouds) {
  const PartsList parts = parts_list(scenario, hardware, prices);
  if (!parts.complete()) return std::nullopt;
  OwnershipInputs inputs = ownership_inputs(scenario, parts, prices, RunCost());
  inputs.use.energy = inputs.use.carbon = 0;  // they depend on what it does
  SimulationResult week;
  week.duration = static_cast<Nanoseconds>(week_days * seconds_per_day * 1e9);
  week.clouds = clouds;
  const RunCost cost = cost_of_run(scenario, hardware, week);
  const double taxed = 1 + scenario.economics.sales_tax;
  inputs.use.cloud = clouds.empty() ? 0 : plain(cost.year.clouds).value_or(0) * taxed;
  return Outlay{.purchase = parts.total.money().value(),
                .per_year = ownership_totals(inputs.terms, {&inputs.use, 1}).per_year};
}

Evaluation evaluate(const Demand& demand, const Catalogs& shared, const Candidate& candidate,
                    std::optional<std::uint64_t> draw, DrawSources sources, bool to_its_end) {
  Evaluation evaluation;
  Scenario scenario = scenario_of(demand.scenario, candidate);
  std::optional<Catalogs> drawn;
  std::optional<EconomicsCatalog> drawn_prices;
  SimulationOptions options;
  if (draw) {
    drawn = shared;
    drawn_prices = *economics_catalog();
    if (sources.prices) {
      const FigureDraw figures{static_cast<std::uint64_t>(scenario.seed), *draw};
      draw_figures(scenario, *drawn, figures);
      draw_figures(*drawn_prices, figures);
    }
    if (sources.laws) options.draw = LawDraw{*draw};
  }
  const Catalogs& catalogs = drawn ? *drawn : shared;
  const EconomicsCatalog& prices = drawn_prices ? *drawn_prices : *economics_catalog();
  std::int64_t requests = 0;
  for (const RequestStream& stream : demand.streams) {
    requests += static_cast<std::int64_t>(stream.trace.requests.size());
  }
  const double attainment = scenario.needs.attainment;
  Referee referee(misses_allowed(attainment, requests));
  // Draws run to their end: bands want the figures of those that fail, too.
  if (!draw && !to_its_end) {
    options.observers.push_back(&referee);
    options.interrupt = referee.flag();
  }
  options.placements = lawful_placements(scenario);
  auto result = simulate(scenario, catalogs, demand.streams, options);
  if (!result) {
    evaluation.failure = result.diagnostics().items().front().message;
    return evaluation;
  }
  take_result(*result, attainment, evaluation);
  evaluation.offered = requests;  // of the whole week, also if the run was stopped
  take_costs(scenario, catalogs, prices, *result, evaluation);
  return evaluation;
}

}  // namespace microdc
