// What the kernels of a CPU have in common: threads, rotating buffers, the clock, the comparison.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/cpu/instruction_sets.hpp"
#include "kernels/cpu/thread_pool.hpp"
#include "kernels/kernel.hpp"

namespace microdc::kernels {

/// What variants need to know of the machine. Outlives them.
struct CpuContext {
  ThreadPool& pool;
  std::int64_t cache_bytes = 0;  ///< last level, all caches in use
  std::vector<int> nodes;        ///< memory node of each thread of the pool
  std::vector<int> cpus;         ///< CPU of each thread of the pool
};

/// Calls that rotate over `copies` sets of operands.
class CpuKernel : public PreparedKernel {
 public:
  CpuKernel(const CpuContext& context, int copies) : pool_(context.pool), copies_(copies) {}
  double run(int calls, LaunchMode mode) override;

 protected:
  /// One call on operands 0…copies-1.
  virtual void call(int copy) = 0;

  ThreadPool& pool_;
  const int copies_;

 private:
  int next_ = 0;
};

/// So many copies of `bytes` that they exceed four times the last-level cache.
int copies_past_cache(const CpuContext& context, std::int64_t bytes);
/// Whether so much may be allocated: half of what is available.
bool fits_in_memory(std::int64_t bytes);

/// Collects pairs of result and reference. The scale of errors is the reference's root mean square.
class Comparison {
 public:
  void add(double result, double reference);
  [[nodiscard]] Verification verdict(double tolerance) const;

 private:
  double largest_difference_ = 0;
  double squares_ = 0;
  std::int64_t count_ = 0;
  bool finite_ = true;
};

/// Largest relative errors of correct kernels. Rounding the activations to bf16 costs 0.1 % of the
/// scale per result (root mean square), quantising them to int8 by groups 0.9 %; largest of
/// thousands of results: five times that.
inline constexpr double tolerance_fp32 = 2e-4, tolerance_bf16 = 1.2e-2, tolerance_int8 = 8e-2;

inline std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// The lists of variants, each in its own file.
using Variants = std::vector<KernelVariant>;
void add_streams(const CpuContext& context, const InstructionSet& set, Variants& variants);
void add_latency(const CpuContext& context, Variants& variants);
void add_launch(const CpuContext& context, Variants& variants);
void add_peaks(const CpuContext& context, const InstructionSet& set, Variants& variants);
void add_row_products(const CpuContext& context, const InstructionSet& set, Variants& variants);
void add_panel_products(const CpuContext& context, const InstructionSet& set, Variants& variants);
void add_attention(const CpuContext& context, const InstructionSet& set, Variants& variants);
void add_elementwise(const CpuContext& context, const InstructionSet& set, Variants& variants);

}  // namespace microdc::kernels
