// How a prefill attention kernel is prepared, checked and timed.
#pragma once

#include <cuda_runtime_api.h>

#include <functional>
#include <string>

#include "kernels/cuda/attention_prefill.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

/// A call made ready for one slot: launches on the stream it is given. Throws Error.
using PrefillCall = std::function<void(cudaStream_t)>;

/// A kernel as its family describes it; takes head dimensions 64 and 128.
struct PrefillVariant {
  std::string name;
  Target target = Target::sm_80_up;
  int shared_bytes = 0;  ///< of the head dimension that needs more
  std::function<PrefillCall(const Limits&, const Shape&, const PrefillArguments&)> call;
};

/// Adds it, prepared by the common code: buffers, random data, check against float64.
void add_prefill(Registry& registry, PrefillVariant variant);

}  // namespace microdc::kernels::cuda
