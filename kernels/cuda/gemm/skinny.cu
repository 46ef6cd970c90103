#include "kernels/cuda/gemm/skinny.cuh"

#include <string>

#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_problem.hpp"
#include "kernels/cuda/gemm/skinny.hpp"

namespace microdc::kernels::cuda {
namespace {

/// Blocks per multiprocessor that a split fills.
constexpr int blocks_each = 2;
constexpr std::size_t alignment = 256;

/// How often k is split: `fixed` times, or, if that is 0, until the device is full.
template <class Weights, class Tile>
int splits_of(const Limits& limits, std::int64_t n, std::int64_t k, int fixed) {
  if (fixed > 0) return fixed;
  return splits_to_fill(divided_up(n, Tile::rows), limits.multiprocessors, blocks_each,
                        static_cast<int>(k / unit_k<Weights>), Tile::warps_k * Tile::depth);
}

std::size_t arrival_bytes(int tiles) {
  return (static_cast<std::size_t>(tiles) * sizeof(unsigned) + alignment - 1) / alignment *
         alignment;
}

template <class Weights, class Tile>
GemmCall prepared_call(const Limits& limits, const GemmOperands& of, int fixed_splits) {
  check(cudaFuncSetAttribute(skinny<Weights, Tile>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             Tile::shared_bytes),
        "shared memory of skinny");
  const int tiles = divided_up(of.n, Tile::rows);
  const int splits = splits_of<Weights, Tile>(limits, of.n, of.k, fixed_splits);
  auto* workspace = static_cast<std::byte*>(of.workspace);
  SkinnyArguments arguments{static_cast<const __nv_bfloat16*>(of.a),
                            static_cast<const unsigned char*>(of.weights),
                            of.scales,
                            static_cast<__nv_bfloat16*>(of.c),
                            nullptr,
                            nullptr,
                            of.m,
                            of.n,
                            of.k};
  if (splits > 1) {
    arguments.arrivals = reinterpret_cast<unsigned*>(workspace);
    arguments.partial = reinterpret_cast<float*>(workspace + arrival_bytes(tiles));
  }
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>(splits));
  return [arguments, grid](cudaStream_t stream) {
    skinny<Weights, Tile><<<grid, Tile::threads, Tile::shared_bytes, stream>>>(arguments);
    check(cudaGetLastError(), "launch of skinny");
  };
}

template <class Weights, class Tile>
void add_variant(Registry& registry, int fixed_splits) {
  GemmKernel kernel;
  kernel.format = Weights::format;
  kernel.name = "skinny-" + std::to_string(Tile::tokens) + "x" + std::to_string(Tile::rows) + "-k" +
                std::to_string(Tile::warps_k) + "-d" + std::to_string(Tile::depth) +
                (fixed_splits > 0 ? "-s" + std::to_string(fixed_splits) : std::string("-fill"));
  kernel.formats = {Element::bf16, Weights::element, Element::bf16, bf16_gemm.tolerance};
  kernel.shared_bytes = Tile::shared_bytes;
  // Twice the tokens would be wasted on fewer than half; there is a narrower tile.
  kernel.accepts = [](const Limits&, const Shape& shape) {
    return shape.m <= Tile::tokens && (Tile::tokens == 8 || shape.m > Tile::tokens / 2) &&
           shape.k % unit_k<Weights> == 0;
  };
  kernel.workspace_bytes = [fixed_splits](const Limits& limits, const Shape& shape) -> std::size_t {
    const int splits = splits_of<Weights, Tile>(limits, shape.n, shape.k, fixed_splits);
    const int tiles = divided_up(shape.n, Tile::rows);
    if (splits == 1) return 0;
    return arrival_bytes(tiles) + sizeof(float) * Tile::tokens * Tile::rows *
                                      static_cast<std::size_t>(tiles) *
                                      static_cast<std::size_t>(splits);
  };
  kernel.call = [fixed_splits](const Limits& limits, const GemmOperands& operands) {
    return prepared_call<Weights, Tile>(limits, operands, fixed_splits);
  };
  add_gemm(registry, std::move(kernel));
}

template <class Weights, class Tile>
void add_splits(Registry& registry) {
  for (const int splits : {0, 1, 4}) add_variant<Weights, Tile>(registry, splits);
}

template <class Weights>
void add_variants(Registry& registry) {
  add_splits<Weights, SkinnyTile<1, 1, 1, 8, 4>>(registry);
  add_splits<Weights, SkinnyTile<1, 1, 4, 2, 4>>(registry);
  add_splits<Weights, SkinnyTile<1, 2, 4, 2, 3>>(registry);
  add_splits<Weights, SkinnyTile<2, 1, 4, 2, 4>>(registry);
  add_splits<Weights, SkinnyTile<2, 2, 4, 2, 3>>(registry);
  add_splits<Weights, SkinnyTile<4, 1, 4, 2, 4>>(registry);
  add_splits<Weights, SkinnyTile<4, 2, 4, 2, 2>>(registry);
  if constexpr (Weights::scale == ScaleKind::group) {
    // Sums of the group besides those of the call: more would not fit the registers.
    add_splits<Weights, SkinnyTile<8, 1, 8, 1, 1>>(registry);
  } else {
    add_splits<Weights, SkinnyTile<8, 1, 8, 1, 4>>(registry);
    add_splits<Weights, SkinnyTile<8, 2, 4, 1, 2>>(registry);
  }
}

}  // namespace

void add_skinny(Registry& registry) {
  add_variants<Bf16Weights>(registry);
  add_variants<Fp8Weights>(registry);
  add_variants<Int8Weights>(registry);
  add_variants<Int4Weights>(registry);
}

}  // namespace microdc::kernels::cuda
