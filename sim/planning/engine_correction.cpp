#include "sim/planning/engine_correction.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"
#include "sim/planning/workers.hpp"
#include "sim/report/json.hpp"
#include "sim/report/number_text.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

/// Beyond, the scenario does not describe what was measured.
constexpr double largest_factor = 3;
/// Beyond, the scenario describes another load. Luck moves the rate of a run of 100 requests by a
/// tenth and its ends by as much; half as many requests again make the batches of another run.
constexpr double largest_load_factor = 1.5;
constexpr int most_rounds = 5;
/// The factor is found when a round would change it by less than this.
constexpr double factor_precision = 0.002;
/// Half of the central 90 % of a normal distribution, in standard deviations.
constexpr double z90 = 1.645;

using Figures = std::map<std::string, double>;

/// What a measured figure says of time: +1 if it grows with it, -1 if it falls; 0: not used.
int direction_of(const std::string& path, bool have_token_times) {
  const bool centre = path.ends_with(".mean") || path.ends_with(".p50");
  if (path.starts_with("latency.tpot_s") || path.starts_with("latency.itl_s")) return centre;
  if (have_token_times) return 0;
  return path == "throughput.output_tokens_per_s" ? -1 : 0;
}

bool has_token_times(const std::vector<EndToEndMeasurement>& measurements) {
  for (const EndToEndMeasurement& measurement : measurements) {
    for (const MeasuredMetric& metric : measurement.figures.metrics) {
      if (metric.value > 0 && direction_of(metric.path, true) != 0) return true;
    }
  }
  return false;
}

/// Figures of the scenario on an engine `factor` times as slow. In a process of its own: SimGrid
/// runs once.
Result<Figures> predict(const Scenario& scenario, const std::filesystem::path& base_folder,
                        const Catalogs& catalogs, const ServingEngine& engine) {
  const auto task = [&](std::size_t) -> std::string {
    Catalogs changed = catalogs;
    changed.engines.put(engine);
    Scenario on_it = scenario;
    for (PoolSpec& pool : on_it.pools) pool.engine = engine.name;
    auto streams = make_streams(on_it, base_folder);
    if (!streams) return fmt::format("!{}", to_text(streams.diagnostics()));
    auto result = simulate(on_it, changed, std::move(*streams));
    if (!result) return fmt::format("!{}", to_text(result.diagnostics()));
    const Report report{.scenario = on_it, .result = std::move(*result)};
    return Json(result_figures(report)).dump();
  };
  const WorkerAnswer answer = run_in_workers(1, 1, task).front();
  if (!answer.finished || answer.text.starts_with('!')) {
    return Diagnostic{.message = "the scenario cannot be simulated", .found = answer.text};
  }
  return Json::parse(answer.text).get<Figures>();
}

/// log(measured time / predicted time) of every figure that is fitted.
std::vector<double> log_ratios(const std::vector<EndToEndMeasurement>& measurements,
                               const Figures& predicted, bool have_token_times) {
  std::vector<double> ratios;
  for (const EndToEndMeasurement& measurement : measurements) {
    for (const MeasuredMetric& metric : measurement.figures.metrics) {
      const int direction = direction_of(metric.path, have_token_times);
      const auto at = predicted.find(metric.path);
      if (direction == 0 || at == predicted.end()) continue;
      if (!(metric.value > 0) || !(at->second > 0)) continue;
      ratios.push_back(direction * std::log(metric.value / at->second));
    }
  }
  return ratios;
}

/// Errors for measured rates that the corrected engine does not have either: not its speed, but the
/// load is another one. (Before the correction a closed loop on a slow engine would look like one.)
Diagnostics check_load(const std::vector<EndToEndMeasurement>& measurements,
                       const Figures& corrected) {
  struct Load {
    const char *path, *name, *fix;
  };
  constexpr std::array loads{
      Load{"throughput.requests_per_s", "requests per second",
           "describe the load that was measured: workloads/N/kind \"poisson\" with \"rate\" "
           "(--request-rate) or \"closed_loop\" with \"concurrency\" (--max-concurrency), and "
           "\"requests\" (--num-prompts)"},
      Load{"throughput.output_tokens_per_s", "output tokens per second",
           "describe the load that was measured: besides its requests, workloads/N/input and "
           "workloads/N/output are the lengths of prompts and answers"}};
  Diagnostics findings;
  for (const EndToEndMeasurement& measurement : measurements) {
    for (const MeasuredMetric& metric : measurement.figures.metrics) {
      const auto load = std::find_if(loads.begin(), loads.end(),
                                     [&](const Load& item) { return metric.path == item.path; });
      const auto at = corrected.find(metric.path);
      if (load == loads.end() || at == corrected.end()) continue;
      const double factor = at->second / metric.value;
      if (factor <= largest_load_factor && factor >= 1 / largest_load_factor) continue;
      findings.add({.file = measurement.file,
                    .place = metric.source_key,
                    .message = "the measured run had another load than the scenario",
                    .found = fmt::format("{} {} measured, {} simulated", rounded_text(metric.value),
                                         load->name, rounded_text(at->second)),
                    .allowed = fmt::format("a factor of up to {}", largest_load_factor),
                    .fix = load->fix});
    }
  }
  return findings;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Standard deviation of the factor's logarithm.
double spread_of(const std::vector<double>& ratios, const Catalogs& catalogs) {
  const SpreadFigures* figures = catalogs.profiles.spread();
  const double machine = figures && figures->machine ? figures->machine->value : 0;
  const double mean = mean_of(ratios);
  double squares = 0;
  for (const double ratio : ratios) squares += (ratio - mean) * (ratio - mean);
  const auto count = static_cast<double>(ratios.size());
  return std::hypot(machine, count > 1 ? std::sqrt(squares / (count - 1)) : 0);
}

Result<const ServingEngine*> only_engine(const Scenario& scenario, const Catalogs& catalogs) {
  std::set<std::string> names;
  for (const PoolSpec& pool : scenario.pools) names.insert(pool.engine);
  const ServingEngine* engine = names.empty() ? nullptr : catalogs.engines.find(*names.begin());
  if (names.size() == 1 && engine) return engine;
  return Diagnostic{.message = "the pools of the scenario use several engines",
                    .found = join_names({names.begin(), names.end()}),
                    .fix = "measure and correct one engine at a time"};
}

void record_range(ServingEngine& engine, double spread, const std::string& source) {
  for (std::optional<Figure>* figure :
       {&engine.kernel_factor, &engine.step_overhead, &engine.sequence_overhead,
        &engine.prefill_layer_overhead, &engine.layer_overhead, &engine.expert_layer_overhead,
        &engine.fp8_expert_layer_overhead, &engine.sampling_overhead}) {
    if (!*figure) continue;
    Figure& f = **figure;
    f.low = f.value * std::exp(-z90 * spread);
    f.high = f.value * std::exp(z90 * spread);
    f.kind = Provenance::fitted;
    f.source = source;
  }
}

}  // namespace

ServingEngine slowed(ServingEngine engine, double factor) {
  if (!engine.kernel_factor) {
    engine.kernel_factor = Figure{.value = 1, .kind = Provenance::assumed, .source = "none given"};
  }
  for (std::optional<Figure>* figure :
       {&engine.kernel_factor, &engine.step_overhead, &engine.sequence_overhead,
        &engine.prefill_layer_overhead, &engine.layer_overhead, &engine.expert_layer_overhead,
        &engine.fp8_expert_layer_overhead, &engine.sampling_overhead}) {
    if (!*figure) continue;
    (*figure)->value *= factor;
    if ((*figure)->low) *(*figure)->low *= factor;
    if ((*figure)->high) *(*figure)->high *= factor;
  }
  return engine;
}

Result<EngineCorrection> correct_engine(const Scenario& scenario,
                                        const std::filesystem::path& base_folder,
                                        const Catalogs& catalogs,
                                        const std::vector<EndToEndMeasurement>& measurements) {
  const auto base = only_engine(scenario, catalogs);
  if (!base) return base.diagnostics();
  const bool token_times = has_token_times(measurements);
  EngineCorrection correction{.engine = **base};
  correction.engine.name += "-measured";
  correction.engine.label += ", corrected by a measured run";
  correction.engine.aliases.clear();
  const ServingEngine named = correction.engine;
  Figures before, after;
  std::vector<double> ratios;
  for (int round = 0; round < most_rounds; ++round) {
    auto predicted = predict(scenario, base_folder, catalogs, slowed(named, correction.factor));
    if (!predicted) return predicted.diagnostics();
    after = std::move(*predicted);
    if (round == 0) before = after;
    ratios = log_ratios(measurements, after, token_times);
    if (ratios.empty()) {
      return Diagnostic{.message =
                            "the measurements have no time between tokens and no throughput "
                            "that the simulation predicts",
                        .allowed = "mean or median of TPOT or ITL, or output tokens per second"};
    }
    const double step = mean_of(ratios);
    if (std::abs(step) < factor_precision || round + 1 == most_rounds) break;
    correction.factor *= std::exp(step);
    if (correction.factor > largest_factor || correction.factor < 1 / largest_factor) {
      return Diagnostic{
          .message = "the measured run is too unlike the scenario to correct an engine",
          .found = fmt::format("times differ by a factor of {:.2f}", correction.factor),
          .allowed = fmt::format("up to {}", largest_factor),
          .fix = "describe the hardware, the model and the load that were measured"};
    }
  }
  const Diagnostics other_load = check_load(measurements, after);
  if (other_load.has_errors()) return other_load;
  const double spread = spread_of(ratios, catalogs);
  correction.low = correction.factor * std::exp(-z90 * spread);
  correction.high = correction.factor * std::exp(z90 * spread);
  correction.engine = slowed(named, correction.factor);
  record_range(correction.engine, spread,
               fmt::format("engine {} times {:.3f}: {} measured figures of scenario {}",
                           (*base)->name, correction.factor, ratios.size(), scenario.name));
  for (const EndToEndMeasurement& measurement : measurements) {
    for (const MeasuredMetric& metric : measurement.figures.metrics) {
      const auto at = before.find(metric.path), now = after.find(metric.path);
      if (at == before.end() || now == after.end()) continue;
      correction.figures.push_back(
          {measurement.file, metric.path, metric.value, at->second, now->second});
    }
  }
  return correction;
}

}  // namespace microdc
