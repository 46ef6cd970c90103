// device.hpp in a build without nvcc.
#include "kernels/cuda/device.hpp"

namespace microdc::kernels::cuda {

OpenedDevice open_cuda(int, const std::vector<GemmTile>&) {
  return {nullptr, "this build has no CUDA kernels: nvcc was not there (see docs/kernels.md)", {}};
}

int cuda_device_count() { return 0; }

}  // namespace microdc::kernels::cuda
