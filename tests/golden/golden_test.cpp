// Golden fingerprints: the main figures of every ready scenario. A change of any model shows here
// and must be meant: `MICRODC_UPDATE_GOLDEN=1 golden_test` rewrites the files, and the diff is
// reviewed. Figures are compared to 0.1 %: the last digits of the mathematical library differ
// between systems.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "hwprofiles/base/json_io.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/economics/clouds.hpp"
#include "sim/policy/residency.hpp"
#include "sim/report/assemble.hpp"
#include "sim/report/json.hpp"
#include "tests/support/forked.hpp"
#include "tests/support/json_schema.hpp"
#include "tests/support/rigs.hpp"

namespace microdc::testing {
namespace {

std::filesystem::path scenario_folder() { return data_root() / "scenarios"; }

std::vector<std::string> ready_scenarios() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(scenario_folder())) {
    const std::string name = entry.path().stem().string();
    if (entry.path().extension() == ".json" && name != "schema") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string main_figures(const SimulationResult& r) {
  std::string text;
  const auto line = [&](const std::string& name, double value) {
    text += fmt::format("{} {:.9g}\n", name, value);
  };
  const auto latency = [&](const std::string& name, const DurationHistogram& h) {
    line(name + ".mean", h.mean_seconds().value_or(-1));
    line(name + ".p50", h.percentile_seconds(0.5).value_or(-1));
    line(name + ".p99", h.percentile_seconds(0.99).value_or(-1));
  };
  line("offered", static_cast<double>(r.counts.offered));
  line("completed", static_cast<double>(r.counts.completed));
  line("output_tokens", static_cast<double>(r.counts.output_tokens));
  latency("ttft", r.latency.ttft);
  latency("tpot", r.latency.tpot);
  latency("itl", r.latency.itl);
  latency("e2e", r.latency.e2e);
  line("steps", static_cast<double>(r.engine.steps));
  line("accelerator_joules", r.energy.accelerators.value());
  line("facility_joules", r.energy.facility ? r.energy.facility->value() : -1);
  return text;
}

/// What the whole answer has against its published schema; empty: nothing.
std::string violations(const Scenario& scenario, SimulationResult result) {
  const auto report =
      report_of(scenario, std::move(result), catalogs().hardware, *economics_catalog());
  if (!report) return to_text(report.diagnostics());
  return JsonSchema::published("simulate").violations(result_json(*report));
}

std::map<std::string, double> parse(const std::string& text) {
  std::map<std::string, double> figures;
  std::istringstream in(text);
  std::string name;
  for (double value = 0; in >> name >> value;) figures[name] = value;
  return figures;
}

class Golden : public ::testing::TestWithParam<std::string> {};

TEST_P(Golden, MainFiguresAreAsRecorded) {
  const auto file = data_root() / "tests/golden" / (GetParam() + ".golden");
  catalogs();
  const std::string now = in_child([&] {
    auto scenario = load_scenario(scenario_folder() / (GetParam() + ".json"));
    if (!scenario) return to_text(scenario.diagnostics());
    fill_from_offers(*scenario, *economics_catalog());
    SimulationOptions options;
    options.placements = lawful_placements(*scenario);
    options.log_placements = !options.placements.empty();
    auto result = simulate(*scenario, catalogs(), options);
    if (!result) return to_text(result.diagnostics());
    const std::string figures = main_figures(*result);
    const std::string wrong = violations(*scenario, std::move(*result));
    return wrong.empty() ? figures : "against scenarios/schemas/simulate.json:\n" + wrong;
  });
  if (std::getenv("MICRODC_UPDATE_GOLDEN") != nullptr) {
    EXPECT_FALSE(write_file_atomically(file, now).has_errors());
    return;
  }
  std::ifstream stream(file);
  const std::string recorded((std::istreambuf_iterator<char>(stream)), {});
  const auto expected = parse(recorded);
  const auto figures = parse(now);
  ASSERT_FALSE(expected.empty()) << "no golden file " << file;
  ASSERT_EQ(figures.size(), expected.size()) << now;
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(figures.contains(name)) << name;
    EXPECT_NEAR(figures.at(name), value, 1e-3 * std::abs(value)) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Golden, ::testing::ValuesIn(ready_scenarios()),
                         [](const auto& parameter) {
                           std::string name = parameter.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace microdc::testing
