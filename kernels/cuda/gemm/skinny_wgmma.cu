#include "kernels/cuda/gemm/skinny_wgmma.cuh"

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/skinny.hpp"
#include "kernels/cuda/gemm/skinny_launch.hpp"
#include "kernels/cuda/gemm/tensor_map.hpp"

namespace microdc::kernels::cuda {
namespace {

/// With Early a launch starts while the one before in the stream ends: its weights, which that one
/// does not write, are on their way when the activations are ready.
template <class Weights, class Tile, bool Early>
GemmCall prepared_call(const Limits& limits, const GemmOperands& of) {
  constexpr int shared_bytes = skinny_wgmma_bytes<Tile>;
  check(cudaFuncSetAttribute(skinny_wgmma<Weights, Tile>,
                             cudaFuncAttributeMaxDynamicSharedMemorySize, shared_bytes),
        "shared memory of skinny_wgmma");
  const SkinnyPlan plan =
      skinny_plan_of<Weights, Tile>(limits, of.n, of.k, skinny_wgmma_blocks_each<Tile>);
  const int row_bytes = of.k / weights_per_vector<Weights> * 16;
  const SkinnyMaps maps{matrix_map(of.a, Element::bf16, of.m, of.k, Tile::tokens),
                        matrix_map(of.weights, Element::int8, of.n, row_bytes, large_box_rows),
                        matrix_map(of.weights, Element::int8, of.n, row_bytes, small_box_rows)};
  const SkinnyArguments arguments = skinny_arguments(of, plan);
  return [maps, arguments, grid = skinny_grid(plan)](cudaStream_t stream) {
    cudaLaunchAttribute early{};
    early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
    early.val.programmaticStreamSerializationAllowed = 1;
    cudaLaunchConfig_t launch{};
    launch.gridDim = grid;
    launch.blockDim = skinny_wgmma_threads<Tile>;
    launch.dynamicSmemBytes = shared_bytes;
    launch.stream = stream;
    launch.attrs = &early;
    launch.numAttrs = Early ? 1 : 0;
    check(cudaLaunchKernelEx(&launch, skinny_wgmma<Weights, Tile>, maps, arguments),
          "launch of skinny_wgmma");
  };
}

template <class Weights, int Tokens, int Rows, bool Early>
void add_variant(Registry& registry) {
  // Of a multiprocessor's 228 KiB each block takes 1 for the system, and 1 to align its stages.
  constexpr int bytes = Rows == 256 ? 226 * 1024 : 112 * 1024;
  using Tile = SkinnyTile<Weights, Tokens, Rows, bytes>;
  GemmKernel kernel = skinny_kernel<Weights, Tile>("skinny-wgmma", skinny_wgmma_blocks_each<Tile>);
  if (Early) kernel.name += "-early";
  kernel.target = Target::sm_90a;
  kernel.shared_bytes = skinny_wgmma_bytes<Tile>;
  kernel.call = prepared_call<Weights, Tile, Early>;
  add_gemm(registry, std::move(kernel));
}

template <class Weights, int Tokens, int Rows>
void add_both(Registry& registry) {
  add_variant<Weights, Tokens, Rows, false>(registry);
  add_variant<Weights, Tokens, Rows, true>(registry);
}

template <class Weights>
void add_variants(Registry& registry) {
  add_both<Weights, 8, 128>(registry);
  add_both<Weights, 8, 256>(registry);
  add_both<Weights, 16, 128>(registry);
  add_both<Weights, 16, 256>(registry);
  add_both<Weights, 32, 128>(registry);
  add_both<Weights, 32, 256>(registry);
  // Fewer rows would read more activations than weights.
  add_both<Weights, 64, 256>(registry);
}

}  // namespace

void add_skinny_wgmma(Registry& registry) {
  add_variants<Fp8Weights>(registry);
  add_variants<Int8Weights>(registry);
  add_variants<Int4Weights>(registry);
}

}  // namespace microdc::kernels::cuda
