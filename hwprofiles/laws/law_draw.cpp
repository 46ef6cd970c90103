#include "hwprofiles/laws/law_draw.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

double square(const std::optional<Figure>& figure) {
  return figure ? figure->value * figure->value : 0.0;
}

/// Names the stream of random numbers of a law.
std::string law_key(const LawChoice& choice) {
  return fmt::format("{}/{}/{}/{}/{}", choice.link->profile->device,
                     law_kind_names()[static_cast<std::size_t>(choice.law->kind)],
                     choice.law->kernel_source, name_of(choice.law->format), choice.law->group);
}

/// Moves a parameter by `shift` in its logarithm, within its bounds. Upwards linearly: the
/// covariance is a linearisation, and parameters that the data hardly tell have wide ones.
double shifted(double value, double shift, const ParameterInfo& info) {
  const double moved = value * (shift > 0 ? 1 + shift : std::exp(shift));
  return std::clamp(moved, std::min(info.low, value), std::max(info.high, value));
}

/// `name` is one of the law's: check_law has seen to it.
const ParameterInfo& info_of(LawKind kind, std::string_view name) {
  const auto all = law_parameters(kind);
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ParameterInfo& info) { return info.name == name; });
  return found == all.end() ? all.front() : *found;
}

}  // namespace

double LawDraw::normal(std::string_view purpose, std::uint64_t index) const {
  return paired_normal(index, purpose, seed);
}

LawValues LawSampler::values_of(const LawChoice& choice) const {
  LawValues values{.theta = choice.law->theta()};
  if (!draw_) return values;
  const std::string key = law_key(choice);
  const std::vector<LawParameter>& parameters = choice.law->parameters;
  const std::size_t n = parameters.size();
  std::vector<double> normal(n);
  for (std::size_t i = 0; i < n; ++i) normal[i] = draw_->normal(key, i);
  const auto lower = choice.law->covariance.empty() ? std::optional<std::vector<double>>{}
                                                    : cholesky(choice.law->covariance, n);
  std::vector<double> drawn(n);
  for (std::size_t i = 0; i < n; ++i) {
    double shift = lower ? 0 : parameters[i].log_sd * normal[i];
    for (std::size_t j = 0; lower && j <= i; ++j) shift += (*lower)[i * n + j] * normal[j];
    drawn[i] = shifted(parameters[i].value, shift, info_of(choice.law->kind, parameters[i].name));
  }
  values.theta = choice.law->theta(drawn);
  const std::string own = fmt::format("{}/factor/{}", numbers_.name, key);
  values.factor = std::exp(common_sd(choice) * draw_->normal(own, 0));
  return values;
}

double LawSampler::common_sd(const LawChoice& choice) const {
  const double residual = choice.law->residual_sd * choice.law->residual_sd;
  double shapes = 1;
  double variance = square(choice.link->profile->common_sd);
  if (spread_) {
    shapes = spread_->shapes_per_step ? spread_->shapes_per_step->value : 1;
    if (!choice.link->profile->common_sd) variance = square(spread_->machine);
    for (const LawSpread& spread : spread_->laws) {
      if (spread.kind != choice.law->kind) continue;
      if (choice.link->borrowed) variance += square(spread.borrowed);
      if (choice.link->numbers.vendor != numbers_.vendor) variance += square(spread.other_vendor);
      if (choice.other_source) variance += square(spread.other_source);
      if (choice.other_format) variance += square(spread.other_format);
    }
  }
  return std::sqrt(variance + residual / shapes);
}

}  // namespace microdc
