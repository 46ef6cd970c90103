// How much of the time enough servers work.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/catalog.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

/// sim/planning/catalog/failures.json.
struct FailureFigures {
  std::optional<Figure> accelerator_failures_per_year;
  std::optional<Figure> server_failures_per_year;  ///< of everything else in a server
  std::optional<Figure> repair_time;               ///< [s]
};
void describe(FieldVisitor& visitor, FailureFigures& figures);
Result<FailureFigures> load_failure_figures(const std::filesystem::path& file);

/// Share of the time in which one server works: 1 / (1 + failures per second * repair time).
/// `spec` goes before the figures if it says how often servers fail.
double server_availability(const ServerType& type, const FailureSpec& spec,
                           const FailureFigures& figures);

/// Probability that at least `needed` of `needed + spare` servers work, if each works with
/// probability `up` whatever the others do.
double availability_of_servers(double up, std::int64_t needed, std::int64_t spare);

/// "99.88 %", rounded down, so that it is never more than there is; beyond 99.99 % "more than
/// 99.99 %".
std::string availability_share_text(double availability);
/// What the figure is of.
inline constexpr std::string_view availability_scope =
    "of the servers alone: failures of the site's power and lines are not counted";
/// "10 h", "53 min": of a year, without it.
std::string outage_time_text(double availability);
/// Why more servers may be less available than one: "2 servers have to work at once, and …"; empty
/// if one is enough.
std::string all_needed_text(std::int64_t needed, std::int64_t spare);
/// "about 10 h a year without full service", "less than 53 min …".
std::string outage_text(double availability);

}  // namespace microdc
