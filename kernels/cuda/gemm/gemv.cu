#include "kernels/cuda/gemm/gemv.cuh"

#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_problem.hpp"
#include "kernels/cuda/gemm/skinny.hpp"
#include "kernels/cuda/gemm/tiles.hpp"

namespace microdc::kernels::cuda {
namespace {

template <class Weights, int Rows, int WarpsPerRow>
void add_variant(Registry& registry) {
  constexpr int rows_per_block = gemv_warps / WarpsPerRow * Rows;
  GemmKernel kernel;
  kernel.format = Weights::format;
  kernel.name = "gemv-" + std::to_string(Rows) + "-k" + std::to_string(WarpsPerRow);
  kernel.formats = {Element::bf16, Weights::element, Element::bf16, bf16_gemm.tolerance};
  kernel.shared_bytes = gemv_shared_bytes<Rows>;
  kernel.accepts = [](const Limits&, const Shape& shape) {
    return shape.m == 1 && shape.k % weights_per_vector<Weights> == 0;
  };
  kernel.workspace_bytes = [](const Limits&, const Shape&) { return std::size_t{0}; };
  kernel.call = [](const Limits&, const GemmOperands& of) -> GemmCall {
    const GemvArguments arguments{static_cast<const __nv_bfloat16*>(of.a),
                                  static_cast<const unsigned char*>(of.weights),
                                  of.scales,
                                  static_cast<__nv_bfloat16*>(of.c),
                                  of.n,
                                  of.k};
    const auto blocks = static_cast<unsigned>(divided_up(of.n, rows_per_block));
    return [arguments, blocks](cudaStream_t stream) {
      gemv<Weights, Rows, WarpsPerRow>
          <<<blocks, gemv_warps * 32, gemv_shared_bytes<Rows>, stream>>>(arguments);
      check(cudaGetLastError(), "launch of gemv");
    };
  };
  add_gemm(registry, std::move(kernel));
}

template <class Weights>
void add_variants(Registry& registry) {
  add_variant<Weights, 2, 1>(registry);
  add_variant<Weights, 2, 4>(registry);
}

}  // namespace

void add_gemv(Registry& registry) {
  add_variants<Bf16Weights>(registry);
  add_variants<Fp8Weights>(registry);
}

}  // namespace microdc::kernels::cuda
