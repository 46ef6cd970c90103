#include "kernels/cpu/cpu_kernel.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "kernels/cpu/buffer.hpp"

namespace microdc::kernels {

double CpuKernel::run(int calls, LaunchMode) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point start = Clock::now();
  for (int i = 0; i < calls; ++i) {
    call(next_);
    if (++next_ == copies_) next_ = 0;
  }
  return std::chrono::duration<double>(Clock::now() - start).count();
}

int copies_past_cache(const CpuContext& context, std::int64_t bytes) {
  constexpr std::int64_t most = 1 << 16;
  const std::int64_t needed = 4 * context.cache_bytes / std::max<std::int64_t>(1, bytes) + 1;
  return static_cast<int>(std::min(needed, most));
}

bool fits_in_memory(std::int64_t bytes) { return bytes <= available_memory() / 2; }

void Comparison::add(double result, double reference) {
  largest_difference_ = std::max(largest_difference_, std::abs(result - reference));
  squares_ += reference * reference;
  ++count_;
  finite_ = finite_ && std::isfinite(result);
}

Verification Comparison::verdict(double tolerance) const {
  const double scale = count_ > 0 ? std::sqrt(squares_ / static_cast<double>(count_)) : 0;
  Verification verdict{.tolerance = tolerance};
  verdict.largest_error = scale > 0 ? largest_difference_ / scale : HUGE_VAL;
  verdict.passed = finite_ && verdict.largest_error <= tolerance;
  return verdict;
}

}  // namespace microdc::kernels
