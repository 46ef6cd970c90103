#include "kernels/cuda/gemm/cublaslt_library.hpp"

#include <dlfcn.h>

#include <optional>

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>
#endif

namespace microdc::kernels::cuda {
namespace {

#if __has_include(<cublasLt.h>)
static_assert(CublasLtLibrary::compute_fp32 == CUBLAS_COMPUTE_32F);
static_assert(CublasLtLibrary::op_transposed == CUBLAS_OP_T);
static_assert(CublasLtLibrary::op_plain == CUBLAS_OP_N);
static_assert(CublasLtLibrary::transpose_a == CUBLASLT_MATMUL_DESC_TRANSA);
static_assert(CublasLtLibrary::transpose_b == CUBLASLT_MATMUL_DESC_TRANSB);
static_assert(CublasLtLibrary::most_workspace_bytes == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
static_assert(sizeof(CublasLtAlgorithm) == sizeof(cublasLtMatmulAlgo_t));
static_assert(sizeof(CublasLtHeuristic) == sizeof(cublasLtMatmulHeuristicResult_t));
#endif

template <class Function>
bool find(void* library, Function*& function, const char* name) {
  function = reinterpret_cast<Function*>(dlsym(library, name));
  return function != nullptr;
}

/// Never unloaded: its handle and kernels live as long as the process.
std::optional<CublasLtLibrary> loaded() {
  void* file = nullptr;
  for (const char* name : {"libcublasLt.so.13", "libcublasLt.so.12"}) {
    if (file == nullptr) file = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (file == nullptr) return std::nullopt;
  CublasLtLibrary library;
  bool complete = find(file, library.create, "cublasLtCreate");
  complete &= find(file, library.description_create, "cublasLtMatmulDescCreate");
  complete &= find(file, library.description_destroy, "cublasLtMatmulDescDestroy");
  complete &= find(file, library.description_set, "cublasLtMatmulDescSetAttribute");
  complete &= find(file, library.layout_create, "cublasLtMatrixLayoutCreate");
  complete &= find(file, library.layout_destroy, "cublasLtMatrixLayoutDestroy");
  complete &= find(file, library.preference_create, "cublasLtMatmulPreferenceCreate");
  complete &= find(file, library.preference_destroy, "cublasLtMatmulPreferenceDestroy");
  complete &= find(file, library.preference_set, "cublasLtMatmulPreferenceSetAttribute");
  complete &= find(file, library.heuristic, "cublasLtMatmulAlgoGetHeuristic");
  complete &= find(file, library.matmul, "cublasLtMatmul");
  if (!complete || library.create(&library.handle) != 0) return std::nullopt;
  return library;
}

}  // namespace

const CublasLtLibrary* cublaslt_library() {
  static const std::optional<CublasLtLibrary> library = loaded();
  return library ? &*library : nullptr;
}

}  // namespace microdc::kernels::cuda
