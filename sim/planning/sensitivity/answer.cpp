#include "sim/planning/sensitivity/answer.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sim/report/json_values.hpp"
#include "sim/report/number_text.hpp"
#include "sim/report/text_layout.hpp"

namespace microdc {
namespace {

using Rows = std::vector<std::vector<std::string>>;

/// Characters of the longest bar.
constexpr double bar_width = 24;

std::string number(const std::optional<double>& value) {
  return value ? rounded_text(*value) : "–";
}
std::optional<Band> figure_band(const FigureBands& bands, std::size_t figure) {
  return figure < bands.size() ? bands[figure] : std::nullopt;
}
OrderedJson band_json(const std::optional<Band>& band) {
  if (!band) return nullptr;
  return {{"p10", band->p10}, {"p50", band->p50}, {"p90", band->p90}};
}
constexpr std::array<std::pair<const char*, double Band::*>, 3> band_ends{
    {{"p10", &Band::p10}, {"p50", &Band::p50}, {"p90", &Band::p90}}};
std::string cell(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : std::string();
}
/// Texts with commas or quotes, for CSV.
std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string safe = "\"";
  for (const char c : text) {
    safe += c;
    if (c == '"') safe += c;
  }
  return safe + "\"";
}
std::string joined(const std::vector<std::string>& cells) {
  return fmt::format("{}\n", fmt::join(cells, ","));
}

/// With six digits, in the unit that people write.
std::string quantity(const ScenarioLeaf& leaf, double value, const std::string& currency) {
  if (leaf.whole) return count_text(std::llround(value));
  const std::string text = format_quantity(value, leaf.dimension, currency);
  double shown = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), shown);
  if (error != std::errc()) return text;
  return fmt::format("{:.6g}{}", shown, std::string_view(rest, text.data() + text.size()));
}

std::string bar_text(double swing, double largest) {
  std::string bar;
  const auto length = static_cast<int>(std::lround(bar_width * swing / largest));
  for (int i = 0; i < static_cast<int>(bar_width); ++i) bar += i < length ? "█" : " ";
  return bar;
}

/// Lines without blanks at their ends.
std::string trimmed_lines(const std::string& text) {
  std::string trimmed;
  for (const char c : text) {
    if (c == '\n') trimmed.erase(trimmed.find_last_not_of(' ') + 1);
    trimmed += c;
  }
  return trimmed;
}

/// " EUR", " s": units stand at the end of the names of figures; empty: none that is known.
std::string unit_of_figure(const std::string& path, const std::string& currency) {
  if (path.starts_with("cost.") && !path.ends_with("_s")) return " " + currency;
  if (path.find("_per_s") != std::string::npos) return " /s";
  if (path.find("_s.") != std::string::npos || path.ends_with("_s")) return " s";
  if (path.ends_with("_w")) return " W";
  return path.ends_with("_kwh") ? " kWh" : "";
}

std::string tornado_of(const Tornado& tornado, std::size_t figure, const std::string& currency) {
  const auto order = tornado.order(figure);
  const double largest = order.empty() ? 0 : tornado.bars[order.front()].swing(figure).value_or(0);
  std::string text =
      fmt::format("{} is {}{}", tornado.figures[figure], number(tornado.base[figure]),
                  unit_of_figure(tornado.figures[figure], currency));
  if (const auto band = figure_band(tornado.base_bands, figure)) {
    text += fmt::format(" (P10 {}, P50 {}, P90 {})", rounded_text(band->p10),
                        rounded_text(band->p50), rounded_text(band->p90));
  }
  text += "\n";
  Rows rows{{"", "from", "to", "it is", "and", "swing", ""}};
  std::vector<std::string> without, failed;
  for (const std::size_t i : order) {
    const TornadoBar& bar = tornado.bars[i];
    const auto swing = bar.swing(figure);
    if (!swing) {
      failed.push_back(bar.leaf.path);
      continue;
    }
    if (*swing == 0) {
      without.push_back(bar.leaf.path);
      continue;
    }
    rows.push_back({bar.leaf.label, quantity(bar.leaf, bar.low.value, currency),
                    quantity(bar.leaf, bar.high.value, currency), number(bar.low.figures[figure]),
                    number(bar.high.figures[figure]), number(swing), bar_text(*swing, largest)});
  }
  if (rows.size() > 1) text += trimmed_lines(aligned(rows));
  if (!without.empty()) {
    text += wrapped(fmt::format("No effect: {}.", fmt::join(without, ", ")), "  ", 2);
  }
  if (!failed.empty()) {
    text += wrapped(fmt::format("Not known at one end: {}.", fmt::join(failed, ", ")), "  ", 2);
  }
  return text;
}

OrderedJson header(const Scenario& scenario, const std::string& inputs_sha256, bool interrupted) {
  return {{"schema_version", sensitivity_schema_version},
          {"scenario", scenario.name},
          {"seed", scenario.seed},
          {"inputs_sha256", inputs_sha256},
          {"currency", scenario.economics.currency},
          {"interrupted", interrupted}};
}

OrderedJson json_of(const TurnedLeaf& end, std::size_t figure, const TornadoBar& bar,
                    const std::string& currency) {
  OrderedJson json{{"value", end.value},
                   {"text", format_quantity(end.value, bar.leaf.dimension, currency)},
                   {"figure", or_null(end.figures[figure])}};
  if (!end.failure.empty()) json["failure"] = end.failure;
  return json;
}

const char* const interrupted_text = "INTERRUPTED: no answer.\n";

}  // namespace

std::string tornado_text(const Tornado& tornado, const Scenario& scenario) {
  if (tornado.interrupted) return interrupted_text;
  std::string text;
  for (std::size_t i = 0; i < tornado.figures.size(); ++i) {
    if (i > 0) text += "\n";
    text += tornado_of(tornado, i, scenario.economics.currency);
  }
  return text + "\n" +
         wrapped(
             "Ranges are those that the scenario states (P10 and P90), else a fixed share to both "
             "sides; one field is turned at a time, all runs share their luck.",
             "", 0);
}

std::string sweep_text(const Sweep& sweep) {
  if (sweep.interrupted) return interrupted_text;
  Rows rows(1);
  for (const SweepAxis& axis : sweep.axes) rows[0].push_back(axis.path);
  for (const std::string& figure : sweep.figures) {
    rows[0].push_back(figure);
    if (sweep.has_bands()) rows[0].insert(rows[0].end(), {"P10", "P50", "P90"});
  }
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    std::vector<std::string> row;
    for (const Override& change : changes_of(sweep.axes, i)) row.push_back(change.value);
    for (std::size_t f = 0; f < sweep.figures.size(); ++f) {
      row.push_back(number(sweep.points[i].figures[f]));
      if (!sweep.has_bands()) continue;
      const auto band = figure_band(sweep.points[i].bands, f);
      for (const auto& [name, end] : band_ends) {
        row.push_back(number(band ? std::optional((*band).*end) : std::nullopt));
      }
    }
    if (!sweep.points[i].failure.empty()) row.back() = sweep.points[i].failure;
    rows.push_back(std::move(row));
  }
  return aligned(rows);
}

OrderedJson tornado_json(const Tornado& tornado, const Scenario& scenario,
                         const std::string& inputs_sha256) {
  OrderedJson json = header(scenario, inputs_sha256, tornado.interrupted);
  json["figures"] = OrderedJson::array();
  if (tornado.interrupted) return json;
  const std::string& currency = scenario.economics.currency;
  for (std::size_t f = 0; f < tornado.figures.size(); ++f) {
    OrderedJson variables = OrderedJson::array();
    for (const std::size_t i : tornado.order(f)) {
      const TornadoBar& bar = tornado.bars[i];
      variables.push_back({{"path", bar.leaf.path},
                           {"label", bar.leaf.label},
                           {"value", bar.leaf.value},
                           {"range", bar.stated ? "scenario" : "spread"},
                           {"low", json_of(bar.low, f, bar, currency)},
                           {"high", json_of(bar.high, f, bar, currency)},
                           {"swing", or_null(bar.swing(f))}});
    }
    OrderedJson item{{"figure", tornado.figures[f]}, {"base", or_null(tornado.base[f])}};
    if (!tornado.base_bands.empty()) item["base_band"] = band_json(tornado.base_bands[f]);
    item["variables"] = std::move(variables);
    json["figures"].push_back(std::move(item));
  }
  return json;
}

OrderedJson sweep_json(const Sweep& sweep, const Scenario& scenario,
                       const std::string& inputs_sha256) {
  OrderedJson json = header(scenario, inputs_sha256, sweep.interrupted);
  json["axes"] = OrderedJson::array();
  for (const SweepAxis& axis : sweep.axes) {
    json["axes"].push_back({{"path", axis.path}, {"values", axis.values}});
  }
  json["points"] = OrderedJson::array();
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    OrderedJson values = OrderedJson::array();
    for (const Override& change : changes_of(sweep.axes, i)) values.push_back(change.value);
    OrderedJson figures = OrderedJson::object();
    for (std::size_t f = 0; f < sweep.figures.size(); ++f) {
      figures[sweep.figures[f]] = or_null(sweep.points[i].figures[f]);
    }
    OrderedJson point{{"values", std::move(values)}, {"figures", std::move(figures)}};
    if (sweep.has_bands()) {
      OrderedJson& bands = point["bands"] = OrderedJson::object();
      for (std::size_t f = 0; f < sweep.figures.size(); ++f) {
        bands[sweep.figures[f]] = band_json(figure_band(sweep.points[i].bands, f));
      }
    }
    if (!sweep.points[i].failure.empty()) point["failure"] = sweep.points[i].failure;
    json["points"].push_back(std::move(point));
  }
  return json;
}

std::string tornado_csv(const Tornado& tornado) {
  std::string text = "figure,path,low,high,figure_low,figure_base,figure_high,swing\n";
  if (tornado.interrupted) return text;
  for (std::size_t f = 0; f < tornado.figures.size(); ++f) {
    for (const std::size_t i : tornado.order(f)) {
      const TornadoBar& bar = tornado.bars[i];
      text += joined({tornado.figures[f], bar.leaf.path, cell(bar.low.value), cell(bar.high.value),
                      cell(bar.low.figures[f]), cell(tornado.base[f]), cell(bar.high.figures[f]),
                      cell(bar.swing(f))});
    }
  }
  return text;
}

std::string sweep_csv(const Sweep& sweep) {
  std::vector<std::string> columns;
  for (const SweepAxis& axis : sweep.axes) columns.push_back(quoted(axis.path));
  for (const std::string& figure : sweep.figures) {
    columns.push_back(quoted(figure));
    if (!sweep.has_bands()) continue;
    for (const auto& [name, end] : band_ends) {
      columns.push_back(quoted(fmt::format("{}.{}", figure, name)));
    }
  }
  std::string text = joined(columns);
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    std::vector<std::string> row;
    for (const Override& change : changes_of(sweep.axes, i)) row.push_back(quoted(change.value));
    for (std::size_t f = 0; f < sweep.figures.size(); ++f) {
      row.push_back(cell(sweep.points[i].figures[f]));
      if (!sweep.has_bands()) continue;
      const auto band = figure_band(sweep.points[i].bands, f);
      for (const auto& [name, end] : band_ends) {
        row.push_back(cell(band ? std::optional((*band).*end) : std::nullopt));
      }
    }
    text += joined(row);
  }
  return text;
}

}  // namespace microdc
