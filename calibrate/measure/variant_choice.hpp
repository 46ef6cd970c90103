// Which variant of a kernel is used where: the fastest, if the measurements tell.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "calibrate/measure/measured_point.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// Where shapes are alike enough to share a variant: "m<=8", "contexts>=1024", …
std::string bucket_of(kernels::Operation operation, const kernels::Shape& shape);

/// One variant's race time on the shape that stands for a bucket.
struct Contender {
  std::string variant;
  double median = 0, low = 0, high = 0;  ///< [s]
};

/// The variant with the smallest median wins if its interval lies below all others'. Otherwise the
/// plainest of those that its interval overlaps and that take at most a tenth longer: the one that
/// comes first in `contenders`, which stand in the order in which the device lists them. Fields
/// chosen, runner_up, margin, rule of the result are set. `contenders` must not be empty.
VariantChoice choose_variant(const std::vector<Contender>& contenders);

/// Choices of every (operation, format, source, bucket) that was raced, from the race's points.
/// The first round of a race runs backwards: the variants of a bucket come in the opposite order of
/// the device, which lists the plainest first.
/// Rounds of one variant count as one: mean of the medians, the widest interval.
std::vector<VariantChoice> choose_variants(const std::vector<MeasuredPoint>& points);

}  // namespace microdc
