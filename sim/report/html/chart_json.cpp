#include "sim/report/html/chart_json.hpp"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

OrderedJson number(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? OrderedJson(*value) : OrderedJson(nullptr);
}

OrderedJson series_json(const HtmlChart::Series& series) {
  OrderedJson object{
      {"name", series.name}, {"emphasised", series.emphasised}, {"limit", series.limit}};
  OrderedJson& values = object["values"] = OrderedJson::array();
  for (const auto& value : series.values) values.push_back(number(value));
  OrderedJson& ranges = object["ranges"] = OrderedJson::array();
  for (const auto& range : series.ranges) {
    ranges.push_back(range ? OrderedJson{number(range->first), number(range->second)}
                           : OrderedJson(nullptr));
  }
  OrderedJson& points = object["points"] = OrderedJson::array();
  for (const HtmlChart::Point& point : series.points) {
    if (!std::isfinite(point.x) || !std::isfinite(point.y)) continue;
    points.push_back({{"x", point.x}, {"y", point.y}, {"label", point.label}});
  }
  return object;
}

OrderedJson chart_json(const HtmlChart& chart) {
  constexpr std::array<const char*, 5> kinds{"bars", "stacked", "curves", "points", "bands"};
  OrderedJson object{{"kind", kinds[static_cast<std::size_t>(chart.kind)]},
                     {"x_label", chart.x_label},
                     {"y_label", chart.y_label},
                     {"labels", chart.labels},
                     {"horizontal", chart.horizontal},
                     {"log_x", chart.log_x},
                     {"from_zero", chart.from_zero}};
  OrderedJson& list = object["series"] = OrderedJson::array();
  for (const HtmlChart::Series& series : chart.series) list.push_back(series_json(series));
  return object;
}

}  // namespace

std::string charts_json(const std::vector<HtmlChart>& charts) {
  OrderedJson list = OrderedJson::array();
  for (const HtmlChart& chart : charts) list.push_back(chart_json(chart));
  std::string text;
  for (const char c : list.dump(-1, ' ', false, OrderedJson::error_handler_t::replace)) {
    switch (c) {
      case '<': text += "\\u003c"; break;
      case '>': text += "\\u003e"; break;
      case '&': text += "\\u0026"; break;
      default: text += c;
    }
  }
  return text;
}

}  // namespace microdc
