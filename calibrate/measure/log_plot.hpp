// A scatter plot with logarithmic axes as SVG.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace microdc {

struct PlotPoint {
  double x = 0, y = 0;
  std::string hint;  ///< shown when the mouse rests on it
};
struct PlotSeries {
  std::string name;
  std::vector<PlotPoint> points;
  bool line = false;  ///< points joined by a line, instead of dots
};
struct LogPlot {
  std::string x_label, y_label;
  std::vector<PlotSeries> series;
};

/// The plot as an <svg> element; points that are not positive are left out. Empty text if nothing
/// is left.
std::string svg_of(const LogPlot& plot);
/// Text with the five characters that mean something in HTML escaped.
std::string html_text(const std::string& text);

}  // namespace microdc
