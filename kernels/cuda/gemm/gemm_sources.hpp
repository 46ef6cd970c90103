// The sources of gemm_mma.cuh and all that they include, as the build found them: what compiling it
// at run time needs.
#pragma once

#include <span>

#include "kernels/cuda/nvrtc.hpp"

namespace microdc::kernels::cuda {

/// Own headers and those of the CUDA Toolkit for its number formats (kernels/cuda/CMakeLists.txt
/// lists them; cmake/embed_texts.cmake writes the definition).
std::span<const SourceText> gemm_sources();

}  // namespace microdc::kernels::cuda
