#include "kernels/cuda/gemm/skinny_wgmma.cuh"

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/skinny.hpp"
#include "kernels/cuda/gemm/skinny_launch.hpp"
#include "kernels/cuda/gemm/tensor_map.hpp"

namespace microdc::kernels::cuda {
namespace {

template <class Weights, class Tile>
GemmCall prepared_call(const Limits& limits, const GemmOperands& of) {
  constexpr int shared_bytes = skinny_wgmma_bytes<Tile>;
  check(cudaFuncSetAttribute(skinny_wgmma<Weights, Tile>,
                             cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes),
        "shared memory of skinny_wgmma");
  const SkinnyPlan plan =
      skinny_plan_of<Weights, Tile>(limits, of.n, of.k, skinny_wgmma_blocks_each<Tile>);
  constexpr Element activation = activation_bytes<Weights> == 1 ? Element::fp8 : Element::bf16;
  SkinnyMaps maps{matrix_map(of.a, activation, of.m, of.k, Tile::tokens), {}, {}};
  if constexpr (!packed<Weights>) {
    const int row_bytes = of.k / weights_per_vector<Weights> * 16;
    maps.weights = matrix_map(of.weights, Element::int8, of.n, row_bytes, large_box_rows);
    maps.weights_rest = matrix_map(of.weights, Element::int8, of.n, row_bytes, small_box_rows);
  }
  const SkinnyArguments arguments = skinny_arguments(of, plan);
  return [maps, arguments, grid = skinny_grid(plan)](cudaStream_t stream) {
    skinny_wgmma<Weights, Tile>
        <<<grid, skinny_wgmma_threads<Tile>, shared_bytes, stream>>>(maps, arguments);
    check(cudaGetLastError(), "launch of skinny_wgmma");
  };
}

template <class Weights, int Tokens, int Rows>
void add_variant(Registry& registry) {
  // Of a multiprocessor's 228 KiB each block takes 1 for the system, and 1 to align its stages.
  constexpr int bytes = Rows == 256 ? 226 * 1024 : 112 * 1024;
  using Tile = SkinnyTile<Weights, Tokens, Rows, bytes>;
  GemmKernel kernel = skinny_kernel<Weights, Tile>("skinny-wgmma", skinny_wgmma_blocks_each<Tile>);
  kernel.target = Target::sm_90a;
  kernel.shared_bytes = skinny_wgmma_bytes<Tile>;
  kernel.call = prepared_call<Weights, Tile>;
  add_gemm(registry, std::move(kernel));
}

template <class Weights>
void add_variants(Registry& registry) {
  add_variant<Weights, 8, 128>(registry);
  add_variant<Weights, 8, 256>(registry);
  add_variant<Weights, 16, 128>(registry);
  add_variant<Weights, 16, 256>(registry);
  add_variant<Weights, 32, 128>(registry);
  add_variant<Weights, 32, 256>(registry);
  add_variant<Weights, 64, 256>(registry);
  if constexpr (activation_bytes<Weights> == 1) {  // else more activations than weights are read
    add_variant<Weights, 64, 128>(registry);
  }
}

}  // namespace

void add_skinny_wgmma(Registry& registry) {
  add_variants<Fp8Operands>(registry);
  add_variants<Int8Weights>(registry);
  add_variants<Int4Weights>(registry);
}

}  // namespace microdc::kernels::cuda
