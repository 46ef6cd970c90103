#include "sim/planning/sensitivity/sensitivity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "sim/planning/workers.hpp"
#include "sim/policy/residency.hpp"
#include "sim/report/json.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

/// What one run says: its figures by path, or why there are none.
struct RunAnswer {
  std::string failure;
  std::map<std::string, double> figures;
};

/// In a process of its own, which the copies are for. Draw 0 is the best estimate.
std::string run(Scenario scenario, Catalogs catalogs, EconomicsCatalog economics,
                const std::filesystem::path& base_folder, std::size_t draw) {
  SimulationOptions options;
  if (draw > 0) {
    const FigureDraw luck{static_cast<std::uint64_t>(scenario.seed), draw};
    draw_figures(scenario, catalogs, luck);
    draw_figures(economics, luck);
    options.draw = LawDraw{draw};
  }
  options.base_folder = base_folder;
  options.placements = lawful_placements(scenario);
  auto result = simulate(scenario, catalogs, options);
  OrderedJson answer = OrderedJson::object();
  if (!result) {
    answer["failure"] = result.diagnostics().items().front().message;
  } else {
    Report report{.scenario = scenario, .result = std::move(*result)};
    report.cost = cost_of_run(scenario, catalogs.hardware, report.result);
    report.economics = economics_of(scenario, catalogs.hardware, economics, report.cost);
    answer["figures"] = result_figures(report);
  }
  return answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

RunAnswer read_answer(const WorkerAnswer& answer) {
  const Json json = answer.finished ? Json::parse(answer.text, nullptr, false) : Json();
  if (!json.is_object()) return {answer.text, {}};
  if (json.contains("failure")) return {json["failure"].get<std::string>(), {}};
  return {"", json["figures"].get<std::map<std::string, double>>()};
}

struct SensitivityRun {
  std::size_t scenario = 0;
  std::size_t draw = 0;
};

/// One answer per task; empty if interrupted.
std::vector<RunAnswer> run_all(const std::vector<SensitivityRun>& tasks,
                               const std::function<Result<Scenario>(std::size_t)>& scenario,
                               const Catalogs& catalogs, const EconomicsCatalog& economics,
                               const SensitivitySettings& settings) {
  const auto task = [&](std::size_t i) {
    const auto made = scenario(tasks[i].scenario);
    if (made) return run(*made, catalogs, economics, settings.base_folder, tasks[i].draw);
    return OrderedJson{{"failure", made.diagnostics().items().front().message}}.dump();
  };
  const auto progress = [&](std::size_t done) {
    if (!settings.progress) return;
    settings.progress(static_cast<double>(done) / static_cast<double>(tasks.size()));
  };
  const auto answers = run_in_workers(tasks.size(), settings.jobs, task,
                                      {.progress = progress, .interrupt = settings.interrupt});
  if (settings.interrupt != nullptr && settings.interrupt->load()) return {};
  std::vector<RunAnswer> read;
  for (const WorkerAnswer& answer : answers) read.push_back(read_answer(answer));
  return read;
}

std::vector<std::optional<double>> take(const RunAnswer& answer,
                                        const std::vector<std::string>& figures) {
  std::vector<std::optional<double>> values;
  for (const std::string& figure : figures) {
    const auto at = answer.figures.find(figure);
    values.push_back(at == answer.figures.end() ? std::nullopt : std::optional(at->second));
  }
  return values;
}

/// Over the draws of one scenario.
FigureBands bands_over(std::span<const RunAnswer> draws, const std::vector<std::string>& figures) {
  FigureBands bands;
  if (draws.empty()) return bands;
  for (std::size_t f = 0; f < figures.size(); ++f) {
    std::vector<double> values;
    for (const RunAnswer& draw : draws) {
      if (const auto value = take(draw, figures)[f]) values.push_back(*value);
    }
    bands.push_back(values.size() < draws.size()
                        ? std::nullopt
                        : std::optional(Band{quantile(values, 0.1), quantile(values, 0.5),
                                             quantile(values, 0.9)}));
  }
  return bands;
}

/// Figures that a result lacks.
Diagnostics check_figures(const std::map<std::string, double>& result,
                          const std::vector<std::string>& figures) {
  std::vector<std::string> names;
  for (const auto& [name, value] : result) names.push_back(name);
  Diagnostics findings;
  for (const std::string& figure : figures) {
    if (result.contains(figure)) continue;
    const auto near = nearest_match(figure, names);
    findings.add({.place = "--figure",
                  .message = "the result has no such number",
                  .found = fmt::format("\"{}\"", figure),
                  .allowed = join_names(names, 12),
                  .fix = near ? fmt::format("did you mean \"{}\"?", *near)
                              : "`microdc simulate --json` shows them"});
  }
  return findings;
}

Diagnostic failed(const std::string& why) {
  return {.problem = Problem::infeasible,
          .message = "the scenario cannot be simulated",
          .found = why,
          .fix = "`microdc simulate` tells more"};
}

/// Patterns that the user has named and that fit nothing.
Diagnostics check_variables(const Scenario& scenario, const MainAssumptions& assumptions) {
  Diagnostics findings;
  if (!assumptions.named) return findings;
  std::vector<std::string> paths;
  for (const ScenarioLeaf& leaf : numeric_leaves(scenario)) paths.push_back(leaf.path);
  for (const std::string& pattern : assumptions.variables) {
    const bool any = std::any_of(paths.begin(), paths.end(),
                                 [&](const std::string& path) { return fits(path, pattern); });
    if (any) continue;
    const auto near = nearest_match(pattern, paths);
    findings.add({.place = "--vary",
                  .message = "the scenario has no such number",
                  .found = fmt::format("\"{}\"", pattern),
                  .allowed = join_names(paths, 12),
                  .fix = near ? fmt::format("did you mean \"{}\"?", *near) : ""});
  }
  return findings;
}

std::vector<TornadoBar> bars_of(const Scenario& scenario, const MainAssumptions& assumptions) {
  std::vector<TornadoBar> bars;
  for (const ScenarioLeaf& leaf : numeric_leaves(scenario)) {
    TornadoBar bar{.leaf = leaf};
    const bool main =
        std::any_of(assumptions.variables.begin(), assumptions.variables.end(),
                    [&](const std::string& pattern) { return fits(leaf.path, pattern); });
    if (assumptions.named && !main) continue;
    if (leaf.range && leaf.drawn) {
      bar.stated = true;
      bar.low.value = leaf.range->low;
      bar.high.value = leaf.range->high;
    } else {
      if (!main || leaf.value <= 0) continue;
      bar.low.value = std::clamp(leaf.value * (1 - assumptions.spread), leaf.min, leaf.max);
      bar.high.value = std::clamp(leaf.value * (1 + assumptions.spread), leaf.min, leaf.max);
      if (leaf.whole) {
        bar.low.value = std::round(bar.low.value);
        bar.high.value = std::round(bar.high.value);
      }
    }
    bars.push_back(std::move(bar));
  }
  return bars;
}

}  // namespace

Result<MainAssumptions> load_main_assumptions(const std::filesystem::path& file) {
  const Result<Json> json = read_json_file(file);
  if (!json) return json.diagnostics();
  MainAssumptions assumptions;
  std::string description;
  std::optional<Figure> spread;
  const auto describe_file = [&](FieldVisitor& v) {
    v.text({.name = "description", .label = "Description"}, description);
    v.figure({.name = "spread", .label = "Spread", .min = 0, .max = 1, .required = true}, spread);
    v.texts({.name = "variables", .label = "Variables", .required = true}, assumptions.variables);
  };
  const Diagnostics findings = read_fields(describe_file, *json, file.string());
  if (findings.has_errors()) return findings;
  assumptions.spread = spread->value;
  return assumptions;
}

std::optional<double> TornadoBar::swing(std::size_t figure) const {
  if (low.figures.size() <= figure || high.figures.size() <= figure) return std::nullopt;
  const auto& a = low.figures[figure];
  const auto& b = high.figures[figure];
  if (!a || !b) return std::nullopt;
  return std::abs(*b - *a);
}

std::vector<std::size_t> Tornado::order(std::size_t figure) const {
  std::vector<std::size_t> order(bars.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return bars[a].swing(figure).value_or(-1) > bars[b].swing(figure).value_or(-1);
  });
  return order;
}

Result<Tornado> make_tornado(const Scenario& scenario, const Catalogs& catalogs,
                             const EconomicsCatalog& economics, const MainAssumptions& assumptions,
                             const std::vector<std::string>& figures,
                             const SensitivitySettings& settings) {
  const Diagnostics unknown = check_variables(scenario, assumptions);
  if (unknown.has_errors()) return unknown;
  Tornado tornado{.figures = figures};
  tornado.bars = bars_of(scenario, assumptions);
  const auto variant = [&](std::size_t i) -> Result<Scenario> {
    Scenario turned = scenario;
    if (i == 0) return turned;
    const TornadoBar& bar = tornado.bars[(i - 1) / 2];
    set_leaf(turned, bar.leaf.path, i % 2 == 1 ? bar.low.value : bar.high.value);
    return turned;
  };
  std::vector<SensitivityRun> tasks;
  const std::size_t variants = 2 * tornado.bars.size() + 1;
  for (std::size_t i = 0; i < variants; ++i) tasks.push_back({i, 0});
  for (std::size_t draw = 1; draw <= settings.samples; ++draw) tasks.push_back({0, draw});
  const auto answers = run_all(tasks, variant, catalogs, economics, settings);
  if (answers.empty()) {
    tornado.interrupted = true;
    return tornado;
  }
  if (!answers[0].failure.empty()) return failed(answers[0].failure);
  const Diagnostics findings = check_figures(answers[0].figures, figures);
  if (findings.has_errors()) return findings;
  tornado.base = take(answers[0], figures);
  tornado.base_bands = bands_over(std::span(answers).subspan(variants), figures);
  for (std::size_t i = 0; i < tornado.bars.size(); ++i) {
    for (const auto& [end, answer] : {std::pair{&tornado.bars[i].low, &answers[2 * i + 1]},
                                      std::pair{&tornado.bars[i].high, &answers[2 * i + 2]}}) {
      end->failure = answer->failure;
      end->figures = take(*answer, figures);
    }
  }
  return tornado;
}

Result<Sweep> make_sweep(const MakeScenario& make, const std::vector<SweepAxis>& axes,
                         const Catalogs& catalogs, const EconomicsCatalog& economics,
                         const std::vector<std::string>& figures,
                         const SensitivitySettings& settings) {
  Sweep sweep{.axes = axes, .figures = figures};
  const std::size_t count = sweep_points(axes);
  Diagnostics findings;
  for (const SweepAxis& axis : axes) {
    for (const std::string& value : {axis.values.front(), axis.values.back()}) {
      if (findings.has_errors()) break;  // the same mistake at both ends
      findings.append(make({{axis.path, value}}).diagnostics());
    }
  }
  if (findings.has_errors()) return findings;
  std::vector<SensitivityRun> tasks;
  const std::size_t runs = settings.samples + 1;
  for (std::size_t i = 0; i < count * runs; ++i) tasks.push_back({i / runs, i % runs});
  const auto answers = run_all(
      tasks, [&](std::size_t i) { return make(changes_of(axes, i)); }, catalogs, economics,
      settings);
  if (answers.empty()) {
    sweep.interrupted = true;
    return sweep;
  }
  std::map<std::string, double> all;
  for (std::size_t i = 0; i < answers.size(); i += runs) {
    all.insert(answers[i].figures.begin(), answers[i].figures.end());
    sweep.points.push_back({answers[i].failure, take(answers[i], figures),
                            bands_over(std::span(answers).subspan(i + 1, runs - 1), figures)});
  }
  if (all.empty()) return failed(answers.front().failure);
  findings.append(check_figures(all, figures));
  if (findings.has_errors()) return findings;
  return sweep;
}

}  // namespace microdc
