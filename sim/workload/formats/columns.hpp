// Which column of a table holds what, found by the names in its header.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/formats/row_text.hpp"

namespace microdc {

/// A name in lower case with '_' for blanks, '-' and '.'; "StartTimeOffset" stays one word.
std::string normalised_name(std::string_view name);

/// Unit of a column of arrival times by its name ("arrived_at" is in seconds, "arrival_ms" in
/// milliseconds); `ambiguous` for names such as "timestamp" that say no unit and are allowed for
/// calendar times only. Empty: not a column of arrival times.
struct TimeColumn {
  TimeUnit unit = TimeUnit::seconds;
  bool ambiguous = false;
  /// Plain numbers in it are seconds: "time".
  bool numbers_are_seconds = false;
};
std::optional<TimeColumn> time_column(std::string_view normalised);
/// Unit of all times of a column that is headed `normalised` and begins with `first`: seconds where
/// plain numbers are, the column's own otherwise.
TimeUnit time_unit(std::string_view normalised, std::string_view first);
/// Said of a trace whose `time_unit` differs from that of the column.
inline constexpr std::string_view assumed_seconds_note =
    "the column \"time\" holds plain numbers: read as seconds from the start";

enum class ColumnRole { arrival, input, output, client, prefix, other };
ColumnRole column_role(std::string_view normalised);

/// All names that a role may have, for messages and documentation.
std::vector<std::string> names_of(ColumnRole role);

}  // namespace microdc
