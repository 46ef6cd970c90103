#include "kernels/cuda/gemm/tensor_map.hpp"

#include <cuda_runtime_api.h>

#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/tiles.hpp"

namespace microdc::kernels::cuda {
namespace {

using EncodeTiled = decltype(&cuTensorMapEncodeTiled);

EncodeTiled encode_tiled() {
  static const EncodeTiled found = [] {
    void* function = nullptr;
    cudaDriverEntryPointQueryResult result = cudaDriverEntryPointSymbolNotFound;
    constexpr unsigned first_version = 12000;
    check(cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &function, first_version,
                                           cudaEnableDefault, &result),
          "cudaGetDriverEntryPointByVersion");
    if (result != cudaDriverEntryPointSuccess || function == nullptr) {
      throw Error("the driver has no cuTensorMapEncodeTiled; it is too old for CUDA 12");
    }
    return reinterpret_cast<EncodeTiled>(function);
  }();
  return found;
}

CUtensorMapDataType map_type(Element element) {
  switch (element) {
    case Element::bf16: return CU_TENSOR_MAP_DATA_TYPE_BFLOAT16;
    case Element::fp16: return CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
    case Element::fp32: return CU_TENSOR_MAP_DATA_TYPE_FLOAT32;
    case Element::fp8:
    case Element::int8:
    case Element::int4: break;
  }
  return CU_TENSOR_MAP_DATA_TYPE_UINT8;
}

/// Of 2 or 3 dimensions; the third is that of the matrices of a stack.
CUtensorMap encoded_map(const void* start, Element element, cuuint32_t dimensions, int matrices,
                        int rows, int columns, int box_rows) {
  const auto element_bytes = static_cast<cuuint32_t>(storage_bytes(element, 1));
  const cuuint64_t sizes[3] = {static_cast<cuuint64_t>(columns), static_cast<cuuint64_t>(rows),
                               static_cast<cuuint64_t>(matrices)};
  const cuuint64_t strides[2] = {sizes[0] * element_bytes, sizes[1] * sizes[0] * element_bytes};
  const cuuint32_t box[3] = {tile_row_bytes / element_bytes, static_cast<cuuint32_t>(box_rows), 1};
  const cuuint32_t steps[3] = {1, 1, 1};
  CUtensorMap map{};
  const CUresult status =
      encode_tiled()(&map, map_type(element), dimensions, const_cast<void*>(start), sizes, strides,
                     box, steps, CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                     CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (status != CUDA_SUCCESS) {
    throw Error("cuTensorMapEncodeTiled: error " + std::to_string(static_cast<int>(status)));
  }
  return map;
}

}  // namespace

CUtensorMap matrix_map(const void* matrix, Element element, int rows, int columns, int box_rows) {
  return encoded_map(matrix, element, 2, 1, rows, columns, box_rows);
}

CUtensorMap stack_map(const void* stack, Element element, int matrices, int rows, int columns,
                      int box_rows) {
  return encoded_map(stack, element, 3, matrices, rows, columns, box_rows);
}

}  // namespace microdc::kernels::cuda
