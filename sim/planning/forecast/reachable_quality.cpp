#include "sim/planning/forecast/reachable_quality.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace microdc {
namespace {

constexpr double full_score = 100;
constexpr std::size_t fewest_models = 3;

double score_log_odds(double score) { return std::log(score / (full_score - score)); }
double score_of(double log_odds_value) { return full_score / (1 + std::exp(-log_odds_value)); }

struct Point {
  double x = 0;  ///< ln of the effective parameters
  double y = 0;  ///< log odds of the score
};

std::vector<Point> frontier(const ModelCatalog& models, const QualityCatalog& quality) {
  std::vector<Point> all;
  for (const auto& [name, card] : models.cards()) {
    const auto score = quality.published(name);
    if (!score || score->value <= 0 || score->value >= full_score) continue;
    all.push_back({std::log(effective_parameters(card)), score_log_odds(score->value)});
  }
  std::sort(all.begin(), all.end(),
            [](const Point& a, const Point& b) { return a.x < b.x || (a.x == b.x && a.y > b.y); });
  std::vector<Point> best;
  for (const Point& point : all) {
    if (best.empty() || point.y > best.back().y) best.push_back(point);
  }
  return best;
}

}  // namespace

double effective_parameters(const ModelCard& card) {
  return std::sqrt(parameter_count(card) * active_parameter_count(card));
}

double QualityCurve::score(double parameters, double luck) const {
  return score_of(intercept + slope * std::log(parameters) + spread * luck);
}

double QualityCurve::parameters(double score) const {
  return std::exp((score_log_odds(score) - intercept) / slope);
}

Result<QualityCurve> quality_curve(const ModelCatalog& models, const QualityCatalog& quality) {
  const auto points = frontier(models, quality);
  const auto n = static_cast<double>(points.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const Point& p : points) {
    x += p.x;
    y += p.y;
    xx += p.x * p.x;
    xy += p.x * p.y;
  }
  const double determinant = n * xx - x * x;
  QualityCurve curve{.models = static_cast<int>(points.size())};
  if (points.size() >= fewest_models && determinant > 0) {
    curve.slope = (n * xy - x * y) / determinant;
    curve.intercept = (y - curve.slope * x) / n;
  }
  if (!(curve.slope > 0)) {
    return Diagnostic{
        .file = "models/quality/mmlu.json",
        .message = "too few models have a score and a card to tell quality from size"};
  }
  double squares = 0;
  for (const Point& p : points) {
    const double off = p.y - curve.intercept - curve.slope * p.x;
    squares += off * off;
  }
  curve.spread = std::sqrt(squares / (n - 2));
  return curve;
}

double with_odds(double score, double factor) {
  return score_of(score_log_odds(score) + std::log(factor));
}

}  // namespace microdc
