// The devices of this machine by the words of the command line.
#pragma once

#include <memory>
#include <string>

#include "calibrate/measure/result_store.hpp"
#include "hwprofiles/base/diagnostics.hpp"
#include "kernels/kernel.hpp"

namespace microdc {

/// Opens "cpu" or "cuda:INDEX". Errors: no such word; a GPU that is not there; a build without
/// CUDA.
Result<std::shared_ptr<kernels::Device>> open_device(const std::string& word);

/// What its results belong to. `date`: today's.
MeasuredMachine machine_of(kernels::Device& device, bool quick, std::int64_t seed);

}  // namespace microdc
