#include "sim/planning/sensitivity/sweep.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <set>

#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

Diagnostic wrong(std::string_view text, std::string message) {
  return {.place = "--sweep",
          .message = std::move(message),
          .found = fmt::format("\"{}\"", text),
          .allowed = "PATH=FIRST:LAST:COUNT, for example workloads/0/users=100:500:5"};
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// A number and what stands behind it.
struct End {
  double value = 0;
  std::string_view unit;
};
std::optional<End> parse_end(std::string_view text) {
  text = trimmed(text);
  End end;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), end.value);
  if (error != std::errc() || !std::isfinite(end.value)) return std::nullopt;
  end.unit = trimmed(text.substr(static_cast<std::size_t>(rest - text.data())));
  return end;
}

Diagnostic too_many(std::string found) {
  return {.place = "--sweep",
          .message = "there are too many points",
          .found = std::move(found),
          .allowed = fmt::format("{} points in all", count_text(max_sweep_points)),
          .fix = "sweep fewer values, or fewer fields at once"};
}

}  // namespace

Result<SweepAxis> parse_sweep(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t last = text.rfind(':');
  const std::size_t first = last == std::string_view::npos ? last : text.rfind(':', last - 1);
  if (equals == std::string_view::npos || equals == 0 || first == std::string_view::npos ||
      last == 0 || first < equals) {
    return wrong(text, "this is not a sweep");
  }
  const auto from = parse_end(text.substr(equals + 1, first - equals - 1));
  const auto to = parse_end(text.substr(first + 1, last - first - 1));
  if (!from || !to) return wrong(text, "the first and the last value have to be numbers");
  if (!from->unit.empty() && !to->unit.empty() && from->unit != to->unit) {
    return wrong(text, "the first and the last value have different units");
  }
  const std::string_view number = trimmed(text.substr(last + 1));
  double count = 0;
  const auto [rest, error] = std::from_chars(number.data(), number.data() + number.size(), count);
  if (error != std::errc() || rest != number.data() + number.size() || !(count >= 1) ||
      count != std::floor(count)) {
    return wrong(text, "the number of values has to be a whole number of at least 1");
  }
  if (count > static_cast<double>(max_sweep_points)) return too_many(fmt::format("\"{}\"", text));
  SweepAxis axis{.path = std::string(text.substr(0, equals)), .values = {}};
  const std::string_view unit = from->unit.empty() ? to->unit : from->unit;
  const auto steps = static_cast<std::size_t>(count);
  for (std::size_t i = 0; i < steps; ++i) {
    const double share = steps == 1 ? 0 : static_cast<double>(i) / (count - 1);
    const double value = from->value + share * (to->value - from->value);
    axis.values.push_back(unit.empty() ? fmt::format("{:.12g}", value)
                                       : fmt::format("{:.12g} {}", value, unit));
  }
  return axis;
}

Result<std::vector<SweepAxis>> parse_sweeps(const std::vector<std::string>& texts) {
  std::vector<SweepAxis> axes;
  std::set<std::string> paths;
  Diagnostics findings;
  double points = 1;
  for (const std::string& text : texts) {
    auto axis = parse_sweep(text);
    findings.append(axis.diagnostics());
    if (!axis) continue;
    if (!paths.insert(axis->path).second) findings.add(wrong(text, "this path is swept twice"));
    points *= static_cast<double>(axis->values.size());
    axes.push_back(std::move(*axis));
  }
  if (points > static_cast<double>(max_sweep_points)) {
    findings.add(too_many(fmt::format("{:.3g}", points)));
  }
  if (findings.has_errors()) return findings;
  return axes;
}

std::size_t sweep_points(const std::vector<SweepAxis>& axes) {
  std::size_t points = 1;
  for (const SweepAxis& axis : axes) points *= axis.values.size();
  return points;
}

std::vector<Override> changes_of(const std::vector<SweepAxis>& axes, std::size_t point) {
  std::vector<Override> changes(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    changes[i] = {axes[i].path, axes[i].values[point % axes[i].values.size()]};
    point /= axes[i].values.size();
  }
  return changes;
}

}  // namespace microdc
