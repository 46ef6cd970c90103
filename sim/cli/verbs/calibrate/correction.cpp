#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/table.hpp"
#include "sim/cli/verbs/calibrate/calibrate.hpp"
#include "sim/planning/engine_correction.hpp"
#include "sim/report/number_text.hpp"

namespace microdc::cli {
namespace {

Answer answer_of(const EngineCorrection& correction) {
  std::vector<std::vector<std::string>> rows{
      {"figure", "measured", "predicted", "corrected", "error", "file"}};
  OrderedJson figures = OrderedJson::array();
  for (const CorrectedFigure& f : correction.figures) {
    rows.push_back({f.path, rounded_text(f.measured), rounded_text(f.before), rounded_text(f.after),
                    f.measured != 0 ? share_text(f.after / f.measured - 1) : "", f.file});
    figures.push_back({{"file", f.file},
                       {"path", f.path},
                       {"measured", f.measured},
                       {"predicted", f.before},
                       {"corrected", f.after}});
  }
  Answer answer;
  answer.text = fmt::format(
      "{}: times {:.3f} ({:.3f} to {:.3f}, central 90 %) of its engine's\n\n{}\n"
      "With -o DIR: engines/{}.json; then name this engine in the scenario and add --hardware "
      "DIR.\n",
      correction.engine.name, correction.factor, correction.low, correction.high, text_table(rows),
      correction.engine.name);
  const OrderedJson engine = write_fields(describing(correction.engine));
  answer.files["engines/" + correction.engine.name + ".json"] = json_text(engine);
  answer.json = json_text({{"engine", engine},
                           {"factor", correction.factor},
                           {"low", correction.low},
                           {"high", correction.high},
                           {"figures", std::move(figures)}});
  return answer;
}

}  // namespace

Answer correct_engine(const ImportWords& words, const CommonOptions& common, std::ostream&) {
  Diagnostics findings;
  if (words.scenario.empty()) {
    findings.add({.place = "--scenario",
                  .message = "a measured run corrects the engine of a scenario: which one?",
                  .fix = "name the scenario that describes what was measured"});
    return Answer::failure(findings);
  }
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  const auto scenario = load_scenario(words.scenario, common, *catalogs);
  findings.append(scenario.diagnostics());
  std::vector<EndToEndMeasurement> measurements;
  for (const std::string& file : words.files) {
    auto measured = read_measured(file);
    findings.append(measured.diagnostics());
    if (measured) measurements.push_back({file, std::move(*measured)});
  }
  if (findings.has_errors()) return Answer::failure(findings);
  const auto correction = microdc::correct_engine(
      *scenario, std::filesystem::path(words.scenario).parent_path(), *catalogs, measurements);
  findings.append(correction.diagnostics());
  if (!correction) return Answer::failure(findings);
  Answer answer = answer_of(*correction);
  answer.findings = std::move(findings);
  return answer;
}

}  // namespace microdc::cli
