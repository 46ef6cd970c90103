#include "kernels/cuda/attention_prefill_wgmma.cuh"

#include <algorithm>
#include <string>

#include "kernels/cuda/attention_prefill_problem.hpp"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/gemm/tensor_map.hpp"
#include "kernels/cuda/launch_shape.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int consumers = 2, key_tile = 128, stages = 2;

/// Heads whose keys and values fill two thirds of the L2 cache, in whole groups; at least one.
int band_of(const Limits& limits, const Shape& shape) {
  const std::int64_t group = shape.q_heads / shape.kv_heads;
  const std::int64_t kv_head_bytes = 4 * shape.context * shape.head_dim;
  const std::int64_t groups = std::max<std::int64_t>(1, limits.l2_bytes * 2 / 3 / kv_head_bytes);
  return static_cast<int>(std::min(groups * group, shape.batch * shape.q_heads));
}

template <int HeadDim, bool PingPong>
PrefillCall prepared_call(const Limits& limits, const Shape& shape,
                          const PrefillArguments& arguments) {
  using Kernel = PrefillWgmma<HeadDim, consumers, key_tile, stages>;
  const auto kernel = prefill_attention_wgmma<HeadDim, consumers, key_tile, stages, PingPong>;
  allow_shared_bytes(reinterpret_cast<const void*>(kernel), Kernel::shared_bytes);
  const auto map_of = [&](const void* operand, int tokens, int heads, int box_rows) {
    return stack_map(operand, Element::bf16, static_cast<int>(shape.batch), tokens, heads * HeadDim,
                     box_rows);
  };
  const CUtensorMap map_q =
      map_of(arguments.queries, arguments.query_count, arguments.q_heads, Kernel::block_rows);
  const CUtensorMap map_k = map_of(arguments.keys, arguments.context, arguments.kv_heads, key_tile);
  const CUtensorMap map_v =
      map_of(arguments.values, arguments.context, arguments.kv_heads, key_tile);
  const PrefillOrder order{divided_up(shape.queries, Kernel::block_rows),
                           static_cast<int>(shape.batch * shape.q_heads), band_of(limits, shape)};
  const auto blocks = static_cast<unsigned>(std::min(order.count(), limits.multiprocessors));
  return [=](cudaStream_t stream) {
    kernel<<<blocks, Kernel::threads, Kernel::shared_bytes, stream>>>(map_q, map_k, map_v,
                                                                      arguments, order);
    check(cudaGetLastError(), "launch of prefill attention on wgmma");
  };
}

template <bool PingPong>
void add_variant(Registry& registry) {
  using Largest = PrefillWgmma<128, consumers, key_tile, stages>;
  add_prefill(
      registry,
      {.name = "wgmma-" + std::to_string(Largest::block_rows) + "x" + std::to_string(key_tile) +
               (PingPong ? "-pingpong" : ""),
       .target = Target::sm_90a,
       .shared_bytes = Largest::shared_bytes,
       .call = [](const Limits& limits, const Shape& shape, const PrefillArguments& arguments) {
         return shape.head_dim == 64 ? prepared_call<64, PingPong>(limits, shape, arguments)
                                     : prepared_call<128, PingPong>(limits, shape, arguments);
       }});
}

}  // namespace

void add_attention_prefill_wgmma(Registry& registry) {
  add_variant<false>(registry);
  add_variant<true>(registry);
}

}  // namespace microdc::kernels::cuda
