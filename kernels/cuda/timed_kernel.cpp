#include "kernels/cuda/timed_kernel.hpp"

#include <algorithm>
#include <vector>

#include "kernels/cuda/error.hpp"

namespace microdc::kernels::cuda {
namespace {

struct DestroyGraph {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
};
using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, DestroyGraph>;

Event new_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  return Event(event);
}

}  // namespace

TimedKernel::TimedKernel(Context& context)
    : context_(context), start_(new_event()), stop_(new_event()) {}

void TimedKernel::launch_many(int first_slot, int calls) {
  for (int i = 0; i < calls; ++i) launch(context_.stream(), (first_slot + i) % slots());
}

cudaGraphExec_t TimedKernel::graph_of(int first_slot, int calls) {
  GraphExec& known = graphs_[{first_slot, calls}];
  if (known) return known.get();
  const cudaStream_t stream = context_.stream();
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
  cudaGraph_t captured = nullptr;
  try {
    launch_many(first_slot, calls);
  } catch (...) {
    cudaStreamEndCapture(stream, &captured);
    Graph{captured};
    throw;
  }
  check(cudaStreamEndCapture(stream, &captured), "cudaStreamEndCapture");
  const Graph graph(captured);
  cudaGraphExec_t executable = nullptr;
  check(cudaGraphInstantiate(&executable, graph.get(), 0), "cudaGraphInstantiate");
  known.reset(executable);
  check(cudaGraphUpload(executable, stream), "cudaGraphUpload");
  return executable;
}

double TimedKernel::run(int calls, LaunchMode mode) {
  const cudaStream_t stream = context_.stream();
  // Graphs are captured before the clock runs. Their first slots recur, so that few are needed.
  std::vector<cudaGraphExec_t> replays;
  if (mode == LaunchMode::graph) {
    for (int done = 0; done < calls;) {
      const int count = std::min(longest_graph, calls - done);
      replays.push_back(graph_of(done % slots(), count));
      done += count;
    }
  }
  if (starts_cold() && calls <= slots()) context_.evict_l2();
  check(cudaEventRecord(start_.get(), stream), "cudaEventRecord");
  if (mode == LaunchMode::graph) {
    for (const cudaGraphExec_t replay : replays)
      check(cudaGraphLaunch(replay, stream), "cudaGraphLaunch");
  } else {
    launch_many(next_slot_, calls);
    next_slot_ = (next_slot_ + calls) % slots();
  }
  check(cudaEventRecord(stop_.get(), stream), "cudaEventRecord");
  check(cudaEventSynchronize(stop_.get()), "timed kernel");
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()), "cudaEventElapsedTime");
  return static_cast<double>(milliseconds) * 1e-3;
}

}  // namespace microdc::kernels::cuda
