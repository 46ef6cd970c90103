// CUDA devices as calibrate sees them. There is no CUDA type here, and a build without nvcc has
// these functions too (absent.cpp).
#pragma once

#include <memory>
#include <string>

#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

struct OpenedDevice {
  std::unique_ptr<Device> device;  ///< null if it cannot be used
  std::string reason;              ///< why not, for the user
};

/// Opens device `index`, from 0, in the order of the CUDA runtime. It belongs to the calling
/// thread. Never throws; what goes wrong later, in PreparedKernel, is thrown as std::runtime_error.
OpenedDevice open_cuda(int index);

/// Number of usable CUDA devices; 0 also without a driver or in a build without CUDA.
int cuda_device_count();

}  // namespace microdc::kernels::cuda
