// Pointer chase, and the empty kernel.
#include "kernels/cuda/chase.cuh"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/registry.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

/// Hops per call that is timed; one call counts as one of them, so the launch weighs little.
constexpr int hops_per_call = 4096;

class ChaseKernel final : public TimedKernel {
 public:
  ChaseKernel(Context& context, const Shape& shape)
      : TimedKernel(context),
        lines_(static_cast<std::uint32_t>(shape.bytes / chase_line_bytes)),
        memory_(static_cast<std::size_t>(lines_) * chase_line_bytes),
        position_(sizeof(std::uint32_t)) {
    lay_chase_path<<<blocks_for(std::min<std::int64_t>(lines_, 1 << 20), 256), 256, 0,
                     context.stream()>>>(memory_.as<std::uint32_t>(), lines_);
    check(cudaGetLastError(), "launch of the kernel that lays the path");
    check(cudaMemsetAsync(position_.data(), 0, position_.bytes(), context.stream()),
          "cudaMemsetAsync");
    context.synchronize("laying the path");
  }

  Verification verify() override {
    const auto position = [&] {
      return fetch<std::uint32_t>(position_.data(), 1, context().stream())[0];
    };
    const ChasePath path(lines_);
    std::uint32_t expected = position();
    for (int i = 0; i < hops_per_call; ++i) expected = path.next(expected);
    launch(context().stream(), 0);
    ErrorMeter meter;
    meter.add_exact(position() == expected);
    return meter.result(0);
  }

  /// Warm: the working set decides which level of the hierarchy answers.
  double run(int calls, LaunchMode mode) override {
    if (!warm_) {
      // One round through a working set that the cache may hold.
      const std::int64_t cached = 2 * context().limits().l2_bytes / chase_line_bytes;
      const std::int64_t hops = lines_ <= cached ? lines_ : 0;
      for (std::int64_t done = 0; done < hops; done += hops_per_call) launch(context().stream(), 0);
      warm_ = true;
    }
    return TimedKernel::run(calls, mode) / hops_per_call;
  }

  /// Of one hop.
  double bytes() const override { return chase_line_bytes; }
  double flop() const override { return 0; }

 protected:
  void launch(cudaStream_t stream, int) override {
    chase<<<1, 1, 0, stream>>>(memory_.as<std::uint32_t>(), hops_per_call,
                               position_.as<std::uint32_t>());
    check(cudaGetLastError(), "launch of the pointer chase");
  }
  int slots() const override { return 1; }
  bool starts_cold() const override { return false; }

 private:
  std::uint32_t lines_;
  DeviceMemory memory_, position_;
  bool warm_ = false;
};

__global__ void empty_kernel() {}

class EmptyKernel final : public TimedKernel {
 public:
  explicit EmptyKernel(Context& context) : TimedKernel(context) {}
  /// Has no result; that it runs at all is what can be checked.
  Verification verify() override {
    launch(context().stream(), 0);
    context().synchronize("empty kernel");
    return {.passed = true};
  }
  double bytes() const override { return 0; }
  double flop() const override { return 0; }

 protected:
  void launch(cudaStream_t stream, int) override {
    empty_kernel<<<1, 32, 0, stream>>>();
    check(cudaGetLastError(), "launch of the empty kernel");
  }
  int slots() const override { return 1; }
};

}  // namespace

void add_latency(Registry& registry) {
  registry.add({.operation = Operation::memory_latency,
                .format = "fp32",
                .name = "chase",
                .accepts =
                    [](const Limits& limits, const Shape& shape) {
                      return shape.bytes >= chase_line_bytes &&
                             shape.bytes / chase_line_bytes < (std::int64_t{1} << 31) &&
                             shape.bytes <= limits.memory_bytes / 10 * 9;
                    },
                .prepare = [](Context& context, const Shape& shape,
                              std::uint64_t) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<ChaseKernel>(context, shape);
                }});
  registry.add({.operation = Operation::launch,
                .format = "fp32",
                .name = "empty",
                .accepts = [](const Limits&, const Shape&) { return true; },
                .prepare = [](Context& context, const Shape&,
                              std::uint64_t) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<EmptyKernel>(context);
                }});
}

}  // namespace microdc::kernels::cuda
