// Which figures a comparison shows.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/planning/compare/compare.hpp"
#include "sim/report/report.hpp"

namespace microdc {

/// Adds what makes runs of different length and load comparable: "requests.within_slo_share" of the
/// offered, "energy.facility_kwh_per_1000_requests", "energy.carbon_kg_per_1000_requests" of the
/// completed. Only where both parts are known.
void add_ratios(std::map<std::string, double>& figures);

struct ComparedFigure {
  enum class Unit { seconds, share, per_second, count, watts, kwh, kilograms, money };
  std::string path;
  std::string label;
  Unit unit = Unit::count;
  std::vector<std::optional<double>> values;  ///< by run
  std::vector<std::optional<Band>> bands;     ///< over draws; empty without
  /// To that of the first: value - first, and that over the first; empty where there is none.
  std::vector<std::optional<double>> differences, relative;
  /// Of the relative difference, draw by draw.
  std::vector<std::optional<Band>> relative_bands;
};
/// "s", "1", "1/s", "W", "kWh", "kg", or the currency.
std::string unit_name(ComparedFigure::Unit unit, const std::string& currency);
/// The value for people.
std::string figure_text(ComparedFigure::Unit unit, double value, const std::string& currency);
/// "-12.3 %", "= " if there is none.
std::string change_text(double relative);

/// Those that at least one run tells, in the order in which they are shown.
std::vector<ComparedFigure> compared_figures(const ScenarioComparison& comparison);

}  // namespace microdc
