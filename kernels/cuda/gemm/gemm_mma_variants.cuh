// The tiles that gemm_mma is compiled for.
#pragma once

#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_mma.cuh"
#include "kernels/cuda/gemm/gemm_problem.hpp"

namespace microdc::kernels::cuda {

template <class Element, class Result, class Tile>
void launch_gemm_mma(const GemmOperands& operands, cudaStream_t stream) {
  const int tiles = divided_up(operands.m, Tile::tile_m) * divided_up(operands.n, Tile::tile_n);
  gemm_mma<Element, Result, Tile>
      <<<static_cast<unsigned>(tiles), Tile::threads, Tile::shared_bytes, stream>>>(
          static_cast<const unsigned char*>(operands.a),
          static_cast<const unsigned char*>(operands.weights), static_cast<Result*>(operands.c),
          operands.m, operands.n, operands.k);
  check(cudaGetLastError(), "launch of gemm_mma");
}

/// `kernel` holds the format and what else does not depend on the tile.
template <class Element, class Result, class Tile>
void add_gemm_mma_variant(Registry& registry, GemmKernel kernel) {
  kernel.name = "mma-" + std::to_string(Tile::tile_m) + "x" + std::to_string(Tile::tile_n) + "x" +
                std::to_string(tile_row_bytes / static_cast<int>(sizeof(Element))) + "-" +
                std::to_string(Tile::stages);
  kernel.shared_bytes = Tile::shared_bytes;
  kernel.accepts = [](const Limits&, const Shape&) { return true; };
  kernel.workspace_bytes = [](const Limits&, const Shape&) { return std::size_t{0}; };
  kernel.call = [](const Limits&, const GemmOperands& operands) -> GemmCall {
    check(cudaFuncSetAttribute(gemm_mma<Element, Result, Tile>,
                               cudaFuncAttributeMaxDynamicSharedMemorySize, Tile::shared_bytes),
          "shared memory of gemm_mma");
    return [operands](cudaStream_t stream) {
      launch_gemm_mma<Element, Result, Tile>(operands, stream);
    };
  };
  add_gemm(registry, std::move(kernel));
}

/// Tile, warps, stages. Those above 99 KiB need the shared memory of sm_80, sm_90 or sm_100.
template <class Element, class Result>
void add_gemm_mma_variants(Registry& registry, const GemmKernel& kernel) {
  add_gemm_mma_variant<Element, Result, MmaTile<64, 64, 2, 2, 5>>(registry, kernel);
  add_gemm_mma_variant<Element, Result, MmaTile<64, 128, 2, 2, 4>>(registry, kernel);
  if constexpr (sizeof(Element) == 2) {
    add_gemm_mma_variant<Element, Result, MmaTile<128, 128, 2, 2, 3>>(registry, kernel);
    add_gemm_mma_variant<Element, Result, MmaTile<128, 128, 2, 2, 4>>(registry, kernel);
    add_gemm_mma_variant<Element, Result, MmaTile<128, 256, 2, 4, 3>>(registry, kernel);
    add_gemm_mma_variant<Element, Result, MmaTile<256, 128, 4, 2, 3>>(registry, kernel);
  } else {
    // sm_90 and sm_100 compute this mma of fp8 in fp16: 64 x 64 sums per warp would not leave it
    // the registers.
    add_gemm_mma_variant<Element, Result, MmaTile<128, 128, 2, 4, 3>>(registry, kernel);
    add_gemm_mma_variant<Element, Result, MmaTile<128, 128, 2, 4, 4>>(registry, kernel);
  }
}

}  // namespace microdc::kernels::cuda
