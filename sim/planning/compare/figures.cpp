#include "sim/planning/compare/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/report/bands.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

using Unit = ComparedFigure::Unit;
using FigureMap = std::map<std::string, double>;

struct Shown {
  const char* path;
  const char* label;
  Unit unit;
};
constexpr Shown shown_figures[] = {
    {"requests.completed", "requests answered", Unit::count},
    {"requests.within_slo_share", "within every target", Unit::share},
    {"latency.ttft_s.p50", "first token, P50", Unit::seconds},
    {"latency.ttft_s.p95", "first token, P95", Unit::seconds},
    {"latency.tpot_s.p50", "per token, P50", Unit::seconds},
    {"latency.tpot_s.p95", "per token, P95", Unit::seconds},
    {"latency.e2e_s.p50", "whole answer, P50", Unit::seconds},
    {"latency.e2e_s.p95", "whole answer, P95", Unit::seconds},
    {"throughput.goodput_requests_per_s", "requests within targets", Unit::per_second},
    {"throughput.output_tokens_per_s", "answer tokens", Unit::per_second},
    {"utilisation.busy_share", "busy share of devices", Unit::share},
    {"power.mean_w", "IT power, mean", Unit::watts},
    {"power.peak_w", "IT power, highest", Unit::watts},
    {"energy.facility_kwh_per_1000_requests", "energy per 1,000 requests", Unit::kwh},
    {"energy.carbon_kg_per_1000_requests", "carbon per 1,000 requests", Unit::kilograms},
    {"cost.parts_total.total", "to buy", Unit::money},
    {"cost.ownership.per_year", "a year, all in", Unit::money},
    {"cost.ownership.per_1000_requests", "per 1,000 requests", Unit::money},
    {"cost.ownership.per_million_output_tokens", "per million answer tokens", Unit::money},
    {"cost.ownership.per_employee_month", "per employee and month", Unit::money},
};

std::optional<double> value_of(const FigureMap& figures, const std::string& path) {
  const auto at = figures.find(path);
  return at == figures.end() ? std::nullopt : std::optional(at->second);
}

std::optional<double> relative_difference(const std::optional<double>& first,
                                          const std::optional<double>& other) {
  if (!first || !other) return std::nullopt;
  if (*first == *other) return 0.0;
  if (*first == 0) return std::nullopt;
  return (*other - *first) / std::abs(*first);
}

std::optional<Band> known_band(const std::vector<std::optional<double>>& values) {
  std::vector<double> known;
  for (const auto& value : values) {
    if (!value) return std::nullopt;
    known.push_back(*value);
  }
  if (known.empty()) return std::nullopt;
  return Band{quantile(known, 0.1), quantile(known, 0.5), quantile(known, 0.9)};
}

/// Of one run, beside the first.
void add_run(const ComparedRun& first, const ComparedRun& run, ComparedFigure& figure) {
  const auto best = value_of(first.figures, figure.path);
  const auto value = value_of(run.figures, figure.path);
  figure.values.push_back(value);
  figure.differences.push_back(best && value ? std::optional(*value - *best) : std::nullopt);
  figure.relative.push_back(relative_difference(best, value));
  std::vector<std::optional<double>> values;
  std::vector<std::optional<double>> changes;
  for (std::size_t i = 0; i < run.draws.size(); ++i) {
    values.push_back(value_of(run.draws[i], figure.path));
    changes.push_back(relative_difference(value_of(first.draws[i], figure.path), values.back()));
  }
  figure.bands.push_back(known_band(values));
  figure.relative_bands.push_back(known_band(changes));
}

}  // namespace

void add_ratios(FigureMap& figures) {
  const auto add = [&](const char* path, const char* part, const char* whole, double times) {
    const auto above = value_of(figures, part);
    const auto below = value_of(figures, whole);
    if (above && below && *below > 0) figures[path] = *above / *below * times;
  };
  add("requests.within_slo_share", "requests.within_slo", "requests.offered", 1);
  add("energy.facility_kwh_per_1000_requests", "energy.facility_kwh", "requests.completed", 1000);
  add("energy.carbon_kg_per_1000_requests", "energy.carbon_kg", "requests.completed", 1000);
}

std::string unit_name(Unit unit, const std::string& currency) {
  switch (unit) {
    case Unit::seconds: return "s";
    case Unit::per_second: return "1/s";
    case Unit::watts: return "W";
    case Unit::kwh: return "kWh";
    case Unit::kilograms: return "kg";
    case Unit::money: return currency;
    case Unit::share:
    case Unit::count: break;
  }
  return "1";
}

std::string figure_text(Unit unit, double value, const std::string& currency) {
  switch (unit) {
    case Unit::seconds: return duration_text(value);
    case Unit::share: return share_text(value);
    case Unit::per_second: return rounded_text(value) + " /s";
    case Unit::watts: return power_text(value);
    case Unit::kwh: return energy_text(value);
    case Unit::kilograms: return rounded_text(value) + " kg";
    case Unit::money: return money_text(value, currency);
    case Unit::count: break;
  }
  return count_text(std::llround(value));
}

std::string change_text(double relative) {
  if (relative == 0) return "=";
  // Three digits, as all numbers: 121.9 would say more than is known.
  if (std::abs(relative) >= 10) {
    return fmt::format("{}{} %", relative > 0 ? "+" : "", rounded_text(relative * 100));
  }
  if (std::abs(relative) >= 1) return fmt::format("{:+.0f} %", relative * 100);
  return fmt::format("{:+.1f} %", relative * 100);
}

std::vector<ComparedFigure> compared_figures(const ScenarioComparison& comparison) {
  std::vector<ComparedFigure> list;
  for (const Shown& shown : shown_figures) {
    ComparedFigure figure{.path = shown.path, .label = shown.label, .unit = shown.unit};
    for (const ComparedRun& run : comparison.runs) add_run(comparison.first(), run, figure);
    const bool told = std::any_of(figure.values.begin(), figure.values.end(),
                                  [](const auto& value) { return value.has_value(); });
    if (told) list.push_back(std::move(figure));
  }
  return list;
}

}  // namespace microdc
