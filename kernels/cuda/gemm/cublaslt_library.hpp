// The part of cuBLASLt's stable C interface that is used here, with own prototypes (cuBLAS
// reference, section "Using the cuBLASLt API"); where its header is there, the numbers are checked
// against it.
#pragma once

#include <cuda_runtime_api.h>
#include <library_types.h>

#include <cstddef>
#include <cstdint>

namespace microdc::kernels::cuda {

struct CublasLtAlgorithm {
  std::uint64_t data[8];
};

struct CublasLtHeuristic {
  CublasLtAlgorithm algorithm;
  std::size_t workspace_bytes;
  int state;
  float waves;
  int reserved[4];
};

/// Status of all calls: 0 is success.
struct CublasLtLibrary {
  static constexpr int compute_fp32 = 68, op_transposed = 1, op_plain = 0;
  static constexpr int transpose_a = 3, transpose_b = 4;  // attributes of a description
  static constexpr int most_workspace_bytes = 1;          // attribute of a preference

  using Opaque = void*;
  int (*create)(Opaque* handle) = nullptr;
  int (*description_create)(Opaque*, int compute, cudaDataType_t scale) = nullptr;
  int (*description_destroy)(Opaque) = nullptr;
  int (*description_set)(Opaque, int attribute, const void*, std::size_t) = nullptr;
  int (*layout_create)(Opaque*, cudaDataType_t, std::uint64_t rows, std::uint64_t columns,
                       std::int64_t leading_dimension) = nullptr;
  int (*layout_destroy)(Opaque) = nullptr;
  int (*preference_create)(Opaque*) = nullptr;
  int (*preference_destroy)(Opaque) = nullptr;
  int (*preference_set)(Opaque, int attribute, const void*, std::size_t) = nullptr;
  int (*heuristic)(Opaque handle, Opaque description, Opaque a, Opaque b, Opaque c, Opaque d,
                   Opaque preference, int wanted, CublasLtHeuristic*, int* found) = nullptr;
  int (*matmul)(Opaque handle, Opaque description, const void* alpha, const void* a,
                Opaque a_layout, const void* b, Opaque b_layout, const void* beta, const void* c,
                Opaque c_layout, void* d, Opaque d_layout, const CublasLtAlgorithm*,
                void* workspace, std::size_t, cudaStream_t) = nullptr;

  Opaque handle = nullptr;  ///< lives as long as the process
};

/// Loads it at the first call; null if it is not there, lacks a function or does not start.
const CublasLtLibrary* cublaslt_library();

}  // namespace microdc::kernels::cuda
