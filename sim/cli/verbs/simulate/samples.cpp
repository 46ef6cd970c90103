#include "sim/cli/verbs/simulate/samples.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>

#include "sim/cli/progress.hpp"
#include "sim/cli/verbs/simulate/forked_runs.hpp"
#include "sim/economics/economics.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/json.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc::cli {
namespace {

constexpr std::string_view failure_mark = "!";

/// One replication; in a process of its own, which the copies are for.
std::string replicate(Scenario scenario, Catalogs catalogs,
                      const std::vector<RequestStream>& streams, const SampleSettings& settings,
                      std::size_t index) {
  const FigureDraw draw{static_cast<std::uint64_t>(scenario.seed), index + 1};
  draw_figures(scenario, catalogs, draw);
  EconomicsCatalog prices = *economics_catalog();
  draw_figures(prices, draw);
  SimulationOptions options;
  options.single_steps = settings.single_steps;
  options.placements = settings.placements;
  options.draw = LawDraw{index + 1};
  Result<SimulationResult> result = simulate(scenario, catalogs, streams, options);
  if (!result) return fmt::format("{}{}", failure_mark, to_text(result.diagnostics()));
  Report report{.scenario = scenario, .result = std::move(*result)};
  report.cost = cost_of_run(scenario, catalogs.hardware, report.result);
  report.economics = economics_of(scenario, catalogs.hardware, prices, report.cost);
  return figures_to_text(result_figures(report));
}

}  // namespace

std::string figures_to_text(const std::map<std::string, double>& figures) {
  std::string text;
  for (const auto& [path, value] : figures) text += fmt::format("{} {}\n", path, value);
  return text;
}

std::map<std::string, double> figures_from_text(const std::string& text) {
  std::map<std::string, double> figures;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t blank = text.rfind(' ', end);
    double value = 0;
    std::from_chars(text.data() + blank + 1, text.data() + end, value);
    figures[text.substr(begin, blank - begin)] = value;
    begin = end + 1;
  }
  return figures;
}

Result<std::optional<Bands>> run_samples(const Scenario& scenario, const Catalogs& catalogs,
                                         const std::vector<RequestStream>& streams,
                                         const SampleSettings& settings, std::ostream& progress) {
  Progress bar(progress, "replications", settings.quiet);
  const auto task = [&](std::size_t index) {
    return replicate(scenario, catalogs, streams, settings, index);
  };
  const auto on_done = [&](std::size_t done) {
    bar.show(static_cast<double>(done) / static_cast<double>(settings.samples));
  };
  const ForkedRuns runs =
      run_forked(settings.samples, settings.jobs, task, on_done, InterruptGuard::flag());
  if (runs.findings.has_errors()) return runs.findings;
  if (runs.interrupted) return std::optional<Bands>();
  std::vector<std::map<std::string, double>> replications;
  for (std::size_t i = 0; i < runs.answers.size(); ++i) {
    const std::string& answer = *runs.answers[i];
    if (answer.starts_with(failure_mark)) {
      return Diagnostic{.problem = Problem::infeasible,
                        .message = fmt::format("replication {} with drawn laws failed", i + 1),
                        .found = answer.substr(failure_mark.size())};
    }
    replications.push_back(figures_from_text(answer));
  }
  return std::optional<Bands>(bands_of(replications));
}

}  // namespace microdc::cli
