#include "kernels/cpu/thread_pool.hpp"

#include <sched.h>

#include <algorithm>
#include <cstring>

namespace microdc::kernels {
namespace {

/// Spinning this long covers the gaps within a measurement (some tens of microseconds); whoever
/// waits longer shares a CPU with others or has nothing to do.
constexpr int spins_before_yield = 4000;
constexpr int yields_before_sleep = 200;

void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

/// Spins, then yields, until `ready`; false if that took too long and `sleep` would be kinder.
template <class Ready>
bool spin_until(const Ready& ready) {
  for (int i = 0; i < spins_before_yield; ++i) {
    if (ready()) return true;
    pause_briefly();
  }
  for (int i = 0; i < yields_before_sleep; ++i) {
    if (ready()) return true;
    sched_yield();
  }
  return ready();
}

}  // namespace

void pin_to(int cpu) {
  cpu_set_t mask;
  CPU_ZERO(&mask);
  CPU_SET(static_cast<std::size_t>(cpu), &mask);
  sched_setaffinity(0, sizeof mask, &mask);
}

ThreadPool::ThreadPool(const std::vector<int>& cpus)
    : size_(std::max<int>(1, static_cast<int>(cpus.size()))) {
  cpu_set_t before;
  if (sched_getaffinity(0, sizeof before, &before) == 0) {
    creators_mask_.resize(sizeof before);
    std::memcpy(creators_mask_.data(), &before, sizeof before);
  }
  if (!cpus.empty()) pin_to(cpus.front());
  for (int thread = 1; thread < size_; ++thread) {
    workers_.emplace_back([this, thread, cpu = cpus[thread]] { work(thread, cpu); });
  }
}

ThreadPool::~ThreadPool() {
  invoke_ = nullptr;
  region_.fetch_add(1, std::memory_order_release);
  region_.notify_all();
  for (std::thread& worker : workers_) worker.join();
  if (creators_mask_.empty()) return;
  cpu_set_t before;
  std::memcpy(&before, creators_mask_.data(), sizeof before);
  sched_setaffinity(0, sizeof before, &before);
}

void ThreadPool::run_erased(Invoke invoke, const void* context) {
  if (size_ == 1) return invoke(context, 0);
  invoke_ = invoke;
  context_ = context;
  finished_.store(0, std::memory_order_relaxed);
  region_.fetch_add(1, std::memory_order_release);
  region_.notify_all();
  invoke(context, 0);
  const auto others = static_cast<std::uint32_t>(size_ - 1);
  while (!spin_until([&] { return finished_.load(std::memory_order_acquire) == others; })) {
  }
}

void ThreadPool::work(int thread, int cpu) {
  pin_to(cpu);
  std::uint32_t seen = 0;
  while (true) {
    const auto changed = [&] { return region_.load(std::memory_order_acquire) != seen; };
    while (!spin_until(changed)) region_.wait(seen, std::memory_order_acquire);
    ++seen;
    if (invoke_ == nullptr) return;
    invoke_(context_, thread);
    finished_.fetch_add(1, std::memory_order_release);
  }
}

void ThreadPool::barrier() {
  if (size_ == 1) return;
  const std::uint32_t generation = passed_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == static_cast<std::uint32_t>(size_)) {
    arrived_.store(0, std::memory_order_relaxed);
    passed_.store(generation + 1, std::memory_order_release);
    return;
  }
  while (!spin_until([&] { return passed_.load(std::memory_order_acquire) != generation; })) {
  }
}

}  // namespace microdc::kernels
