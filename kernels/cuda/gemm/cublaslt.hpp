// NVIDIA's GEMM library beside our own kernels, loaded at run time: neither the build nor the start
// of the command needs it.
#pragma once

namespace microdc::kernels::cuda {

class Registry;

/// bf16, fp16 and fp8, source "cublaslt": the first choice of its heuristic. Accepts no shape where
/// the library cannot be loaded.
void add_cublaslt(Registry& registry);

}  // namespace microdc::kernels::cuda
