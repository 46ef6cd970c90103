#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/html_answer.hpp"
#include "sim/cli/interrupt.hpp"
#include "sim/cli/progress.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"
#include "sim/cli/worker_options.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/planning/plan/answer.hpp"
#include "sim/planning/plan/answer_page.hpp"
#include "sim/report/inputs_digest.hpp"

namespace microdc::cli {
namespace {

struct PlanWords {
  std::string scenario;
  std::int64_t draws = 16;
  std::optional<std::int64_t> candidates;
  WorkerWords workers;
};

constexpr const char* plan_store = "plan-runs.tsv";

/// Nothing meets the needs: exit code 3, with what would have to give.
Diagnostic infeasible(const Plan& plan, const Scenario& scenario) {
  Diagnostic finding{.problem = Problem::infeasible,
                     .place = "/needs",
                     .message = "nothing of what may be chosen meets all needs"};
  if (plan.nearest_miss) {
    const Judged& near = plan.judged[*plan.nearest_miss];
    finding.found = "nearest: " + text_of(near.candidate);
    finding.fix = relaxation_text(near, scenario.economics.currency);
  } else {
    finding.fix =
        "allow more servers, other models or a larger budget in \"choices\" and \"needs\"";
  }
  return finding;
}

Answer plan(const PlanWords& words, const CommonOptions& common, std::ostream& progress) {
  auto catalogs = load_catalogs(data_root(), common.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  const auto knowledge = load_plan_knowledge(data_root());
  auto scenario = load_scenario(words.scenario, common, *catalogs);
  Diagnostics findings = scenario.diagnostics();
  findings.append(knowledge.diagnostics());
  findings.append(economics_catalog().diagnostics());
  if (findings.has_errors()) return Answer::failure(findings);
  const std::filesystem::path base = std::filesystem::path(words.scenario).parent_path();
  auto digest = inputs_sha256(*scenario, base, data_root(), common.hardware);
  findings.append(digest.diagnostics());
  if (!digest) return Answer::failure(findings);
  auto store = open_store<EvaluationStore>(common.folder, plan_store, *digest);
  findings.append(store.diagnostics());
  if (!store) return Answer::failure(findings);

  const InterruptGuard guard;
  Progress bar(progress, "planned", words.workers.quiet);
  const PlanSettings settings{
      .jobs = words.workers.count(),
      .draws = static_cast<int>(words.draws),
      .simulate_at_least =
          words.candidates ? std::optional<std::size_t>(*words.candidates) : std::nullopt,
      .base_folder = base,
      .interrupt = InterruptGuard::flag(),
      .progress = [&](double share, const std::string&) { bar.show(share); }};
  const auto made = make_plan(*scenario, *catalogs, *knowledge, *store, settings);
  findings.append(made.diagnostics());
  if (!made) return Answer::failure(findings);
  if (!made->recommended && !made->interrupted) findings.add(infeasible(*made, *scenario));

  Answer answer;
  const auto law = law_of(*made, *scenario, *policy_catalog(), *economics_catalog());
  answer.text = plan_text(*made, *scenario, *catalogs, law);
  answer.json = json_text(plan_json(*made, *scenario, law, *digest));
  answer.files["plan.json"] = answer.json;
  answer.files["plan.txt"] = answer.text;
  if (made->recommended) {
    const Scenario chosen = scenario_of(*scenario, made->judged[*made->recommended].candidate);
    answer.files["recommended.json"] =
        json_text(write_fields(describing(chosen), chosen.economics.currency));
  }
  answer.findings = std::move(findings);
  if (made->interrupted) {
    answer.exit_code = exit_interrupted;
    return answer;
  }
  add_html(answer, common, [&] {
    const PageKnowledge sources{catalogs->hardware, catalogs->profiles, *economics_catalog()};
    return plan_page(*made, *scenario, law, sources, *digest);
  });
  return answer;
}

}  // namespace

Verb plan_verb() {
  return {"plan", "Which rack to buy: search, recommendation, what holds it back, how sure",
          [](OptionSet& options) -> RunVerb {
            auto words = std::make_shared<PlanWords>();
            options.text("SCENARIO", words->scenario, "Scenario file", {.required = true});
            options.whole_number("--draws", words->draws, {1, 10000},
                                 "Draws of laws, workload and prices for each finalist",
                                 {.show_default = true});
            options.whole_number(
                "--candidates", words->candidates, {1, 1'000'000},
                "Least number to simulate, the cheapest first; more where they may "
                "be among the finalists; by default 1000, or fewer where a "
                "week holds very many requests");
            add_worker_options(options, words->workers);
            return [words](const CommonOptions& common, std::ostream& progress) {
              return plan(*words, common, progress);
            };
          }};
}

}  // namespace microdc::cli
