#include "kernels/cuda/peer_ranks.hpp"

#include <cuda_runtime.h>

#include <algorithm>
#include <stdexcept>

#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/reference.hpp"

namespace microdc::kernels::cuda {
namespace {

Event event_here() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  return Event(event);
}

/// Lets the current device read the memory of another.
void open_peer(int other) {
  const cudaError_t status = cudaDeviceEnablePeerAccess(other, 0);
  if (status == cudaErrorPeerAccessAlreadyEnabled) {
    cudaGetLastError();
    return;
  }
  check(status, "cudaDeviceEnablePeerAccess");
}

}  // namespace

CurrentDevice::CurrentDevice(int index) {
  check(cudaGetDevice(&before_), "cudaGetDevice");
  check(cudaSetDevice(index), "cudaSetDevice");
}

CurrentDevice::~CurrentDevice() { cudaSetDevice(before_); }

std::vector<int> peer_devices(int first, int ranks) {
  int count = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    cudaGetLastError();
    return {};
  }
  std::vector<int> devices{first};
  for (int device = 0; device < count && static_cast<int>(devices.size()) < ranks; ++device) {
    if (device == first) continue;
    const bool reachable = std::all_of(devices.begin(), devices.end(), [device](int other) {
      int there = 0, back = 0;
      return cudaDeviceCanAccessPeer(&there, device, other) == cudaSuccess &&
             cudaDeviceCanAccessPeer(&back, other, device) == cudaSuccess && there != 0 &&
             back != 0;
    });
    if (reachable) devices.push_back(device);
  }
  return static_cast<int>(devices.size()) == ranks ? devices : std::vector<int>{};
}

AllReduceKernel::AllReduceKernel(Context& context, const Shape& shape, std::uint64_t seed)
    : shape_(shape), seed_(seed), start_(event_here()), stop_(event_here()) {
  const std::vector<int> devices = peer_devices(context.index(), shape.group);
  if (devices.empty()) throw Error("not enough GPUs that reach each other for an all-reduce");
  ranks_.resize(devices.size());
  for (std::size_t r = 0; r < devices.size(); ++r) {
    Rank& rank = ranks_[r];
    rank.device = devices[r];
    const CurrentDevice current(rank.device);
    for (const int other : devices) {
      if (other != rank.device) open_peer(other);
    }
    check(cudaStreamCreateWithFlags(&rank.stream, cudaStreamNonBlocking), "cudaStreamCreate");
    rank.message = DeviceMemory(static_cast<std::size_t>(shape.bytes));
    rank.result = DeviceMemory(static_cast<std::size_t>(shape.bytes));
    fill_random(rank.message.data(), Element::bf16, static_cast<std::size_t>(shape.bytes) / 2, 1,
                seed, static_cast<std::uint32_t>(r), rank.stream);
  }
  synchronize();
}

AllReduceKernel::~AllReduceKernel() {
  for (Rank& rank : ranks_) {
    if (rank.stream != nullptr) cudaStreamDestroy(rank.stream);
  }
}

void AllReduceKernel::synchronize() {
  for (const Rank& rank : ranks_) check(cudaStreamSynchronize(rank.stream), "all-reduce");
}

Verification AllReduceKernel::verify() {
  for (const Rank& rank : ranks_) {
    const CurrentDevice current(rank.device);
    poison(rank.result.data(), rank.result.bytes(), rank.stream);
  }
  synchronize();
  launch_all();
  synchronize();
  const auto count = static_cast<std::size_t>(shape_.bytes) / 2;
  std::vector<double> sums(count);
  for (const Rank& rank : ranks_) {
    const auto message = fetch<std::uint16_t>(rank.message.data(), count, rank.stream);
    for (std::size_t i = 0; i < count; ++i) sums[i] += value_of_bf16(message[i]);
  }
  ErrorMeter meter;
  for (const Rank& rank : ranks_) {
    const auto result = fetch<std::uint16_t>(rank.result.data(), count, rank.stream);
    for (std::size_t i = 0; i < count; ++i) meter.add(value_of_bf16(result[i]), sums[i]);
  }
  // A ring may round to bf16 at every hop.
  return meter.result(0.004 * static_cast<double>(shape_.group));
}

void AllReduceKernel::capture(int calls) {
  if (ranks_[0].graphs.contains(calls)) return;
  for (const Rank& rank : ranks_) {
    check(cudaStreamBeginCapture(rank.stream, cudaStreamCaptureModeThreadLocal),
          "cudaStreamBeginCapture");
  }
  for (int i = 0; i < calls; ++i) launch_all();
  for (Rank& rank : ranks_) {
    const CurrentDevice current(rank.device);
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(rank.stream, &graph), "cudaStreamEndCapture");
    cudaGraphExec_t executable = nullptr;
    const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "cudaGraphInstantiate");
    rank.graphs[calls].reset(executable);
    check(cudaGraphUpload(executable, rank.stream), "cudaGraphUpload");
  }
}

void AllReduceKernel::replay(int calls) {
  for (Rank& rank : ranks_) {
    const CurrentDevice current(rank.device);
    check(cudaGraphLaunch(rank.graphs.at(calls).get(), rank.stream), "cudaGraphLaunch");
  }
}

double AllReduceKernel::run(int calls, LaunchMode mode) {
  const int rest = calls % longest_graph;
  if (mode == LaunchMode::graph) {
    if (calls >= longest_graph) capture(longest_graph);
    if (rest > 0) capture(rest);
  }
  launch_all();  // the ranks meet, so that none starts late
  check(cudaEventRecord(start_.get(), ranks_[0].stream), "cudaEventRecord");
  if (mode == LaunchMode::graph) {
    for (int i = 0; i < calls / longest_graph; ++i) replay(longest_graph);
    if (rest > 0) replay(rest);
  } else {
    for (int i = 0; i < calls; ++i) launch_all();
  }
  check(cudaEventRecord(stop_.get(), ranks_[0].stream), "cudaEventRecord");
  synchronize();
  float milliseconds = 0;
  check(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()), "cudaEventElapsedTime");
  return static_cast<double>(milliseconds) * 1e-3;
}

double AllReduceKernel::bytes() const {
  return static_cast<double>(shape_.bytes) * (shape_.group + 1);
}

double AllReduceKernel::flop() const {
  return static_cast<double>(shape_.bytes) / 2 * (shape_.group - 1);
}

}  // namespace microdc::kernels::cuda
