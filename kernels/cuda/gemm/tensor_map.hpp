// Tensor maps for TMA, made by the driver, whose entry point is found at run time: nothing links
// with libcuda.
#pragma once

#include <cuda.h>

#include "kernels/cuda/fill.hpp"

namespace microdc::kernels::cuda {

/// Map of a matrix of contiguous rows, copied in boxes of 128 bytes by `box_rows`, swizzled by 128
/// bytes; zeros outside. Rows have a multiple of 16 bytes. Throws Error.
CUtensorMap matrix_map(const void* matrix, Element element, int rows, int columns, int box_rows);
/// The same of `matrices` such matrices, one behind the other.
CUtensorMap stack_map(const void* stack, Element element, int matrices, int rows, int columns,
                      int box_rows);

}  // namespace microdc::kernels::cuda
