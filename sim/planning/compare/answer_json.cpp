#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/planning/compare/answer.hpp"
#include "sim/planning/compare/figures.hpp"
#include "sim/report/json_values.hpp"

namespace microdc {
namespace {

OrderedJson json_of(const std::optional<Band>& band) {
  if (!band) return nullptr;
  return {{"p10", band->p10}, {"p50", band->p50}, {"p90", band->p90}};
}

OrderedJson by_kind(const std::array<Cents, cost_kinds>& costs) {
  OrderedJson object = OrderedJson::object();
  Cents total;
  for (std::size_t i = 0; i < cost_kinds; ++i) {
    object[std::string(name_of(static_cast<CostKind>(i)))] = costs[i].money().value();
    total += costs[i];
  }
  object["total"] = total.money().value();
  return object;
}

OrderedJson changes_json(const std::vector<InputChange>& changes) {
  OrderedJson list = OrderedJson::array();
  const auto text = [](const std::string& value) {
    return value.empty() ? OrderedJson(nullptr) : OrderedJson(value);
  };
  for (const InputChange& change : changes) {
    list.push_back({{"path", change.path},
                    {"label", change.label},
                    {"from", text(change.from)},
                    {"to", text(change.to)},
                    {"ratio", or_null(change.ratio)}});
  }
  return list;
}

OrderedJson figures_json(const std::vector<ComparedFigure>& figures, std::size_t run,
                         bool with_bands) {
  OrderedJson object = OrderedJson::object();
  for (const ComparedFigure& figure : figures) {
    OrderedJson item{{"value", or_null(figure.values[run])}};
    if (with_bands) item["band"] = json_of(figure.bands[run]);
    if (run > 0) {
      item["difference"] = or_null(figure.differences[run]);
      item["relative"] = or_null(figure.relative[run]);
      if (with_bands) item["relative_band"] = json_of(figure.relative_bands[run]);
    }
    object[figure.path] = std::move(item);
  }
  return object;
}

OrderedJson parts_json(const std::vector<ComparedPart>& parts) {
  OrderedJson list = OrderedJson::array();
  for (const ComparedPart& part : parts) {
    list.push_back({{"label", part.label},
                    {"quantity", part.quantity},
                    {"unit", part.unit.empty() ? OrderedJson(nullptr) : OrderedJson(part.unit)},
                    {"price", part.price.money().value()}});
  }
  return list;
}

/// A field of a table as spreadsheets write it (RFC 4180).
std::string field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string field(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

OrderedJson compare_json(const ScenarioComparison& comparison) {
  const ComparedRun& first = comparison.first();
  const bool with_bands = !first.draws.empty();
  const std::vector<ComparedFigure> figures = compared_figures(comparison);
  OrderedJson json{{"schema_version", compare_schema_version},
                   {"seed", first.scenario.seed},
                   {"currency", comparison.currency()},
                   {"samples", first.draws.size()}};
  OrderedJson& list = json["scenarios"] = OrderedJson::array();
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const ComparedRun& run = comparison.runs[i];
    OrderedJson item{{"name", run.name}, {"inputs_sha256", run.inputs_sha256}};
    item["figures"] = figures_json(figures, i, with_bands);
    item["cost_per_year"] = run.per_year ? by_kind(*run.per_year) : OrderedJson(nullptr);
    if (i > 0) {
      const auto difference = cost_difference(first, run);
      item["cost_difference"] = difference ? by_kind(*difference) : OrderedJson(nullptr);
      item["changed_inputs"] = changes_json(comparison.changes[i]);
    }
    item["parts"] = parts_json(run.parts);
    item["caveats"] = run.caveats;
    item["missing"] = run.missing;
    list.push_back(std::move(item));
  }
  return json;
}

std::string compare_csv(const ScenarioComparison& comparison) {
  std::string text = "scenario,figure,unit,value,difference,relative\n";
  const std::vector<ComparedFigure> figures = compared_figures(comparison);
  const std::string& currency = comparison.currency();
  for (std::size_t i = 0; i < comparison.runs.size(); ++i) {
    const ComparedRun& run = comparison.runs[i];
    for (const ComparedFigure& figure : figures) {
      text += fmt::format("{},{},{},{},{},{}\n", field(run.name), figure.path,
                          unit_name(figure.unit, currency), field(figure.values[i]),
                          field(figure.differences[i]), field(figure.relative[i]));
    }
    const auto difference = cost_difference(comparison.first(), run);
    for (std::size_t kind = 0; run.per_year && kind < cost_kinds; ++kind) {
      const double cost = (*run.per_year)[kind].money().value();
      text += fmt::format("{},cost_per_year.{},{},{},{},\n", field(run.name),
                          name_of(static_cast<CostKind>(kind)), currency, cost,
                          difference ? fmt::format("{}", (*difference)[kind].money().value()) : "");
    }
  }
  return text;
}

}  // namespace microdc
