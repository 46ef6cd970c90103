// NVIDIA's collectives library, if the machine has it. Opened at run time: no build needs it.
#pragma once

#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

/// Whether libnccl.so.2 can be opened and has what is needed.
bool nccl_is_there();
/// Only if it is there. Throws Error, OutOfMemory.
std::unique_ptr<PreparedKernel> prepare_nccl_all_reduce(Context& context, const Shape& shape,
                                                        std::uint64_t seed);

}  // namespace microdc::kernels::cuda
