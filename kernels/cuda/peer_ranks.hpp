// Several GPUs of this process as the ranks of a collective.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "kernels/cuda/context.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {

/// Makes a device current, and the one before again at the end.
class CurrentDevice {
 public:
  explicit CurrentDevice(int index);
  ~CurrentDevice();
  CurrentDevice(const CurrentDevice&) = delete;
  CurrentDevice& operator=(const CurrentDevice&) = delete;

 private:
  int before_ = 0;
};

/// Devices for `ranks` ranks, `first` leading, that can all read each other's memory; empty if
/// there are not so many.
std::vector<int> peer_devices(int first, int ranks);

/// An all-reduce over bf16 messages that stay in place: those of the call before, as after the
/// kernel that produced them. Each rank has a stream; ranks only meet inside the collective.
class AllReduceKernel : public PreparedKernel {
 public:
  AllReduceKernel(Context& context, const Shape& shape, std::uint64_t seed);
  ~AllReduceKernel() override;

  Verification verify() override;
  double run(int calls, LaunchMode mode) override;
  double bytes() const override;
  double flop() const override;

 protected:
  struct Rank {
    int device = 0;
    cudaStream_t stream = nullptr;
    DeviceMemory message, result;
    std::map<int, GraphExec> graphs;  // by calls
  };
  /// Queues one call on the streams of all ranks.
  virtual void launch_all() = 0;
  [[nodiscard]] const std::vector<Rank>& ranks() const { return ranks_; }
  [[nodiscard]] std::int64_t message_bytes() const { return shape_.bytes; }
  void synchronize();

 private:
  static constexpr int longest_graph = 128;
  void capture(int calls);
  void replay(int calls);

  Shape shape_;
  std::uint64_t seed_;
  Event start_, stop_;
  std::vector<Rank> ranks_;
};

}  // namespace microdc::kernels::cuda
