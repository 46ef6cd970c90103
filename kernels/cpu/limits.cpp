// Limits of the machine beside its bandwidth: latency of memory, arithmetic peak, and what a
// parallel region costs.
#include <numeric>

#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/cpu_kernel.hpp"

namespace microdc::kernels {
namespace {

/// Hops along a random cycle through all cache lines of the working set; a call is one hop.
class PointerChase final : public CpuKernel {
 public:
  PointerChase(const CpuContext& context, std::int64_t bytes, std::uint64_t seed)
      : CpuKernel(context, 1), lines_(bytes / line_bytes), next_(lines_ * per_line) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(lines_));
    std::iota(order.begin(), order.end(), 0);
    // Sattolo's algorithm: a single cycle.
    for (std::int64_t i = lines_ - 1; i > 0; --i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      std::swap(order[i],
                order[static_cast<std::int64_t>((seed >> 16) % static_cast<std::uint64_t>(i))]);
    }
    for (std::int64_t i = 0; i < lines_; ++i) next_[i * per_line] = order[i] * per_line;
  }

  double run(int calls, LaunchMode mode) override {
    hops_ = calls;
    return CpuKernel::run(1, mode);
  }

  /// The cycle must lead through every line.
  Verification verify() override {
    std::int64_t at = 0, length = 0;
    do {
      at = next_[at];
      ++length;
    } while (at != 0 && length <= lines_);
    Comparison comparison;
    comparison.add(static_cast<double>(length), static_cast<double>(lines_));
    return comparison.verdict(0);
  }

  [[nodiscard]] double bytes() const override { return line_bytes; }
  [[nodiscard]] double flop() const override { return 0; }

 private:
  static constexpr std::int64_t line_bytes = 64, per_line = 8;

  void call(int) override {
    std::int64_t at = at_;
    for (int i = 0; i < hops_; ++i) at = next_[at];
    at_ = at;
  }

  const std::int64_t lines_;
  Buffer<std::int64_t> next_;
  std::int64_t at_ = 0;
  int hops_ = 1;
};

class EmptyRegion final : public CpuKernel {
 public:
  explicit EmptyRegion(const CpuContext& context) : CpuKernel(context, 1) {}

  Verification verify() override {
    std::vector<int> visits(static_cast<std::size_t>(pool_.size()));
    pool_.run([&](int thread) { ++visits[thread]; });
    Comparison comparison;
    for (const int count : visits) comparison.add(count, 1);
    return comparison.verdict(0);
  }

  [[nodiscard]] double bytes() const override { return 0; }
  [[nodiscard]] double flop() const override { return 0; }

 private:
  void call(int) override {
    pool_.run([](int) {});
  }
};

class PeakArithmetic final : public CpuKernel {
 public:
  PeakArithmetic(const CpuContext& context, const simd::Peak& peak)
      : CpuKernel(context, 1),
        peak_(peak),
        results_(static_cast<std::size_t>(context.pool.size())) {}

  /// Registers only: all threads must come to the same number.
  Verification verify() override {
    call(0);
    Comparison comparison;
    for (const float result : results_) comparison.add(result, results_.front());
    return comparison.verdict(0);
  }

  [[nodiscard]] double bytes() const override { return 0; }
  [[nodiscard]] double flop() const override {
    return peak_.operations_per_round * rounds * pool_.size();
  }

 private:
  static constexpr std::int64_t rounds = 100000;

  void call(int) override {
    pool_.run([&](int thread) { results_[thread] = peak_.run(rounds); });
  }

  const simd::Peak& peak_;
  std::vector<float> results_;
};

}  // namespace

void add_latency(const CpuContext& context, Variants& variants) {
  variants.push_back({.operation = Operation::memory_latency,
                      .source = "own",
                      .name = "chase",
                      .accepts = [](const Shape& shape) { return shape.bytes >= 4096; },
                      .prepare = [&context](const Shape& shape,
                                            std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                        // The order takes as much as an eighth again.
                        if (!fits_in_memory(2 * shape.bytes)) return nullptr;
                        return std::make_unique<PointerChase>(context, shape.bytes, seed);
                      }});
}

void add_launch(const CpuContext& context, Variants& variants) {
  variants.push_back(
      {.operation = Operation::launch,
       .source = "own",
       .name = "parallel_region",
       .accepts = [](const Shape&) { return true; },
       .prepare = [&context](const Shape&,
                             std::uint64_t) { return std::make_unique<EmptyRegion>(context); }});
}

void add_peaks(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const auto add = [&](const char* format, const simd::Peak& peak) {
    if (!peak.run) return;
    variants.push_back({.operation = Operation::arithmetic_peak,
                        .format = format,
                        .source = "own",
                        .name = set.name,
                        .accepts = [](const Shape&) { return true; },
                        .prepare =
                            [&context, &peak](const Shape&, std::uint64_t) {
                              return std::make_unique<PeakArithmetic>(context, peak);
                            }});
  };
  add("fp32", set.table->peak_fp32);
  add("bf16", set.table->peak_bf16);
  add("int8", set.table->peak_int8);
}

}  // namespace microdc::kernels
