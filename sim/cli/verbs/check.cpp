#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "sim/cli/findings_json.hpp"
#include "sim/cli/scenario_input.hpp"
#include "sim/cli/verbs/all.hpp"

namespace microdc::cli {
namespace {

std::string verdict(const std::string& file, const Diagnostics& findings) {
  const auto& items = findings.items();
  const auto count = [&](Severity severity) {
    return std::count_if(items.begin(), items.end(),
                         [&](const Diagnostic& d) { return d.severity == severity; });
  };
  const auto errors = count(Severity::error);
  const auto warnings = count(Severity::warning);
  if (errors == 0 && warnings == 0) return fmt::format("{} is fine\n", file);
  return fmt::format("{}: {} error{}, {} warning{}\n", file, errors, errors == 1 ? "" : "s",
                     warnings, warnings == 1 ? "" : "s");
}

Answer check(const std::string& file, const CommonOptions& options) {
  Result<Catalogs> catalogs = load_catalogs(data_root(), options.hardware);
  if (!catalogs) return Answer::failure(catalogs.diagnostics());
  Answer answer;
  answer.findings = load_scenario(file, options, *catalogs).diagnostics();
  answer.findings_shown = true;
  answer.text = to_text(answer.findings) + verdict(file, answer.findings);
  answer.json = json_text({{"file", file},
                           {"ok", !answer.findings.has_errors()},
                           {"exit_code", answer.findings.exit_code()},
                           {"findings", findings_to_json(answer.findings)}});
  answer.files["check.json"] = answer.json;
  return answer;
}

}  // namespace

Verb check_verb() {
  return {"check", "Say everything that is wrong with a scenario, without running it",
          [](OptionSet& options) -> RunVerb {
            auto file = std::make_shared<std::string>();
            options.text("SCENARIO", *file, "Scenario file", {.required = true});
            return
                [file](const CommonOptions& common, std::ostream&) { return check(*file, common); };
          }};
}

}  // namespace microdc::cli
