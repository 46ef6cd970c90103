// Timing of calls that rotate through slots, as single launches and as a replayed graph.
#pragma once

#include <cuda_runtime_api.h>

#include <map>
#include <memory>
#include <type_traits>

#include "kernels/cuda/context.hpp"
#include "kernels/kernel.hpp"

namespace microdc::kernels::cuda {

struct DestroyEvent {
  void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
};
struct DestroyGraphExec {
  void operator()(cudaGraphExec_t graph) const { cudaGraphExecDestroy(graph); }
};
using Event = std::unique_ptr<std::remove_pointer_t<cudaEvent_t>, DestroyEvent>;
using GraphExec = std::unique_ptr<std::remove_pointer_t<cudaGraphExec_t>, DestroyGraphExec>;

/// Implements run() on top of one launch. Every call of a run starts with its operands out of the
/// L2 cache: the slots together exceed it, and a run shorter than one round evicts it first.
class TimedKernel : public PreparedKernel {
 public:
  /// Calls per graph at most; longer runs replay it. 10 calls or more keep the launch of the graph
  /// out of the time of one call.
  static constexpr int longest_graph = 512;

  explicit TimedKernel(Context& context);
  double run(int calls, LaunchMode mode) override;

 protected:
  /// Queues one call on the stream. Must not allocate or wait. Throws Error.
  virtual void launch(cudaStream_t stream, int slot) = 0;
  [[nodiscard]] virtual int slots() const = 0;
  /// False where the working set is to stay in whatever cache holds it.
  [[nodiscard]] virtual bool starts_cold() const { return true; }
  [[nodiscard]] Context& context() const { return context_; }

 private:
  void launch_many(int first_slot, int calls);
  cudaGraphExec_t graph_of(int first_slot, int calls);

  Context& context_;
  Event start_, stop_;
  std::map<std::pair<int, int>, GraphExec> graphs_;  // by first slot and calls
  int next_slot_ = 0;
};

}  // namespace microdc::kernels::cuda
