#include "sim/workload/formats/row_text.hpp"

#include <charconv>
#include <chrono>
#include <cmath>

namespace microdc {
namespace {

constexpr Nanoseconds second = 1'000'000'000;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Exactly `digits` decimal digits at the front of `text`, which are removed.
std::optional<int> take_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, char wanted) {
  if (!text.starts_with(wanted)) return false;
  text.remove_prefix(1);
  return true;
}

/// Days from 1970-01-01 of "2023-11-16" at the front of `text`.
std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_digits(text, 4);
  if (!year || !take(text, '-')) return std::nullopt;
  const auto month = take_digits(text, 2);
  if (!month || !take(text, '-')) return std::nullopt;
  const auto day = take_digits(text, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *year < 1970 || *year > 2200) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// Fraction digits after the decimal point, as nanoseconds; digits beyond the ninth are ignored.
std::optional<Nanoseconds> take_fraction(std::string_view& text) {
  Nanoseconds value = 0;
  Nanoseconds scale = second;
  std::size_t count = 0;
  for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
    if (scale > 1) {
      scale /= 10;
      value += scale * (text[count] - '0');
    }
  }
  text.remove_prefix(count);
  if (count == 0) return std::nullopt;
  return value;
}

/// Offset from UTC ("Z", "+01:00" or nothing) in seconds, which must be all that is left.
std::optional<int> whole_offset(std::string_view text) {
  if (text.empty() || text == "Z") return 0;
  const int sign = text.front() == '-' ? -1 : 1;
  if (text.front() != '-' && text.front() != '+') return std::nullopt;
  text.remove_prefix(1);
  const auto hours = take_digits(text, 2);
  take(text, ':');
  const auto minutes = take_digits(text, 2);
  if (!hours || !minutes || !text.empty() || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 3600 + *minutes * 60);
}

std::optional<Nanoseconds> parse_calendar(std::string_view text) {
  const auto days = take_date(text);
  if (!days || (!take(text, ' ') && !take(text, 'T'))) return std::nullopt;
  const auto hour = take_digits(text, 2);
  if (!hour || *hour > 23 || !take(text, ':')) return std::nullopt;
  const auto minute = take_digits(text, 2);
  if (!minute || *minute > 59 || !take(text, ':')) return std::nullopt;
  const auto seconds = take_digits(text, 2);
  if (!seconds || *seconds > 60) return std::nullopt;
  Nanoseconds fraction = 0;
  if (take(text, '.')) {
    const auto digits = take_fraction(text);
    if (!digits) return std::nullopt;
    fraction = *digits;
  }
  const auto offset = whole_offset(text);
  if (!offset) return std::nullopt;
  const std::int64_t whole = *days * 86400 + *hour * 3600 + *minute * 60 + *seconds - *offset;
  return whole * second + fraction;
}

}  // namespace

void split_row(std::string_view row, char delimiter, std::vector<std::string_view>& fields) {
  fields.clear();
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= row.size(); ++i) {
    if (i < row.size() && row[i] == '"') quoted = !quoted;
    if (i < row.size() && (row[i] != delimiter || quoted)) continue;
    std::string_view field = trimmed(row.substr(begin, i - begin));
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"') {
      field = field.substr(1, field.size() - 2);
    }
    fields.push_back(field);
    begin = i + 1;
  }
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto exact = std::from_chars(text.data(), end, whole);
  if (exact.ec == std::errc() && exact.ptr == end) {
    if (whole < 0 || whole > (std::int64_t{1} << 53)) return std::nullopt;
    return whole;
  }
  double real = 0;
  const auto rounded = std::from_chars(text.data(), end, real);
  if (rounded.ec != std::errc() || rounded.ptr != end) return std::nullopt;
  if (!(real >= 0 && real <= 0x1p53) || real != std::floor(real)) return std::nullopt;
  return static_cast<std::int64_t>(real);
}

std::optional<Nanoseconds> parse_time(std::string_view text, TimeUnit unit) {
  if (unit == TimeUnit::calendar) return parse_calendar(text);
  constexpr Nanoseconds scales[] = {second, 1'000'000, 1'000, 1};
  const Nanoseconds scale = scales[static_cast<int>(unit)];
  constexpr Nanoseconds furthest = 9'151'488'000 * second;  // 290 years of 365.24 days
  const char* end = text.data() + text.size();
  std::int64_t whole = 0;
  const auto exact = std::from_chars(text.data(), end, whole);
  if (exact.ec == std::errc() && exact.ptr == end) {
    if (whole > furthest / scale || whole < -furthest / scale) return std::nullopt;
    return whole * scale;
  }
  double real = 0;
  const auto rounded = std::from_chars(text.data(), end, real);
  if (rounded.ec != std::errc() || rounded.ptr != end) return std::nullopt;
  const double nanoseconds = real * static_cast<double>(scale);
  if (!(std::abs(nanoseconds) <= static_cast<double>(furthest))) return std::nullopt;
  return std::llround(nanoseconds);
}

std::string_view allowed_time(TimeUnit unit) {
  switch (unit) {
    case TimeUnit::seconds: return "seconds from the start of the trace, at least 0";
    case TimeUnit::milliseconds: return "milliseconds from the start of the trace, at least 0";
    case TimeUnit::microseconds: return "microseconds from the start of the trace, at least 0";
    case TimeUnit::nanoseconds: return "nanoseconds from the start of the trace, at least 0";
    case TimeUnit::calendar: break;
  }
  return "a date and time such as 2023-11-16 18:15:46.6805900";
}

std::string shown(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string result(text.substr(0, longest));
  for (char& c : result) {
    if (c < ' ' || c > '~') c = '?';
  }
  if (text.size() > longest) result += "...";
  return result;
}

}  // namespace microdc
