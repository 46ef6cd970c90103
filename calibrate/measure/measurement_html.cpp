// The page of the report. Its pictures are SVG: they need no script, and print.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "calibrate/measure/log_plot.hpp"
#include "calibrate/measure/measurement_report.hpp"
#include "calibrate/measure/rate_text.hpp"
#include "calibrate/measure/report_tables.hpp"

namespace microdc {
namespace {

constexpr const char* style =
    "body{font:15px/1.45 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;"
    "color:#222}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "table{border-collapse:collapse;font-size:.85rem;display:block;overflow-x:auto}"
    "td,th{padding:.2rem .6rem;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}"
    "th{border-bottom:2px solid #999}svg{width:100%;max-width:56rem;height:auto}"
    "svg text{font:12px system-ui,sans-serif;fill:#333}.grid{stroke:#ddd;stroke-width:1}"
    ".note{color:#555;font-size:.85rem}";

std::string series_name(const MeasuredPoint& point) {
  std::string name(name_of(point.operation));
  if (name.starts_with("elementwise_")) name = name.substr(12);
  if (name.starts_with("attention_")) name = name.substr(10);
  if (!point.format.empty()) name += " " + point.format;
  if (point.source != "own") name += ", " + point.source;
  return name;
}

std::string shape_hint(const kernels::Shape& shape) {
  std::string text;
  visit_dimensions(shape, [&](const char*, const char* label, std::int64_t value) {
    if (value != 0) text += fmt::format(" {} {}", label, value);
  });
  return text;
}

/// Roofs over the intensities of the points, one per format with a measured peak.
void add_roofs(const MeasurementAnalysis& analysis, double low, double high, LogPlot& plot) {
  for (const auto& [format, peak] : analysis.limits.peak) {
    PlotSeries roof{.name = "roof " + format, .line = true};
    const double knee = peak / analysis.limits.bandwidth;
    for (const double x : {low, std::clamp(knee, low, high), high}) {
      roof.points.push_back({x, std::min(peak, x * analysis.limits.bandwidth)});
    }
    plot.series.push_back(std::move(roof));
  }
}

LogPlot roofline(const MeasurementAnalysis& analysis) {
  LogPlot plot{.x_label = "intensity [FLOP/byte]", .y_label = "FLOP/s"};
  std::map<std::string, PlotSeries> series;
  double low = 1, high = 1;
  for (const LawPoint& law : analysis.points) {
    const MeasuredPoint& p = law.point;
    if (!(p.flop > 0) || !(p.bytes > 0)) continue;
    const double intensity = p.flop / p.bytes;
    low = std::min(low, intensity);
    high = std::max(high, intensity);
    PlotSeries& own = series[series_name(p)];
    own.name = series_name(p);
    own.points.push_back(
        {intensity, p.flop / law.seconds,
         fmt::format("{}:{}, {}, {}", own.name, shape_hint(p.shape),
                     rate_text(p.flop / law.seconds, "FLOP"), time_text(law.seconds))});
  }
  add_roofs(analysis, low, high, plot);
  for (auto& [name, points] : series) plot.series.push_back(std::move(points));
  return plot;
}

LogPlot fitted_against_measured(const MeasurementAnalysis& analysis) {
  LogPlot plot{.x_label = "measured [s]", .y_label = "fitted [s]"};
  std::map<std::string, PlotSeries> series;
  double low = 1e300, high = 0;
  for (const LawPoint& law : analysis.points) {
    if (!law.fitted) continue;
    low = std::min(low, law.seconds);
    high = std::max(high, law.seconds);
    PlotSeries& own = series[series_name(law.point)];
    own.name = series_name(law.point);
    own.points.push_back(
        {law.seconds, *law.fitted,
         fmt::format("{}:{}, measured {}, fitted {}", own.name, shape_hint(law.point.shape),
                     time_text(law.seconds), time_text(*law.fitted))});
  }
  if (high > 0) {
    plot.series.push_back({.name = "equal", .points = {{low, low}, {high, high}}, .line = true});
  }
  for (auto& [name, points] : series) plot.series.push_back(std::move(points));
  return plot;
}

LogPlot memory_curve(const MeasurementAnalysis& analysis) {
  LogPlot plot{.x_label = "working set [byte]", .y_label = "B/s"};
  std::map<std::string, PlotSeries> series;
  for (const MeasuredPoint& p : analysis.limit_points) {
    if (!(p.bytes > 0) || p.shape.bytes == 0) continue;
    if (p.operation == kernels::Operation::memory_latency) continue;
    const std::string name = fmt::format("{} {}", name_of(p.operation), p.variant);
    series[name].name = name;
    series[name].line = true;
    series[name].points.push_back({static_cast<double>(p.shape.bytes), p.bytes / p.seconds});
  }
  for (auto& [name, points] : series) {
    std::sort(points.points.begin(), points.points.end(),
              [](const PlotPoint& a, const PlotPoint& b) { return a.x < b.x; });
    plot.series.push_back(std::move(points));
  }
  return plot;
}

std::string table_html(const ReportTable& table) {
  std::string html = "<h2>" + html_text(table.title) + "</h2>\n<table><tr>";
  for (const std::string& cell : table.header) html += "<th>" + html_text(cell) + "</th>";
  html += "</tr>\n";
  for (const auto& row : table.rows) {
    html += "<tr>";
    for (const std::string& cell : row) html += "<td>" + html_text(cell) + "</td>";
    html += "</tr>\n";
  }
  html += "</table>\n";
  if (!table.note.empty()) html += "<p class='note'>" + html_text(table.note) + "</p>\n";
  return html;
}

}  // namespace

std::string measurement_html(const MeasurementAnalysis& analysis) {
  const std::string title = html_text("Calibration of " + analysis.machine.name);
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{0}</title>\n"
      "<style>{1}</style></head><body>\n<h1>{0}</h1>\n",
      title, style);
  const std::string text = measurement_text(analysis);
  html += "<p>" + html_text(text.substr(0, text.find("\n\n"))) + "</p>\n";
  const auto picture = [&](const char* heading, const LogPlot& plot) {
    const std::string svg = svg_of(plot);
    if (!svg.empty()) html += fmt::format("<h2>{}</h2>\n{}", heading, svg);
  };
  picture("Roofline", roofline(analysis));
  picture("Fitted against measured", fitted_against_measured(analysis));
  picture("Memory", memory_curve(analysis));
  for (const ReportTable& table : report_tables(analysis)) html += table_html(table);
  return html + "</body></html>\n";
}

}  // namespace microdc
