// Requests per CPU-second of the simulation, from the first to the last event. Every iteration runs in
// a child process (SimGrid allows one engine per process) and reports its own CPU time. Google
// Benchmark's "Library was built as DEBUG" warning concerns its timing loop only, which is not used.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <sstream>

#include "hwprofiles/base/json_io.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

Scenario azure_scenario(std::int64_t replicas, std::int64_t requests) {
  auto scenario = load_scenario(data_root() / "scenarios/azure-conv-a100.json");
  if (!scenario) std::abort();
  scenario->pools[0].replicas = replicas;
  scenario->sites[0].racks[0].servers[0].count = replicas;
  const char* data = std::getenv("MICRODC_DATA");
  if (requests == 0 && data != nullptr) {
    scenario->workloads[0].kind = "trace";
    scenario->workloads[0].trace_file =
        std::string(data) + "/traces/AzureLLMInferenceTrace_conv.csv.gz";
  } else {
    // The same mean rate per replica and the same lengths as the trace.
    scenario->workloads[0].duration.reset();
    scenario->workloads[0].requests = requests == 0 ? 19366 : requests;
    scenario->workloads[0].rate = PerSecond(5.53 * static_cast<double>(replicas));
  }
  return *scenario;
}

/// Arguments: replicas, requests (0: the Azure conversation trace, or as many if it is not at hand).
void replay(benchmark::State& state) {
  const Scenario scenario = azure_scenario(state.range(0), state.range(1));
  const Catalogs& known = catalogs();
  double requests = 0;
  double bytes = 0;
  for (auto _ : state) {
    const std::string answer = in_child([&] {
      const auto result = simulate(scenario, known);
      if (!result) return to_text(result.diagnostics());
      return fmt::format("{} {} {}", result->engine.cpu_seconds, result->counts.completed,
                         result->engine.peak_rss_bytes);
    });
    double seconds = 0;
    std::istringstream(answer) >> seconds >> requests >> bytes;
    if (seconds <= 0) return state.SkipWithError(answer.c_str());
    state.SetIterationTime(seconds);
  }
  state.counters["requests_per_cpu_s"] =
      benchmark::Counter(requests, benchmark::Counter::kIsIterationInvariantRate);
  state.counters["peak_rss_bytes_per_request"] = bytes / requests;
}
BENCHMARK(replay)->Args({1, 0})->Args({16, 0})->Args({16, 1000000})->UseManualTime();

/// From the start of the process's work to the first event: catalogs, scenario, laws, platform.
void start_up(benchmark::State& state) {
  for (auto _ : state) {
    const std::string answer = in_child([] {
      const auto before = std::clock();
      const auto loaded = load_catalogs(data_root());
      auto scenario = load_scenario(data_root() / "scenarios/azure-conv-a100.json");
      if (!loaded || !scenario) return std::string("0");
      scenario->workloads[0].requests = 1;
      const auto result = simulate(*scenario, *loaded);
      return fmt::format("{}", static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC);
    });
    state.SetIterationTime(std::stod(answer));
  }
}
BENCHMARK(start_up)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace microdc::testing

BENCHMARK_MAIN();
