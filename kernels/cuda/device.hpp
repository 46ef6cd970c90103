// CUDA devices as calibrate sees them. There is no CUDA type here, and a build without nvcc has
// these functions too (absent.cpp).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/gemm_tile.hpp"
#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

struct OpenedDevice {
  std::unique_ptr<Device> device;  ///< null if it cannot be used
  std::string reason;              ///< why not, for the user
  /// Further tiles that it does not have after all, each with the reason, for the user.
  std::vector<std::string> left_out;
};

/// Opens device `index`, from 0, in the order of the CUDA runtime. It belongs to the calling
/// thread. `further_tiles` of the GEMM are compiled now, a second or two each (gemm_nvrtc.hpp);
/// they are legal and differ. Never throws; what goes wrong later, in PreparedKernel, is thrown as
/// std::runtime_error.
OpenedDevice open_cuda(int index, const std::vector<GemmTile>& further_tiles = {});

/// Number of usable CUDA devices; 0 also without a driver or in a build without CUDA.
int cuda_device_count();

}  // namespace microdc::kernels::cuda
