#include "kernels/cuda/peak/mma_peak_launch.cuh"

namespace microdc::kernels::cuda {

void add_mma_peak(Registry& registry) {
  add_peak(registry, mma_peak_kernel<__nv_bfloat16, float>("bf16", Element::bf16, peak_tolerance));
  add_peak(registry, mma_peak_kernel<__half, float>("fp16", Element::fp16, peak_tolerance));
  add_peak(registry, mma_peak_kernel<Int8Operand, std::int32_t>("int8", Element::int8, 0));
}

}  // namespace microdc::kernels::cuda
