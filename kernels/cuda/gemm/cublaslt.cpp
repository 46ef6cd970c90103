#include "kernels/cuda/gemm/cublaslt.hpp"

#include <memory>
#include <string>
#include <utility>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/cublaslt_library.hpp"
#include "kernels/cuda/gemm/gemm_problem.hpp"

namespace microdc::kernels::cuda {
namespace {

/// What NVIDIA recommends for Hopper; other devices get along with less.
constexpr std::size_t workspace_bytes = std::size_t{32} << 20;

void check_library(int status, const char* what) {
  if (status != 0) throw Error(std::string(what) + ": cuBLAS status " + std::to_string(status));
}

cudaDataType_t data_type(Element element) {
  switch (element) {
    case Element::bf16: return CUDA_R_16BF;
    case Element::fp16: return CUDA_R_16F;
    case Element::fp8: return CUDA_R_8F_E4M3;
    case Element::int8:
    case Element::int4: return CUDA_R_8I;
    case Element::fp32: break;
  }
  return CUDA_R_32F;
}

using Opaque = std::shared_ptr<void>;

Opaque layout(const CublasLtLibrary& library, Element element, int rows, int columns) {
  void* created = nullptr;
  check_library(
      library.layout_create(&created, data_type(element), static_cast<std::uint64_t>(rows),
                            static_cast<std::uint64_t>(columns), rows),
      "cublasLtMatrixLayoutCreate");
  return {created, library.layout_destroy};
}

/// The library counts columns first: C^T[n,m] = W A^T, where W and A are as transposed ones to it.
struct Matmul {
  Opaque description, weights, a, c;
  CublasLtAlgorithm algorithm{};

  Matmul(const CublasLtLibrary& library, const GemmOperands& of, const GemmFormats& formats)
      : weights(layout(library, formats.weights, of.k, of.n)),
        a(layout(library, formats.a, of.k, of.m)),
        c(layout(library, formats.c, of.n, of.m)) {
    void* created = nullptr;
    check_library(library.description_create(&created, CublasLtLibrary::compute_fp32, CUDA_R_32F),
                  "cublasLtMatmulDescCreate");
    description = Opaque(created, library.description_destroy);
    set(library, CublasLtLibrary::transpose_a, CublasLtLibrary::op_transposed);
    set(library, CublasLtLibrary::transpose_b, CublasLtLibrary::op_plain);
    choose(library);
  }

 private:
  void set(const CublasLtLibrary& library, int attribute, int value) const {
    check_library(library.description_set(description.get(), attribute, &value, sizeof value),
                  "cublasLtMatmulDescSetAttribute");
  }

  void choose(const CublasLtLibrary& library) {
    void* created = nullptr;
    check_library(library.preference_create(&created), "cublasLtMatmulPreferenceCreate");
    const Opaque preference(created, library.preference_destroy);
    check_library(library.preference_set(preference.get(), CublasLtLibrary::most_workspace_bytes,
                                         &workspace_bytes, sizeof workspace_bytes),
                  "cublasLtMatmulPreferenceSetAttribute");
    CublasLtHeuristic best{};
    int found = 0;
    check_library(library.heuristic(library.handle, description.get(), weights.get(), a.get(),
                                    c.get(), c.get(), preference.get(), 1, &best, &found),
                  "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0) throw Error("cuBLASLt has no algorithm for this shape");
    algorithm = best.algorithm;
  }
};

GemmCall prepared_call(const GemmOperands& of, const GemmFormats& formats) {
  const CublasLtLibrary& library = *cublaslt_library();  // accepts() saw it
  const auto matmul = std::make_shared<const Matmul>(library, of, formats);
  return [&library, matmul, of](cudaStream_t stream) {
    constexpr float one = 1;
    constexpr float zero = 0;
    check_library(library.matmul(library.handle, matmul->description.get(), &one, of.weights,
                                 matmul->weights.get(), of.a, matmul->a.get(), &zero, of.c,
                                 matmul->c.get(), of.c, matmul->c.get(), &matmul->algorithm,
                                 of.workspace, workspace_bytes, stream),
                  "cublasLtMatmul");
  };
}

void add_format(Registry& registry, const char* format, const GemmFormats& formats, Target target) {
  GemmKernel kernel;
  kernel.format = format;
  kernel.source = "cublaslt";
  kernel.name = "heuristic";
  kernel.formats = formats;
  kernel.target = target;
  // Its fp8 kernels want rows at multiples of 16 elements, also of C.
  kernel.accepts = [fp8 = formats.a == Element::fp8](const Limits&, const Shape& shape) {
    return cublaslt_library() != nullptr && (!fp8 || shape.n % 16 == 0);
  };
  kernel.workspace_bytes = [](const Limits&, const Shape&) { return workspace_bytes; };
  kernel.call = [formats](const Limits&, const GemmOperands& of) {
    return prepared_call(of, formats);
  };
  add_gemm(registry, std::move(kernel));
}

}  // namespace

void add_cublaslt(Registry& registry) {
  add_format(registry, "bf16", bf16_gemm, Target::sm_80_up);
  add_format(registry, "fp16", fp16_gemm, Target::sm_80_up);
  add_format(registry, "fp8", fp8_gemm, Target::sm_89_up);
}

}  // namespace microdc::kernels::cuda
