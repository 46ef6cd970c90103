// Fields of a row and the numbers in them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/trace.hpp"

namespace microdc {

/// The unit of a column of times, or a calendar date with the time of day.
enum class TimeUnit { seconds, milliseconds, microseconds, nanoseconds, calendar };

/// Splits a row at `delimiter`; blanks around a field and quotes around it are removed (a delimiter
/// inside quotes does not split). The views point into `row`.
void split_row(std::string_view row, char delimiter, std::vector<std::string_view>& fields);

/// A whole number of tokens; "374.0" is one too. Empty if it is none, negative, NaN or beyond 2^53.
std::optional<std::int64_t> parse_count(std::string_view text);

/// A time in the given unit. Empty if it is none, NaN, or further than 290 years from zero.
/// Calendar: "2023-11-16 18:15:46.6805900", also with 'T', and with "Z" or "+01:00" at the end; the
/// result counts from 1970-01-01 UTC.
std::optional<Nanoseconds> parse_time(std::string_view text, TimeUnit unit);

/// How a time of this unit is written, for messages.
std::string_view allowed_time(TimeUnit unit);

/// Text of a field for a message: at most 60 bytes, unprintable ones as '?'.
std::string shown(std::string_view text);

}  // namespace microdc
