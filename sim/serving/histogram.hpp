// A sketch of a distribution of durations: constant memory, exact counts, percentiles within 0.4 %.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

namespace microdc {

/// For sums over long runs, which exceed 64 bits.
__extension__ using Wide = __int128;

/// Log-linear histogram of non-negative integers (nanoseconds): exact below 256, then 128 buckets
/// per octave. Values are counted, never stored, so two ways of adding the same values give the same
/// histogram. Buckets are those of HdrHistogram.
class DurationHistogram {
 public:
  void add(std::int64_t value) {
    count_only(value, 1);
    sum_ += static_cast<Wide>(value) << 16;
  }
  /// For many values at once: counts them in the bucket of `value`; their exact sum follows by
  /// add_sum.
  void count_only(std::int64_t value, std::int64_t count) {
    buckets_[bucket_of(value)] += count;
    count_ += count;
  }
  /// Adds to the sum behind the mean, in 2^-16 nanoseconds.
  void add_sum(Wide ticks) { sum_ += ticks; }
  void merge(const DurationHistogram& other);

  [[nodiscard]] std::int64_t count() const { return count_; }
  /// Mean in seconds; empty without samples.
  [[nodiscard]] std::optional<double> mean_seconds() const;
  /// Percentile in seconds, 0 < share < 1; empty when the sample cannot support it: fewer than one
  /// sample expected above it (count * (1 - share) < 1), or none at all.
  [[nodiscard]] std::optional<double> percentile_seconds(double share) const;
  /// Share of samples not above `seconds` (to the width of a bucket); empty without samples.
  [[nodiscard]] std::optional<double> share_within(double seconds) const;

  /// First value above the bucket of `value`.
  static std::int64_t bucket_end(std::int64_t value) { return lower_bound(bucket_of(value) + 1); }

 private:
  static constexpr int sub_bits = 7;
  static constexpr std::size_t bucket_count = ((63 - sub_bits) << sub_bits) + (2 << sub_bits);
  static std::size_t bucket_of(std::int64_t value) {
    const auto v = static_cast<std::uint64_t>(value < 0 ? 0 : value);
    const int shift = std::max(0, static_cast<int>(std::bit_width(v)) - 1 - sub_bits);
    return (static_cast<std::size_t>(shift) << sub_bits) + static_cast<std::size_t>(v >> shift);
  }
  static std::int64_t lower_bound(std::size_t bucket) {
    if (bucket < (std::size_t{2} << sub_bits)) return static_cast<std::int64_t>(bucket);
    const std::size_t shift = (bucket >> sub_bits) - 1;
    return static_cast<std::int64_t>((bucket - (shift << sub_bits)) << shift);
  }

  std::vector<std::int64_t> buckets_ = std::vector<std::int64_t>(bucket_count);
  std::int64_t count_ = 0;
  Wide sum_ = 0;  // [2^-16 ns]
};

}  // namespace microdc
