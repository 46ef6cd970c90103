// Pinned threads and a parallel region that costs about a microsecond.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace microdc::kernels {

/// Half-open range of indices.
struct Range {
  std::int64_t begin = 0, end = 0;
  [[nodiscard]] std::int64_t size() const { return end - begin; }
};

/// Part `part` of `parts` of 0…count-1, in whole multiples of `grain` (but for the last one).
inline Range split(std::int64_t count, std::int64_t grain, int part, int parts) {
  const std::int64_t grains = (count + grain - 1) / grain;
  const auto edge = [&](std::int64_t i) {
    const std::int64_t at = grains * i / parts * grain;
    return at < count ? at : count;
  };
  return {edge(part), edge(part + 1)};
}

/// Of the calling thread; a CPU that it may not use leaves it where it is.
void pin_to(int cpu);

/// One thread per given CPU, pinned to it; the creator is the first one and is unpinned again by
/// the destructor. Only the creator may call run.
class ThreadPool {
 public:
  /// CPUs that cannot be pinned to (a changed cpuset) are used unpinned. At least one.
  explicit ThreadPool(const std::vector<int>& cpus);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  [[nodiscard]] int size() const { return size_; }

  /// Calls body(thread) on every thread, 0 being the caller, and waits for all.
  template <class Body>
  void run(const Body& body) {
    run_erased(
        [](const void* context, int thread) { (*static_cast<const Body*>(context))(thread); },
        &body);
  }

  /// Within a region: waits until every thread has come here. All or none must call it.
  void barrier();

 private:
  using Invoke = void (*)(const void* context, int thread);

  void run_erased(Invoke invoke, const void* context);
  void work(int thread, int cpu);

  int size_ = 1;
  std::vector<std::thread> workers_;
  std::vector<unsigned char> creators_mask_;  ///< cpu_set_t before pinning
  Invoke invoke_ = nullptr;                   ///< null: end
  const void* context_ = nullptr;
  // Each on its own cache line: they are spun on.
  alignas(64) std::atomic<std::uint32_t> region_{0};
  alignas(64) std::atomic<std::uint32_t> finished_{0};
  alignas(64) std::atomic<std::uint32_t> arrived_{0};
  alignas(64) std::atomic<std::uint32_t> passed_{0};
};

}  // namespace microdc::kernels
