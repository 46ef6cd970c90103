// What kernels for Hopper need on the host besides device_on_host.hpp: fp8 on tensor cores,
// barriers in shared memory, named barriers, the tensor memory accelerator, and wgmma. Copies
// arrive, and multiplications read their operands, as late as the kernel lets them. Include before
// the kernels' headers.
#pragma once

#include "tests/support/device_on_host.hpp"
// After the above.
#include <cuda.h>

#include <cstddef>

inline void __threadfence() {}

namespace microdc::testing::host_device {

/// As kernels::cuda::matrix_map, for copies on the host.
CUtensorMap host_matrix_map(const void* matrix, int rows, int columns, int element_bytes,
                            int box_rows);

/// As kernels::cuda::stack_map.
CUtensorMap host_stack_map(const void* stack, int matrices, int rows, int columns,
                           int element_bytes, int box_rows);

/// Forgets the barriers of the kernel before. Throws std::runtime_error if copies, multiplications
/// or a round of a named barrier were left under way.
void finish_hopper_kernel();

}  // namespace microdc::testing::host_device
