#include "sim/planning/validate/prediction.hpp"

#include <fmt/format.h>

#include <sstream>

#include "sim/planning/validate/run_observer.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {
namespace {

/// Figures that are not latencies.
class Totals {
 public:
  Totals(const RunObserver& observer, RunObserver::Window window, const RunCase& run,
         const DeviceLaws& laws)
      : observer_(observer), window_(window), laws_(laws) {
    for (const PoolSpec& pool : run.scenario.pools) {
      gpus_ += static_cast<double>(pool.replicas * pool.tp * pool.pp * pool.dp);
      replica_gpus_ += static_cast<double>(pool.tp * pool.pp * pool.dp);
    }
    replicas_ = 0;
    for (const PoolSpec& pool : run.scenario.pools) replicas_ += static_cast<double>(pool.replicas);
    replica_gpus_ /= static_cast<double>(run.scenario.pools.size());
  }

  [[nodiscard]] std::optional<double> value(const std::string& metric) const {
    const double seconds = window_.seconds();
    if (!(seconds > 0)) return std::nullopt;
    const double tokens = observer_.output_tokens(window_);
    const double finished = observer_.requests_finished(window_);
    if (metric == "request_throughput_rps") return finished / seconds;
    if (metric.starts_with("output_tokens_per_s")) return tokens / seconds;
    if (!(laws_.tdp().value() > 0)) return std::nullopt;
    if (metric == "energy_j_per_output_token" && tokens > 0) return energy() / tokens;
    if (metric == "energy_j_per_request" && finished > 0) return energy() / finished;
    if (metric == "power_mean_w_total") return energy() / seconds;
    if (metric == "power_mean_frac_tdp") {
      return energy() / seconds / (gpus_ * laws_.tdp().value());
    }
    if (metric == "power_peak_frac_tdp") {
      return observer_.peak_power() / (replica_gpus_ * laws_.tdp().value());
    }
    return std::nullopt;
  }

 private:
  /// Of all accelerators, busy and idle.
  [[nodiscard]] double energy() const {
    const double idle =
        std::max(0.0, replicas_ * window_.seconds() - observer_.busy_seconds(window_));
    return observer_.busy_energy(window_) + idle * replica_gpus_ * laws_.idle_power().value();
  }

  const RunObserver& observer_;
  RunObserver::Window window_;
  const DeviceLaws& laws_;
  double gpus_ = 0;
  double replica_gpus_ = 0;
  double replicas_ = 0;
};

}  // namespace

Prediction predict(RunCase run, const Catalogs& catalogs, const std::vector<std::string>& metrics) {
  Prediction prediction;
  prediction.assumptions = run.assumptions;
  const ServingEngine* engine = catalogs.engines.find(run.scenario.pools.front().engine);
  const auto laws = make_device_laws(catalogs.hardware, catalogs.profiles, run.server.accelerator,
                                     engine->kernel_source);
  for (const std::string& caveat : laws->caveats()) {
    if (caveat.find("borrowed") != std::string::npos) prediction.borrowed = true;
  }
  Catalogs with_server = catalogs;
  with_server.hardware.add(run.server);
  RunObserver observer(run.itl_is_per_request);
  SimulationOptions options;
  options.observers = {&observer};
  std::vector<RequestStream> streams;
  streams.push_back(std::move(run.stream));
  const auto result = simulate(run.scenario, with_server, std::move(streams), options);
  if (!result) {
    prediction.failure = result.diagnostics().items().front().message;
    return prediction;
  }
  if (observer.failed() > 0) prediction.assumptions.emplace_back("some requests did not fit");
  const RunObserver::Window window =
      run.steady_state ? observer.steady_state() : observer.whole_run();
  const Totals totals(observer, window, run, *laws);
  const double waiting_for_look = 0.5 * static_cast<double>(run.polling_steps - 1) *
                                  observer.latency_ms("tpot_mean_ms", window).value_or(0);
  for (const std::string& metric : metrics) {
    auto value =
        metric.ends_with("_ms") ? observer.latency_ms(metric, window) : totals.value(metric);
    if (value && (metric.starts_with("ttft") || metric.starts_with("e2e"))) {
      *value += waiting_for_look;
    }
    if (value && *value > 0) prediction.values[metric] = *value;
  }
  if (prediction.values.empty()) prediction.failure = "no request could be completed";
  return prediction;
}

std::string to_message(const Prediction& prediction) {
  std::string text;
  if (!prediction.failure.empty()) text += "failure " + prediction.failure + "\n";
  if (prediction.borrowed) text += "borrowed\n";
  for (const std::string& assumption : prediction.assumptions)
    text += "assumed " + assumption + "\n";
  for (const auto& [metric, value] : prediction.values) {
    text += fmt::format("value {} {:.17g}\n", metric, value);
  }
  return text;
}

Prediction from_message(const std::string& message) {
  Prediction prediction;
  std::istringstream lines(message);
  for (std::string line; std::getline(lines, line);) {
    const auto blank = line.find(' ');
    const std::string word = line.substr(0, blank);
    const std::string rest = blank == std::string::npos ? "" : line.substr(blank + 1);
    if (word == "failure") prediction.failure = rest;
    if (word == "borrowed") prediction.borrowed = true;
    if (word == "assumed") prediction.assumptions.push_back(rest);
    if (word == "value") {
      const auto between = rest.find(' ');
      prediction.values[rest.substr(0, between)] = std::stod(rest.substr(between + 1));
    }
  }
  return prediction;
}

}  // namespace microdc
