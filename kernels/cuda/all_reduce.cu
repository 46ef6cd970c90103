#include "kernels/cuda/all_reduce.cuh"

#include <algorithm>
#include <string>

#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/nccl.hpp"
#include "kernels/cuda/peer_ranks.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

class OneShotAllReduce final : public AllReduceKernel {
 public:
  OneShotAllReduce(Context& context, const Shape& shape, std::uint64_t seed, int most_blocks)
      : AllReduceKernel(context, shape, seed) {
    arguments_.resize(ranks().size());
    blocks_ = std::min(static_cast<unsigned>(most_blocks),
                       blocks_for(message_bytes() / 16, all_reduce_threads));
    for (std::size_t r = 0; r < ranks().size(); ++r) {
      const CurrentDevice current(ranks()[r].device);
      flags_.emplace_back(sizeof(AllReduceFlags));
      check(cudaMemsetAsync(flags_.back().data(), 0, sizeof(AllReduceFlags), ranks()[r].stream),
            "cudaMemsetAsync");
    }
    synchronize();
    for (std::size_t r = 0; r < ranks().size(); ++r) {
      for (std::size_t peer = 0; peer < ranks().size(); ++peer) {
        arguments_[r].messages[peer] = ranks()[peer].message.as<uint4>();
        arguments_[r].flags[peer] = flags_[peer].as<AllReduceFlags>();
      }
      arguments_[r].result = ranks()[r].result.as<uint4>();
      arguments_[r].rank = static_cast<int>(r);
      arguments_[r].ranks = static_cast<int>(ranks().size());
      arguments_[r].vectors = static_cast<int>(message_bytes() / 16);
    }
  }

 protected:
  void launch_all() override {
    for (std::size_t r = 0; r < ranks().size(); ++r) {
      const CurrentDevice current(ranks()[r].device);
      const cudaStream_t stream = ranks()[r].stream;
      switch (ranks().size()) {
        case 2:
          all_reduce_one_shot<2><<<blocks_, all_reduce_threads, 0, stream>>>(arguments_[r]);
          break;
        case 4:
          all_reduce_one_shot<4><<<blocks_, all_reduce_threads, 0, stream>>>(arguments_[r]);
          break;
        default:
          all_reduce_one_shot<8><<<blocks_, all_reduce_threads, 0, stream>>>(arguments_[r]);
          break;
      }
      check(cudaGetLastError(), "launch of the all-reduce");
    }
  }

 private:
  std::vector<DeviceMemory> flags_;
  std::vector<AllReduceArguments> arguments_;
  unsigned blocks_ = 1;
};

bool accepts_one_shot(const Limits&, const Shape& shape) {
  constexpr std::int64_t largest_message = 64 << 20;
  return (shape.group == 2 || shape.group == 4 || shape.group == 8) && shape.bytes >= 16 &&
         shape.bytes % 16 == 0 && shape.bytes <= largest_message &&
         !peer_devices(0, shape.group).empty();
}

bool accepts_nccl(const Limits& limits, const Shape& shape) {
  return shape.group >= 2 && shape.bytes >= 2 && shape.bytes % 2 == 0 &&
         shape.bytes < limits.memory_bytes / 4 && nccl_is_there() &&
         !peer_devices(0, shape.group).empty();
}

}  // namespace

void add_all_reduce(Registry& registry) {
  for (const int blocks : {8, 32, most_all_reduce_blocks}) {
    registry.add({.operation = Operation::all_reduce,
                  .format = "bf16",
                  .name = "one-shot-" + std::to_string(blocks) + "blocks",
                  .accepts = accepts_one_shot,
                  .prepare = [blocks](Context& context, const Shape& shape,
                                      std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                    return std::make_unique<OneShotAllReduce>(context, shape, seed, blocks);
                  }});
  }
  registry.add({.operation = Operation::all_reduce,
                .format = "bf16",
                .source = "nccl",
                .name = "all-reduce",
                .accepts = accepts_nccl,
                .prepare = prepare_nccl_all_reduce});
}

}  // namespace microdc::kernels::cuda
