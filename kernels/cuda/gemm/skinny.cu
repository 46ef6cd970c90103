#include "kernels/cuda/gemm/skinny.cuh"

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/skinny.hpp"
#include "kernels/cuda/gemm/skinny_launch.hpp"

namespace microdc::kernels::cuda {
namespace {

template <class Weights, class Tile>
GemmCall prepared_call(const Limits& limits, const GemmOperands& of) {
  check(cudaFuncSetAttribute(skinny<Weights, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             Tile::ring_bytes),
        "shared memory of skinny");
  const SkinnyPlan plan =
      skinny_plan_of<Weights, Tile>(limits, of.n, of.k, skinny_blocks_each(Tile::tokens));
  const SkinnyArguments arguments = skinny_arguments(of, plan);
  return [arguments, grid = skinny_grid(plan)](cudaStream_t stream) {
    skinny<Weights, Tile><<<grid, skinny_threads<Tile>, Tile::ring_bytes, stream>>>(arguments);
    check(cudaGetLastError(), "launch of skinny");
  };
}

template <class Weights, int Tokens>
void add_variant(Registry& registry) {
  // Half of what an A100's multiprocessor has, or what every device since Ampere has.
  constexpr int bytes = skinny_blocks_each(Tokens) == 2 ? 81 * 1024 : small_shared_bytes;
  using Tile = SkinnyTile<Weights, Tokens, 128, bytes>;
  GemmKernel kernel = skinny_kernel<Weights, Tile>("skinny", skinny_blocks_each(Tile::tokens));
  kernel.shared_bytes = Tile::ring_bytes;
  kernel.call = prepared_call<Weights, Tile>;
  add_gemm(registry, std::move(kernel));
}

template <class Weights>
void add_variants(Registry& registry) {
  add_variant<Weights, 8>(registry);
  add_variant<Weights, 16>(registry);
  add_variant<Weights, 32>(registry);
  add_variant<Weights, 64>(registry);
}

}  // namespace

void add_skinny(Registry& registry) {
  add_variants<Fp8Weights>(registry);
  add_variants<Int8Weights>(registry);
  add_variants<Int4Weights>(registry);
}

}  // namespace microdc::kernels::cuda
