#include "sim/workload/formats/servegen_data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "sim/workload/formats/row_text.hpp"

namespace microdc {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(ServegenField::count)> field_names{
    "input_tokens", "output_tokens", "text_tokens",  "image_tokens", "image_count",
    "audio_tokens", "audio_count",   "video_tokens", "video_count"};
constexpr double latest_start = 366 * 86400.0;
constexpr double largest_rate = 1e6;

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

Diagnostic mistake(const std::string& archive, std::string place, std::string message,
                   std::string_view found, std::string allowed) {
  return {.file = archive,
          .place = std::move(place),
          .message = std::move(message),
          .found = shown(found),
          .allowed = std::move(allowed),
          .fix = "download the data again"};
}

std::optional<ServegenWindow> window_of(const std::vector<std::string_view>& fields) {
  if (fields.size() != 6) return std::nullopt;
  const auto start = number(fields[0]);
  const auto rate = number(fields[1]);
  const auto shape = number(fields[4]);
  if (!start || !rate || !shape || *start < 0 || *start > latest_start || *rate < 0 ||
      *rate > largest_rate) {
    return std::nullopt;
  }
  ServegenWindow window{.start = *start, .rate = *rate};
  if (fields[3] == "Gamma")
    window.gaps = ServegenWindow::Gaps::gamma;
  else if (fields[3] == "Weibull")
    window.gaps = ServegenWindow::Gaps::weibull;
  else if (!fields[3].empty())
    return std::nullopt;
  // Shapes far below the published range (0.02 and up) would put all requests at one moment.
  if (window.gaps != ServegenWindow::Gaps::exponential)
    window.shape = std::clamp(*shape, 0.01, 1e3);
  return window;
}

/// A distribution written as "{45: 0.0097, 46: 0.0117}".
std::optional<ServegenPdf> pdf_of(std::string_view text) {
  ServegenPdf pdf;
  if (!text.starts_with('{') || !text.ends_with('}')) return std::nullopt;
  text = text.substr(1, text.size() - 2);
  std::vector<std::pair<double, double>> points;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    const std::size_t colon = item.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    const auto trim = [](std::string_view part) {
      while (part.starts_with(' ')) part.remove_prefix(1);
      while (part.ends_with(' ')) part.remove_suffix(1);
      return part;
    };
    const auto value = number(trim(item.substr(0, colon)));
    const auto probability = number(trim(item.substr(colon + 1)));
    if (!value || !probability || *value < 0 || *probability < 0 || *probability > 1) {
      return std::nullopt;
    }
    if (*probability > 0) points.emplace_back(*value, *probability);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  std::sort(points.begin(), points.end());
  double sum = 0;
  for (const auto& [value, probability] : points) {
    sum += probability;
    pdf.values.push_back(value);
    pdf.cumulative.push_back(sum);
  }
  for (double& value : pdf.cumulative) value /= sum;
  return pdf;
}

}  // namespace

double ServegenPdf::at(double u) const {
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end(), u);
  const auto i = std::min(static_cast<std::size_t>(found - cumulative.begin()), values.size() - 1);
  return values[i];
}

bool ServegenLengths::usable() const {
  const bool prompts = !of(ServegenField::input).empty() || !of(ServegenField::text).empty();
  return prompts && !of(ServegenField::output).empty();
}

void parse_servegen_windows(std::string_view text, const std::string& archive,
                            const std::string& member, ServegenClient& client,
                            TraceBuilder& builder) {
  std::vector<std::string_view> fields;
  std::int64_t line = 0;
  while (!text.empty() && !builder.stopped()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view row = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    ++line;
    if (row.ends_with('\r')) row.remove_suffix(1);
    if (row.empty()) continue;
    builder.count_row();
    split_row(row, ',', fields);
    const auto window = window_of(fields);
    const bool in_order =
        client.windows.empty() || !window || window->start > client.windows.back().start;
    if (window && in_order) {
      client.windows.push_back(*window);
    } else {
      builder.error(mistake(
          archive, fmt::format("{} line {}", member, line), "the window cannot be read", row,
          "start_s,rate_per_s,cv,Gamma|Weibull or nothing,shape,scale; starts rising"));
    }
  }
}

void parse_servegen_lengths(std::string_view text, const std::string& archive,
                            const std::string& member, ServegenClient& client,
                            TraceBuilder& builder) {
  const auto document = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
  if (!document.is_object()) {
    builder.error(mistake(archive, member, "the file is no JSON object", text.substr(0, 60),
                          "{\"start_s\": {\"input_tokens\": \"{bin: probability}\", ...}}"));
    return;
  }
  for (const auto& [key, fields] : document.items()) {
    ServegenLengths lengths;
    const auto start = number(key);
    bool good = start && *start >= 0 && *start <= latest_start && fields.is_object();
    for (std::size_t i = 0; good && i < field_names.size(); ++i) {
      const auto at = fields.find(std::string(field_names[i]));
      if (at == fields.end()) continue;
      const auto pdf = at->is_string() ? pdf_of(at->get_ref<const std::string&>()) : std::nullopt;
      good = pdf.has_value();
      if (good) lengths.fields[i] = *pdf;
    }
    if (!good) {
      builder.error(mistake(archive, fmt::format("{} at \"{}\"", member, key),
                            "the distributions of lengths cannot be read", key,
                            "texts such as \"{45: 0.0097, 46: 0.0117}\" for each field"));
      continue;
    }
    lengths.start = *start;
    if (lengths.usable()) client.lengths.push_back(std::move(lengths));
  }
  std::sort(client.lengths.begin(), client.lengths.end(),
            [](const ServegenLengths& a, const ServegenLengths& b) { return a.start < b.start; });
}

}  // namespace microdc
