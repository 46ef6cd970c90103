#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/html_answer.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/cli/worker_options.hpp"
#include "sim/planning/forecast/answer.hpp"
#include "sim/planning/forecast/answer_page.hpp"
#include "sim/report/inputs_digest.hpp"

namespace microdc::cli {
namespace {

struct ForecastWords {
  std::string scenario;
  WorkerWords workers;
};

constexpr const char* forecast_store = "forecast-runs.tsv";

/// That of the simulations, with what only a forecast reads.
Result<std::string> digest_of(const Scenario& scenario, const std::filesystem::path& base,
                              const CommonOptions& common) {
  auto digest = inputs_sha256(scenario, base, data_root(), common.hardware);
  if (!digest) return digest;
  std::string inputs = *digest;
  for (const char* file : {"sim/planning/catalog/trends.json", "models/quality/mmlu.json"}) {
    const auto json = read_json_file(data_root() / file);
    if (!json) return json.diagnostics();
    inputs += json->dump();
  }
  return sha256_of(inputs);
}

Answer answer_with(const Forecast& forecast, const Scenario& scenario, const std::string& digest) {
  Answer answer;
  answer.text = forecast_text(forecast, scenario);
  answer.json = json_text(forecast_json(forecast, scenario, digest));
  if (forecast.interrupted) {
    answer.exit_code = exit_interrupted;
    return answer;
  }
  answer.files["forecast.json"] = answer.json;
  answer.files["forecast.txt"] = answer.text;
  answer.files["forecast.csv"] = forecast_csv(forecast, scenario);
  return answer;
}

Answer forecast(const ForecastWords& words, const CommonOptions& common, std::ostream& progress) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  const auto quality = QualityCatalog::load(data_root() / "models/quality/mmlu.json");
  auto scenario = load_scenario(words.scenario, common, *catalogs);
  Diagnostics findings = scenario.diagnostics();
  findings.append(quality.diagnostics());
  findings.append(economics_catalog().diagnostics());
  findings.append(trend_catalog().diagnostics());
  // Said before anything is simulated, with all else that is wrong.
  if (scenario && trend_catalog()) {
    findings.append(trends_of(scenario->forecast, *trend_catalog()).diagnostics());
  }
  if (findings.has_errors()) return Answer::failure(findings);
  const std::filesystem::path base = std::filesystem::path(words.scenario).parent_path();
  const auto digest = digest_of(*scenario, base, common);
  findings.append(digest.diagnostics());
  if (!digest) return Answer::failure(findings);
  auto store = open_store<RunStore>(common.folder, forecast_store, *digest);
  findings.append(store.diagnostics());
  if (!store) return Answer::failure(findings);

  const InterruptGuard guard;
  Progress bar(progress, "forecast", words.workers.quiet);
  const auto made = make_forecast(*scenario, *catalogs, *quality, *economics_catalog(), *store,
                                  {.jobs = words.workers.count(),
                                   .base_folder = base,
                                   .interrupt = InterruptGuard::flag(),
                                   .progress = [&](double share) { bar.show(share); }});
  findings.append(made.diagnostics());
  if (!made) return Answer::failure(findings);
  Answer answer = answer_with(*made, *scenario, *digest);
  answer.findings = std::move(findings);
  if (made->interrupted) return answer;
  add_html(answer, common, [&] {
    const PageKnowledge sources{catalogs->hardware, catalogs->profiles, *economics_catalog()};
    return forecast_page(*made, *scenario, sources, *digest);
  });
  return answer;
}

}  // namespace

Verb forecast_verb() {
  return {"forecast", "The same need over the coming years: buy, wait, lease; what to refresh when",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<ForecastWords>();
            options.text("SCENARIO", words->scenario, "Scenario file", {.required = true});
            add_worker_options(options, words->workers);
            return [words](const CommonOptions& common, std::ostream& progress) {
              return forecast(*words, common, progress);
            };
          }};
}

}  // namespace microdc::cli
