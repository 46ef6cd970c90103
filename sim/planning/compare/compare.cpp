#include "sim/planning/compare/compare.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/economics/catalog.hpp"
#include "sim/economics/levelised.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/planning/workers.hpp"
#include "sim/policy/residency.hpp"
#include "sim/report/assemble.hpp"
#include "sim/report/json.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

constexpr std::string_view failure_mark = "!";

std::string text_of_answer(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// In a worker: draw 0 is the best estimate.
std::string simulate_one(const CompareInput& input, std::size_t index) {
  Scenario scenario = input.scenario;
  Catalogs catalogs = input.catalogs;
  EconomicsCatalog prices = *economics_catalog();
  SimulationOptions options;
  options.base_folder = std::filesystem::path(input.file).parent_path();
  options.placements = lawful_placements(scenario);
  options.log_placements = index == 0 && !options.placements.empty();
  if (index > 0) {
    const FigureDraw draw{static_cast<std::uint64_t>(scenario.seed), index};
    draw_figures(scenario, catalogs, draw);
    draw_figures(prices, draw);
    options.draw = LawDraw{index};
  }
  auto result = simulate(scenario, catalogs, input.streams, options);
  if (!result) return fmt::format("{}{}", failure_mark, to_text(result.diagnostics()));
  auto report = report_of(scenario, std::move(*result), catalogs.hardware, prices);
  if (!report) return fmt::format("{}{}", failure_mark, to_text(report.diagnostics()));
  OrderedJson answer{{"figures", result_figures(*report)}};
  if (index > 0) return text_of_answer(answer);
  answer["caveats"] = caveats_of(*report);
  answer["missing"] = missing_of(*report);
  OrderedJson& parts = answer["parts"] = OrderedJson::array();
  for (const Part& part : report->economics.parts.parts) {
    parts.push_back({{"label", part.label},
                     {"quantity", part.quantity},
                     {"unit", part.unit},
                     {"hundredths", part.price.hundredths()}});
  }
  return text_of_answer(answer);
}

std::map<std::string, double> figures_of(const Json& answer) {
  auto figures = answer.at("figures").get<std::map<std::string, double>>();
  add_ratios(figures);
  return figures;
}

/// Costs by kind from the figures of a run; empty if ownership is not known.
std::optional<std::array<Cents, cost_kinds>> per_year_of(
    const std::map<std::string, double>& figures) {
  const auto total = figures.find("cost.ownership.per_year");
  if (total == figures.end()) return std::nullopt;
  std::array<double, cost_kinds> present{};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    const auto at =
        figures.find(fmt::format("cost.ownership.present.{}", name_of(static_cast<CostKind>(i))));
    if (at != figures.end()) present[i] = at->second;
  }
  return levelised_by_kind(present, total->second);
}

ComparedRun run_of(const CompareInput& input, const Json& answer) {
  ComparedRun run{.name = input.name,
                  .file = input.file,
                  .inputs_sha256 = input.inputs_sha256,
                  .scenario = input.scenario,
                  .figures = figures_of(answer)};
  run.per_year = per_year_of(run.figures);
  if (run.per_year) {
    for (const Cents cost : *run.per_year) run.total_per_year += cost;
  }
  run.caveats = answer.at("caveats").get<std::vector<std::string>>();
  run.missing = answer.at("missing").get<std::vector<std::string>>();
  for (const Json& part : answer.at("parts")) {
    run.parts.push_back({.label = part.at("label").get<std::string>(),
                         .quantity = part.at("quantity").get<double>(),
                         .unit = part.at("unit").get<std::string>(),
                         .price = Cents(part.at("hundredths").get<std::int64_t>())});
  }
  return run;
}

/// What is wrong with an answer; empty if nothing is.
std::optional<Diagnostic> failure_of(const WorkerAnswer& answer, const CompareInput& input,
                                     std::size_t draw) {
  const std::string which = draw == 0 ? "" : fmt::format(" (draw {})", draw);
  if (!answer.finished) {
    Diagnostic finding = early_end(answer.text, "this simulation" + which);
    finding.file = input.file;
    return finding;
  }
  if (!answer.text.starts_with(failure_mark)) return std::nullopt;
  return Diagnostic{.problem = Problem::infeasible,
                    .file = input.file,
                    .message = fmt::format("this scenario cannot be simulated{}", which),
                    .found = answer.text.substr(failure_mark.size())};
}

}  // namespace

std::optional<std::array<Cents, cost_kinds>> cost_difference(const ComparedRun& first,
                                                             const ComparedRun& other) {
  if (!first.per_year || !other.per_year) return std::nullopt;
  std::array<Cents, cost_kinds> difference{};
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    difference[i] = (*other.per_year)[i] - (*first.per_year)[i];
  }
  return difference;
}

Result<ScenarioComparison> compare_scenarios(const std::vector<CompareInput>& inputs,
                                             const CompareSettings& settings) {
  // The best estimates first, then draw by draw.
  const std::size_t count = inputs.size() * (settings.samples + 1);
  const auto task = [&](std::size_t index) {
    return simulate_one(inputs[index % inputs.size()], index / inputs.size());
  };
  WorkerHooks hooks{.interrupt = settings.interrupt};
  if (settings.progress) {
    hooks.progress = [&](std::size_t done) {
      settings.progress(static_cast<double>(done) / static_cast<double>(count));
    };
  }
  const std::vector<WorkerAnswer> answers = run_in_workers(count, settings.jobs, task, hooks);
  ScenarioComparison comparison;
  if (settings.interrupt != nullptr && settings.interrupt->load()) {
    comparison.interrupted = true;
    return comparison;
  }
  Diagnostics errors;
  for (std::size_t i = 0; i < count; ++i) {
    const CompareInput& input = inputs[i % inputs.size()];
    const std::size_t draw = i / inputs.size();
    if (const auto failure = failure_of(answers[i], input, draw)) {
      errors.add(*failure);
      continue;
    }
    if (errors.has_errors()) continue;
    const Json answer = Json::parse(answers[i].text);
    if (draw == 0)
      comparison.runs.push_back(run_of(input, answer));
    else
      comparison.runs[i % inputs.size()].draws.push_back(figures_of(answer));
  }
  if (errors.has_errors()) return errors;
  for (const ComparedRun& run : comparison.runs) {
    comparison.changes.push_back(changed_inputs(comparison.first().scenario, run.scenario));
  }
  return comparison;
}

}  // namespace microdc
