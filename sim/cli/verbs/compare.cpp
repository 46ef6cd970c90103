#include <fmt/format.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/html_answer.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/cli/verbs/simulate/options.hpp"
#include "sim/cli/worker_options.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/planning/compare/answer.hpp"
#include "sim/report/inputs_digest.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc::cli {
namespace {

/// Columns are headed by letters, and a page has room for few of them.
constexpr std::size_t most_scenarios = 8;

struct CompareWords {
  std::vector<std::string> scenarios;
  std::int64_t samples = 0;
  WorkerWords workers;
};

Diagnostics check_count(const std::vector<std::string>& files) {
  Diagnostics findings;
  if (files.size() >= 2 && files.size() <= most_scenarios) return findings;
  findings.add({.place = "SCENARIO",
                .message = "a comparison needs several scenarios",
                .found = fmt::format("{}", files.size()),
                .allowed = fmt::format("2 to {}", most_scenarios),
                .fix = "name their files one after the other"});
  return findings;
}

/// A name that no other has: "office", "office (2)".
std::string free_name(const std::string& wanted, std::set<std::string>& taken) {
  std::string name = wanted;
  for (int i = 2; !taken.insert(name).second; ++i) name = fmt::format("{} ({})", wanted, i);
  return name;
}

/// Amounts in different currencies cannot be compared.
Diagnostics check_currencies(const std::vector<CompareInput>& inputs) {
  Diagnostics findings;
  const std::string& first = inputs.front().scenario.economics.currency;
  for (const CompareInput& input : inputs) {
    const std::string& own = input.scenario.economics.currency;
    if (own == first) continue;
    findings.add({.file = input.file,
                  .place = "/economics/currency",
                  .message = fmt::format("{} counts in another currency", inputs.front().file),
                  .found = own,
                  .allowed = first,
                  .fix = "write its amounts and exchange_rate in that currency"});
  }
  return findings;
}

/// The same random numbers for all: those of the first scenario.
void share_seed(std::vector<CompareInput>& inputs, Diagnostics& findings) {
  const std::int64_t seed = inputs.front().scenario.seed;
  for (CompareInput& input : inputs) {
    if (input.scenario.seed == seed) continue;
    findings.add({.severity = Severity::warning,
                  .file = input.file,
                  .place = "/seed",
                  .message = fmt::format("seed {} of {} is used here too, so that luck is the same",
                                         seed, inputs.front().file)});
    input.scenario.seed = seed;
  }
}

Result<std::vector<CompareInput>> read_inputs(const CompareWords& words,
                                              const CommonOptions& common,
                                              const Catalogs& catalogs) {
  Diagnostics findings;
  std::vector<CompareInput> inputs;
  std::set<std::string> names;
  for (const std::string& file : words.scenarios) {
    CompareInput input{.file = file, .catalogs = catalogs};
    SimulateWords as_simulated;
    as_simulated.scenario = file;
    auto scenario = prepare_scenario(as_simulated, common, input.catalogs);
    findings.append(scenario.diagnostics());
    if (!scenario) continue;
    input.scenario = std::move(*scenario);
    input.name = free_name(input.scenario.name, names);
    inputs.push_back(std::move(input));
  }
  if (findings.has_errors()) return findings;
  findings.append(check_currencies(inputs));
  share_seed(inputs, findings);
  for (CompareInput& input : inputs) {
    const auto folder = std::filesystem::path(input.file).parent_path();
    auto streams = make_streams(input.scenario, folder);
    findings.append(streams.diagnostics());
    if (streams) input.streams = std::move(*streams);
    auto digest = inputs_sha256(input.scenario, folder, data_root(), common.hardware);
    findings.append(digest.diagnostics());
    if (digest) input.inputs_sha256 = *digest;
  }
  if (findings.has_errors()) return findings;
  return {std::move(inputs), std::move(findings)};
}

Answer compare(const CompareWords& words, const CommonOptions& common, std::ostream& progress) {
  const Diagnostics count = check_count(words.scenarios);
  if (count.has_errors()) return Answer::failure(count);
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  auto inputs = read_inputs(words, common, *catalogs);
  Diagnostics findings = inputs.diagnostics();
  findings.append(economics_catalog().diagnostics());
  if (findings.has_errors()) return Answer::failure(findings);

  const InterruptGuard guard;
  Progress bar(progress, "compared", words.workers.quiet);
  const CompareSettings settings{.jobs = words.workers.count(),
                                 .samples = static_cast<std::size_t>(words.samples),
                                 .interrupt = InterruptGuard::flag(),
                                 .progress = [&](double share) { bar.show(share); }};
  const auto comparison = compare_scenarios(*inputs, settings);
  findings.append(comparison.diagnostics());
  if (!comparison) return Answer::failure(findings);

  Answer answer;
  answer.text = compare_text(*comparison);
  if (comparison->interrupted) {
    answer.findings = std::move(findings);
    answer.exit_code = exit_interrupted;
    return answer;
  }
  answer.json = json_text(compare_json(*comparison));
  answer.files["compare.json"] = answer.json;
  answer.files["compare.txt"] = answer.text;
  answer.files["compare.csv"] = compare_csv(*comparison);
  answer.findings = std::move(findings);
  add_html(answer, common, [&] {
    return compare_page(*comparison,
                        {catalogs->hardware, catalogs->profiles, *economics_catalog()});
  });
  return answer;
}

}  // namespace

Verb compare_verb() {
  return {
      "compare", "Scenarios side by side: speed, energy, cost, and what explains the difference",
      [](OptionSet& options) -> RunVerb {
        auto words = std::make_shared<CompareWords>();
        options.texts("SCENARIO", words->scenarios,
                      "Scenario files; the others are compared with the first", {.required = true});
        options.whole_number("--samples", words->samples, {0, 10000},
                             "Draws of hardware laws, prices, power and overheads, the same "
                             "for all, for P10, P50 and P90 of the differences");
        add_worker_options(options, words->workers);
        return [words](const CommonOptions& common, std::ostream& progress) {
          return compare(*words, common, progress);
        };
      }};
}

}  // namespace microdc::cli
