#include "kernels/cuda/peak/mma_peak_launch.cuh"

namespace microdc::kernels::cuda {

void add_mma_peak_fp8(Registry& registry) {
  add_mma_peak_format<__nv_fp8_e4m3, float>(registry, "fp8", Element::fp8, fp8_peak_tolerance,
                                            Target::sm_89_up);
}

}  // namespace microdc::kernels::cuda
