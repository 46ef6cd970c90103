// Figures drawn from the ranges that catalogs and scenarios give them, for replications.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// One replication's luck. A figure's draw is a function of these and of the figure's key alone, so
/// all that share a figure, and all cases with the same seed, share its draw.
struct FigureDraw {
  std::uint64_t seed = 1;
  std::uint64_t replication = 0;
};

/// Whether the figures of a struct are uncertain for reasons of their own, or for the same one:
/// then all of them lie at the same quantile, and what rises with each of them has the median that
/// the best estimates give. A sum of independent skewed figures has not.
enum class Luck { own, shared };

/// `value` moved to the quantile of the standard normal number `z`: the median is `value`, `low`
/// and `high` are P10 and P90 (docs/outputs.md, "bands"). An end that is missing equals the value.
/// Upwards the distance grows linearly in z, downwards the ratio does, so that what is above zero
/// stays so.
double drawn_value(double value, std::optional<double> low, std::optional<double> high, double z);

/// Draws every field of a described struct that has a range and is marked FieldInfo::drawn, kept
/// within the limits of the field. What was drawn has no range any more. `key` names the struct;
/// items of lists are told apart by their names.
void draw_figures(const FieldVisitor::Describe& describe_object, const std::string& key,
                  const FigureDraw& draw, Luck luck = Luck::own);

}  // namespace microdc
