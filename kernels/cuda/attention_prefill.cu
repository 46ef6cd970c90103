#include "kernels/cuda/attention_prefill.cuh"

#include <string>

#include "kernels/cuda/attention_prefill_problem.hpp"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"

namespace microdc::kernels::cuda {
namespace {

template <int HeadDim, int Warps, int RowTiles, int KeyTile>
PrefillCall prepared_call(const Shape& shape, const PrefillArguments& arguments) {
  using Kernel = PrefillAttention<HeadDim, Warps, RowTiles, KeyTile>;
  const auto kernel = prefill_attention<HeadDim, Warps, RowTiles, KeyTile>;
  allow_shared_bytes(reinterpret_cast<const void*>(kernel), Kernel::shared_bytes);
  const dim3 grid(blocks_for(shape.queries, Kernel::block_rows),
                  static_cast<unsigned>(shape.q_heads), static_cast<unsigned>(shape.batch));
  return [=](cudaStream_t stream) {
    kernel<<<grid, Kernel::threads, Kernel::shared_bytes, stream>>>(arguments);
    check(cudaGetLastError(), "launch of prefill attention");
  };
}

template <int Warps, int RowTiles, int KeyTile64, int KeyTile128>
void add_variant(Registry& registry) {
  using Largest = PrefillAttention<128, Warps, RowTiles, KeyTile128>;
  static_assert(PrefillAttention<64, Warps, RowTiles, KeyTile64>::shared_bytes <=
                Largest::shared_bytes);
  add_prefill(registry,
              {.name = std::to_string(Largest::block_rows) + "x" + std::to_string(KeyTile128) +
                       "-" + std::to_string(Warps) + "warps",
               .shared_bytes = Largest::shared_bytes,
               .call = [](const Limits&, const Shape& shape, const PrefillArguments& arguments) {
                 return shape.head_dim == 64
                            ? prepared_call<64, Warps, RowTiles, KeyTile64>(shape, arguments)
                            : prepared_call<128, Warps, RowTiles, KeyTile128>(shape, arguments);
               }});
}

}  // namespace

void add_attention_prefill(Registry& registry) {
  add_variant<4, 1, 64, 64>(registry);
  add_variant<4, 2, 64, 32>(registry);
}

}  // namespace microdc::kernels::cuda
