#include "calibrate/measure/log_plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace microdc {
namespace {

constexpr double width = 760, height = 420, left = 70, right = 190, top = 15, bottom = 50;
constexpr std::array colours{"#1f77b4", "#d62728", "#2ca02c", "#ff7f0e", "#9467bd",
                             "#17becf", "#8c564b", "#e377c2", "#7f7f7f", "#bcbd22"};

/// One axis: whole decades around the data.
class Axis {
 public:
  Axis(double from, double to) : from_(from), to_(to) {}
  void include(double value) {
    low_ = std::min(low_, std::floor(std::log10(value)));
    high_ = std::max(high_, std::ceil(std::log10(value)));
  }
  [[nodiscard]] bool empty() const { return !(high_ >= low_); }
  [[nodiscard]] double at(double value) const {
    const double span = std::max(1.0, high_ - low_);
    return from_ + (to_ - from_) * (std::log10(value) - low_) / span;
  }
  [[nodiscard]] int first() const { return static_cast<int>(low_); }
  [[nodiscard]] int last() const { return static_cast<int>(std::max(high_, low_ + 1)); }

 private:
  double from_, to_;
  double low_ = 1e9, high_ = -1e9;
};

bool drawable(const PlotPoint& point) {
  return point.x > 0 && point.y > 0 && std::isfinite(point.x) && std::isfinite(point.y);
}

std::string decade_text(int decade) {
  static constexpr std::array names{"f", "p", "n", "\xc2\xb5", "m", "",
                                    "k", "M", "G", "T",        "P", "E"};
  const int group = static_cast<int>(std::floor(decade / 3.0));
  if (group < -5 || group > 6) return fmt::format("1e{}", decade);
  return fmt::format("{:.0f}{}", std::pow(10, decade - 3 * group),
                     names[static_cast<std::size_t>(group + 5)]);
}

std::string grid(const Axis& x, const Axis& y, const LogPlot& plot) {
  std::string svg;
  const double ground = height - bottom, end = width - right;
  for (int d = x.first(); d <= x.last(); ++d) {
    const double at = x.at(std::pow(10, d));
    svg += fmt::format(
        "<line x1='{0:.1f}' y1='{1}' x2='{0:.1f}' y2='{2}' class='grid'/><text x='{0:.1f}' "
        "y='{3}' text-anchor='middle'>{4}</text>\n",
        at, top, ground, ground + 16, decade_text(d));
  }
  for (int d = y.first(); d <= y.last(); ++d) {
    const double at = y.at(std::pow(10, d));
    svg += fmt::format(
        "<line x1='{1}' y1='{0:.1f}' x2='{2}' y2='{0:.1f}' class='grid'/><text x='{3}' "
        "y='{4:.1f}' text-anchor='end'>{5}</text>\n",
        at, left, end, left - 6, at + 4, decade_text(d));
  }
  return svg + fmt::format(
                   "<text x='{}' y='{}' text-anchor='middle'>{}</text><text transform='translate("
                   "16,{}) rotate(-90)' text-anchor='middle'>{}</text>\n",
                   (left + end) / 2, height - 12, html_text(plot.x_label), (top + ground) / 2,
                   html_text(plot.y_label));
}

std::string draw(const PlotSeries& series, const Axis& x, const Axis& y, const char* colour) {
  std::string svg, path;
  for (const PlotPoint& point : series.points) {
    if (!drawable(point)) continue;
    if (series.line) {
      path += fmt::format("{:.1f},{:.1f} ", x.at(point.x), y.at(point.y));
    } else {
      svg += fmt::format(
          "<circle cx='{:.1f}' cy='{:.1f}' r='3' fill='{}' fill-opacity='0.6'><title>{}</title>"
          "</circle>\n",
          x.at(point.x), y.at(point.y), colour, html_text(point.hint));
    }
  }
  if (series.line) {
    svg += fmt::format("<polyline points='{}' fill='none' stroke='{}' stroke-width='1.5'/>\n", path,
                       colour);
  }
  return svg;
}

}  // namespace

std::string html_text(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&': escaped += "&amp;"; break;
      case '<': escaped += "&lt;"; break;
      case '>': escaped += "&gt;"; break;
      case '"': escaped += "&quot;"; break;
      case '\'': escaped += "&#39;"; break;
      default: escaped += c;
    }
  }
  return escaped;
}

std::string svg_of(const LogPlot& plot) {
  Axis x(left, width - right), y(height - bottom, top);
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      if (!drawable(point)) continue;
      x.include(point.x);
      y.include(point.y);
    }
  }
  if (x.empty()) return "";
  std::string svg = fmt::format(
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {} {}' role='img'>\n", width, height);
  svg += grid(x, y, plot);
  std::size_t index = 0;
  for (const PlotSeries& series : plot.series) {
    const char* const colour = colours[index % colours.size()];
    svg += draw(series, x, y, colour);
    const double line = top + 12 + 17 * static_cast<double>(index++);
    svg += fmt::format(
        "<rect x='{}' y='{:.1f}' width='10' height='10' fill='{}'/><text x='{}' "
        "y='{:.1f}'>{}</text>\n",
        width - right + 12, line - 9, colour, width - right + 28, line, html_text(series.name));
  }
  return svg + "</svg>\n";
}

}  // namespace microdc
