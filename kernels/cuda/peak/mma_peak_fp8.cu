#include "kernels/cuda/peak/mma_peak_launch.cuh"

namespace microdc::kernels::cuda {

void add_mma_peak_fp8(Registry& registry) {
  auto kernel = mma_peak_kernel<__nv_fp8_e4m3, float>("fp8", Element::fp8, fp8_peak_tolerance);
  kernel.target = Target::sm_89_up;
  // For Hopper the compiler turns mma.sync of e4m3 into conversions and products of fp16. Operands
  // that do not change are converted before the loop, so it would time fp16. wgmma has fp8 there.
  kernel.left_out = 90;
  add_peak(registry, kernel);
}

}  // namespace microdc::kernels::cuda
