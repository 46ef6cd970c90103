// microdc's own format: CSV with the columns metric,value,unit. A metric is a path of the result
// ("latency.ttft_s.p50") or a latency and its statistic ("ttft_p50", "itl_mean"); the unit is any
// of its dimension ("ms", "s") and may be empty for plain numbers.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <sstream>

#include "sim/report/measured/formats.hpp"

namespace microdc {
namespace {

constexpr std::string_view header = "metric,value,unit";

std::string trimmed(std::string text) {
  const auto blank = [](unsigned char c) { return c == ' ' || c == '\t' || c == '\r'; };
  text.erase(std::find_if_not(text.rbegin(), text.rend(), blank).base(), text.end());
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), blank));
  return text;
}

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(trimmed(cell));
  cells.resize(std::max<std::size_t>(cells.size(), 3));
  return cells;
}

std::optional<ComparableFigure> figure_of(const std::string& metric, std::string& path) {
  for (const ComparableFigure& figure : comparable_figures()) {
    const std::string_view last = figure.path.substr(figure.path.find('.') + 1);
    if (metric == figure.path || metric == last) {
      path = figure.path;
      return figure;
    }
  }
  std::string_view name = metric;
  constexpr std::string_view prefix = "latency.";
  if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  const std::size_t split = std::min(name.find("_s."), name.find('_'));
  if (split == std::string_view::npos) return std::nullopt;
  const std::size_t rest = name.substr(split).starts_with("_s.") ? split + 3 : split + 1;
  const auto latency = latency_path(name.substr(0, split), name.substr(rest));
  if (!latency) return std::nullopt;
  path = *latency;
  return ComparableFigure{"", Dimension::time};
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || rest != end || !std::isfinite(value)) return std::nullopt;
  return value;
}

/// The value in base units; an error without place if unit and dimension disagree.
Result<double> value_of(const std::vector<std::string>& cells, Dimension dimension) {
  const auto number = number_of(cells[1]);
  if (!number) {
    return Diagnostic{.message = "this is no number", .found = fmt::format("\"{}\"", cells[1])};
  }
  if (*number < 0) {
    return Diagnostic{.message = "a measurement cannot be negative",
                      .found = fmt::format("\"{}\"", cells[1])};
  }
  if (dimension == Dimension::none && cells[2].empty()) return *number;
  // Rates are also written as they are read aloud: "requests/s", "tok/s".
  const std::size_t slash = cells[2].find('/');
  const std::string unit = dimension == Dimension::rate && slash != std::string::npos
                               ? cells[2].substr(slash)
                               : cells[2];
  const auto scale = parse_quantity("1 " + unit, dimension);
  if (!scale) {
    return Diagnostic{
        .message = cells[2].empty() ? "the unit is missing" : "this unit does not fit",
        .found = fmt::format("\"{}\"", cells[2].empty() ? cells[1] : cells[2]),
        .allowed = allowed_units(dimension)};
  }
  return *number * scale->value;
}

Result<MeasuredFigures> read_csv(const std::string& content, const std::string& file) {
  MeasuredFigures run{.format = "metric-csv"};
  Diagnostics findings;
  std::vector<std::string> ignored;
  std::istringstream stream(content);
  std::string line;
  std::getline(stream, line);  // the header, which was recognised
  for (int number = 2; std::getline(stream, line); ++number) {
    if (trimmed(line).empty()) continue;
    const std::vector<std::string> cells = cells_of(line);
    std::string path;
    const auto figure = figure_of(cells[0], path);
    if (!figure) {
      ignored.push_back(cells[0]);
      continue;
    }
    const auto value = value_of(cells, figure->dimension);
    if (value) {
      run.metrics.push_back({path, *value, cells[0]});
      continue;
    }
    for (Diagnostic error : value.diagnostics().items()) {
      error.file = file;
      error.place = fmt::format("line {}", number);
      findings.add(std::move(error));
    }
  }
  note_unknown_metrics(ignored, file, findings);
  if (findings.has_errors()) return findings;
  return {std::move(run), std::move(findings)};
}

bool is_csv(const std::string& content) {
  std::string first = content.substr(0, content.find('\n'));
  if (first.starts_with("\xEF\xBB\xBF")) first.erase(0, 3);
  std::erase_if(first, [](unsigned char c) { return c == ' ' || c == '\r' || c == '"'; });
  for (char& c : first) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return first == header;
}

}  // namespace

MeasuredFormat metric_csv_format() {
  return {"metric-csv", "CSV with the columns metric,value,unit", is_csv, read_csv};
}

}  // namespace microdc
