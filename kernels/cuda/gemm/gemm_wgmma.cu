#include "kernels/cuda/gemm/gemm_wgmma.hpp"

#include <algorithm>
#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_problem.hpp"
#include "kernels/cuda/gemm/gemm_wgmma.cuh"
#include "kernels/cuda/gemm/tensor_map.hpp"

namespace microdc::kernels::cuda {
namespace {

template <class Element, class Result, class Tile>
GemmCall prepared_call(const Limits& limits, const GemmOperands& of, const GemmFormats& formats) {
  check(cudaFuncSetAttribute(gemm_wgmma<Element, Result, Tile>,
                             cudaFuncAttributeMaxDynamicSharedMemorySize, Tile::shared_bytes),
        "shared memory of gemm_wgmma");
  const CUtensorMap map_a = matrix_map(of.a, formats.a, of.m, of.k, Tile::tile_m);
  const CUtensorMap map_b = matrix_map(of.weights, formats.weights, of.n, of.k, Tile::tile_n);
  const int tiles = divided_up(of.m, Tile::tile_m) * divided_up(of.n, Tile::tile_n);
  const auto blocks = static_cast<unsigned>(std::min(tiles, limits.multiprocessors));
  return [=](cudaStream_t stream) {
    gemm_wgmma<Element, Result, Tile><<<blocks, wgmma_threads, Tile::shared_bytes, stream>>>(
        map_a, map_b, static_cast<Result*>(of.c), GemmSize{of.m, of.n, of.k});
    check(cudaGetLastError(), "launch of gemm_wgmma");
  };
}

template <class Element, class Result, class Tile>
void add_variant(Registry& registry, GemmKernel kernel) {
  kernel.name = "wgmma-" + std::to_string(Tile::tile_m) + "x" + std::to_string(Tile::tile_n) + "x" +
                std::to_string(tile_row_bytes / static_cast<int>(sizeof(Element))) + "-" +
                std::to_string(Tile::stages);
  kernel.target = Target::sm_90a;
  kernel.shared_bytes = Tile::shared_bytes;
  kernel.accepts = [](const Limits&, const Shape&) { return true; };
  kernel.workspace_bytes = [](const Limits&, const Shape&) { return std::size_t{0}; };
  kernel.call = [formats = kernel.formats](const Limits& limits, const GemmOperands& operands) {
    return prepared_call<Element, Result, Tile>(limits, operands, formats);
  };
  add_gemm(registry, std::move(kernel));
}

template <class Element, class Result>
void add_variants(Registry& registry, const GemmKernel& kernel) {
  add_variant<Element, Result, WgmmaTile<1, 128, 6>>(registry, kernel);
  add_variant<Element, Result, WgmmaTile<1, 256, 4>>(registry, kernel);
  add_variant<Element, Result, WgmmaTile<2, 128, 4>>(registry, kernel);
}

}  // namespace

void add_gemm_wgmma(Registry& registry) {
  add_variants<__nv_bfloat16, __nv_bfloat16>(registry, {.format = "bf16", .formats = bf16_gemm});
  add_variants<__half, __half>(registry, {.format = "fp16", .formats = fp16_gemm});
  add_variants<__nv_fp8_e4m3, __nv_bfloat16>(registry, {.format = "fp8", .formats = fp8_gemm});
}

}  // namespace microdc::kernels::cuda
