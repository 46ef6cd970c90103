// From a scenario file to a scenario, with everything that is wrong with it.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/scenario/checks.hpp"
#include "sim/scenario/currency.hpp"
#include "sim/scenario/model_files.hpp"
#include "sim/scenario/overrides.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {
namespace {

/// A file written for a later version is refused before its fields are judged: they may mean
/// something else there.
std::optional<Diagnostic> newer_than_us(const Json& document, const std::string& file) {
  if (!document.is_object()) return std::nullopt;
  const auto at = document.find("schema_version");
  if (at == document.end() || !at->is_number_integer()) return std::nullopt;
  const auto version = at->get<std::int64_t>();
  if (version <= scenario_schema_version) return std::nullopt;
  return Diagnostic{
      .file = file,
      .place = "/schema_version",
      .message = fmt::format(
          "this scenario needs a newer microdc, one that reads schema version {}", version),
      .found = std::to_string(version),
      .allowed = fmt::format("1 to {}", scenario_schema_version),
      .fix = "update microdc"};
}

/// Reads the fields; what is wrong keeps its default.
Diagnostics read_document(const Json& document, const std::string& file, Scenario& scenario) {
  Diagnostics findings = read_fields(scenario, document, file);
  findings.append(check_currency(document, scenario.economics.currency, file));
  return findings;
}

std::string parent_place(const std::string& place) {
  const std::size_t slash = place.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : place.substr(0, slash);
}

bool stands_in(const Json& document, const std::string& place) {
  try {
    return document.contains(Json::json_pointer(place));
  } catch (const Json::exception&) {  // e.g. an index beyond what fits
    return false;
  }
}

/// Whether a device stays unused only because a pool that might use it could not be read.
bool is_about_unread_pools(const Diagnostic& finding, const Diagnostics& field_findings) {
  if (finding.severity != Severity::warning || !finding.place.starts_with("/sites/")) return false;
  const auto& wrong = field_findings.items();
  return std::any_of(wrong.begin(), wrong.end(), [](const Diagnostic& field) {
    return field.severity == Severity::error && field.place.starts_with("/pools/");
  });
}

/// Whether a rule's finding only follows from a field that could not be read: the field is at or
/// below its place, or its place is not in the document and the object around it is wrong.
bool is_consequence(const Diagnostic& finding, const Diagnostics& field_findings,
                    const Json& document) {
  const auto& wrong = field_findings.items();
  return std::any_of(wrong.begin(), wrong.end(), [&](const Diagnostic& field) {
    if (field.severity != Severity::error) return false;
    if (field.place == finding.place || field.place.starts_with(finding.place + "/")) return true;
    return field.place == parent_place(finding.place) && !stands_in(document, finding.place);
  });
}

}  // namespace

Result<Scenario> parse_scenario(const Json& document, const std::string& file) {
  if (auto newer = newer_than_us(document, file)) return *newer;
  Scenario scenario;
  Diagnostics findings = read_document(document, file, scenario);
  if (findings.has_errors()) return findings;
  return {std::move(scenario), std::move(findings)};
}

Result<Scenario> read_scenario(Json document, const std::string& file,
                               const std::vector<Override>& overrides,
                               const CheckContext& context) {
  if (auto newer = newer_than_us(document, file)) return *newer;
  Diagnostics findings = apply_overrides(document, overrides);
  Scenario scenario;
  findings.append(read_document(document, file, scenario));
  const Diagnostics field_findings = findings;
  CheckContext here = context;
  ModelCatalog models;
  if (context.models != nullptr) {
    models = *context.models;
    findings.append(add_model_files(scenario, context.folder, file, models));
    here.models = &models;
  }
  const Diagnostics rule_findings = check_scenario(scenario, here, file);
  for (const Diagnostic& finding : rule_findings.items()) {
    if (is_consequence(finding, field_findings, document)) continue;
    if (!is_about_unread_pools(finding, field_findings)) findings.add(finding);
  }
  if (findings.has_errors()) return findings;
  return {std::move(scenario), std::move(findings)};
}

Result<Scenario> load_scenario(const std::filesystem::path& file,
                               const std::vector<Override>& overrides,
                               const CheckContext& context) {
  Result<Json> document = read_json_file(file);
  if (!document) return document.diagnostics();
  CheckContext here = context;
  here.folder = file.parent_path();
  return read_scenario(std::move(*document), file.string(), overrides, here);
}

Result<Scenario> load_scenario(const std::filesystem::path& file,
                               const std::vector<Override>& overrides) {
  return load_scenario(file, overrides, CheckContext{});
}

}  // namespace microdc
