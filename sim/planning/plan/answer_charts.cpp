#include "sim/planning/plan/answer_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include "sim/planning/plan/answer.hpp"
#include "sim/report/number_text.hpp"

namespace microdc {
namespace {

constexpr std::size_t most_points = 1500;
constexpr std::size_t most_finalists = 6;
/// Beyond this multiple of the slowest that meets the needs, points tell nothing about the choice.
constexpr double far_slower = 4;

bool has_point(const Judged& judged) {
  const Evaluation& e = judged.evaluation;
  return e.per_year && e.ttft && !e.stopped;
}

/// The slowest time to first token that is shown.
double slowest_shown(const Plan& plan, const Scenario& scenario) {
  double slowest = scenario.slo.ttft ? scenario.slo.ttft->value() : 0;
  for (const Judged& judged : plan.judged) {
    if (has_point(judged) && judged.feasible())
      slowest = std::max(slowest, *judged.evaluation.ttft);
  }
  return slowest > 0 ? slowest * far_slower : std::numeric_limits<double>::infinity();
}

HtmlChart::Point point_of(const Judged& judged, const std::string& currency) {
  const Evaluation& e = judged.evaluation;
  return {*e.per_year, *e.ttft,
          fmt::format("{}: {} a year, {}", text_of(judged.candidate),
                      money_text(*e.per_year, currency), duration_text(*e.ttft))};
}

/// The target, as wide as the points.
std::optional<HtmlChart::Series> target_line(const Scenario& scenario, const HtmlChart& chart) {
  if (!scenario.slo.ttft || chart.series.empty()) return std::nullopt;
  double low = std::numeric_limits<double>::infinity();
  double high = 0;
  for (const HtmlChart::Series& series : chart.series) {
    for (const HtmlChart::Point& point : series.points) {
      low = std::min(low, point.x);
      high = std::max(high, point.x);
    }
  }
  const double target = scenario.slo.ttft->value();
  return HtmlChart::Series{
      .name = "target", .points = {{low, target, ""}, {high, target, ""}}, .limit = true};
}

}  // namespace

HtmlChart speed_and_cost_chart(const Plan& plan, const Scenario& scenario) {
  const std::string& currency = scenario.economics.currency;
  HtmlChart chart{
      .kind = HtmlChart::Kind::points,
      .title = "Cost and speed of what was simulated",
      .note =
          "Left and low is better. On the front: nothing else is better in cost, speed and "
          "quality.",
      .x_label = currency + " a year",
      .y_label = fmt::format("first token of {:g} % [s]", 100 * scenario.needs.attainment)};
  HtmlChart::Series chosen{.name = "recommended", .emphasised = true};
  HtmlChart::Series front{.name = "on the front"};
  HtmlChart::Series feasible{.name = "meets all needs"};
  HtmlChart::Series missing{.name = "misses a need"};
  const std::set<std::size_t> in_front(plan.front.begin(), plan.front.end());
  const double slowest = slowest_shown(plan, scenario);
  const std::size_t stride = plan.judged.size() / most_points + 1;
  std::size_t left_out = 0;
  for (std::size_t i = 0; i < plan.judged.size(); ++i) {
    const Judged& judged = plan.judged[i];
    if (!has_point(judged)) continue;
    const bool special = plan.recommended == i || in_front.contains(i);
    if (!special && *judged.evaluation.ttft > slowest) {
      ++left_out;
      continue;
    }
    // Every so many of the rest, if there are more than a chart can show.
    if (!special && i % stride != 0) continue;
    HtmlChart::Series& series = plan.recommended == i ? chosen
                                : special             ? front
                                : judged.feasible()   ? feasible
                                                      : missing;
    series.points.push_back(point_of(judged, currency));
  }
  for (HtmlChart::Series* series : {&chosen, &front, &feasible, &missing}) {
    if (!series->points.empty()) chart.series.push_back(std::move(*series));
  }
  if (const auto target = target_line(scenario, chart)) chart.series.push_back(*target);
  if (left_out > 0) {
    chart.note += fmt::format(" {} far slower ones are left out.",
                              count_text(static_cast<std::int64_t>(left_out)));
  }
  return chart;
}

std::optional<HtmlChart> finalists_chart(const Plan& plan, const std::string& currency) {
  if (plan.finalists.size() < 2) return std::nullopt;
  HtmlChart chart{.kind = HtmlChart::Kind::stacked,
                  .title = "What the cheapest cost",
                  .note = "Whiskers: P10 to P90 of the draws.",
                  .x_label = currency + " a year",
                  .horizontal = true};
  HtmlChart::Series chosen{.name = "recommended", .emphasised = true};
  HtmlChart::Series others{.name = "others"};
  std::vector<std::size_t> finalists;
  for (const Finalist& finalist : plan.finalists) finalists.push_back(finalist.judged);
  const auto shown = first_and_recommended(plan, std::move(finalists), most_finalists);
  if (shown.size() > most_finalists) {
    chart.note +=
        fmt::format(" Last: the recommended one, not among the {} cheapest.", most_finalists);
  }
  for (const std::size_t index : shown) {
    const Judged& judged = plan.judged[index];
    chart.labels.push_back(text_of(judged.candidate));
    const bool is_chosen = plan.recommended == index;
    HtmlChart::Series& series = is_chosen ? chosen : others;
    HtmlChart::Series& blank = is_chosen ? others : chosen;
    series.values.push_back(judged.evaluation.per_year);
    const Finalist* finalist = plan.finalist_of(index);
    series.ranges.push_back(
        finalist != nullptr && finalist->per_year
            ? std::optional(std::pair(finalist->per_year->p10, finalist->per_year->p90))
            : std::nullopt);
    blank.values.emplace_back();
    blank.ranges.emplace_back();
  }
  chart.series = {std::move(chosen), std::move(others)};
  return chart;
}

HtmlChart spread_chart(const Plan& plan, const Finalist& recommended, const char* title,
                       const std::string& x_label, std::optional<Spread> Finalist::*whole,
                       std::optional<Spread> SourceSpread::*part) {
  HtmlChart chart{.title = title,
                  .note =
                      "Bar: P50; whiskers: P10 to P90, of everything together and of each "
                      "source alone.",
                  .x_label = x_label,
                  .horizontal = true};
  HtmlChart::Series series{.name = "P50"};
  const auto add = [&](const std::string& label, const std::optional<Spread>& spread) {
    if (!spread) return;
    chart.labels.push_back(label);
    series.values.emplace_back(spread->p50);
    series.ranges.emplace_back(std::pair(spread->p10, spread->p90));
  };
  add("everything", recommended.*whole);
  for (const SourceSpread& source : plan.sources) add(source.source, source.*part);
  chart.series.push_back(std::move(series));
  return chart;
}

}  // namespace microdc
