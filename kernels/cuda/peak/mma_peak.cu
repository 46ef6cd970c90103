#include "kernels/cuda/peak/mma_peak_launch.cuh"

namespace microdc::kernels::cuda {

void add_mma_peak(Registry& registry) {
  add_mma_peak_format<__nv_bfloat16, float>(registry, "bf16", Element::bf16, peak_tolerance);
  add_mma_peak_format<__half, float>(registry, "fp16", Element::fp16, peak_tolerance);
  add_mma_peak_format<Int8Operand, std::int32_t>(registry, "int8", Element::int8, 0);
}

}  // namespace microdc::kernels::cuda
