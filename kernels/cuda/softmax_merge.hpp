// Parts of one softmax, computed apart and merged: by the splits of decode attention and by the
// warps within one. Exponents are to base 2.
#pragma once

#include <cmath>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// What a part knows of its scores: their largest, and the sum of 2^(score - maximum). A part
/// without scores has maximum -infinity and sum 0.
struct SoftmaxPart {
  float maximum;
  float sum;
};

/// Factor by which sums and weighted values relative to `from` become relative to `to` >= from.
MICRODC_HD inline float rescale(float from, float to) {
  return from == to ? 1.0f : exp2f(from - to);
}

/// Factor of a part within the whole; 0 for a part without scores.
MICRODC_HD inline float merge_weight(const SoftmaxPart& part, float overall_maximum) {
  return part.sum == 0.0f ? 0.0f : rescale(part.maximum, overall_maximum);
}

MICRODC_HD inline SoftmaxPart merge(const SoftmaxPart& a, const SoftmaxPart& b) {
  const float maximum = a.maximum > b.maximum ? a.maximum : b.maximum;
  return {maximum, a.sum * merge_weight(a, maximum) + b.sum * merge_weight(b, maximum)};
}

}  // namespace microdc::kernels::cuda
