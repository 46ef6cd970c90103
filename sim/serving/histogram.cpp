#include "sim/serving/histogram.hpp"

#include <cmath>

namespace microdc {

void DurationHistogram::merge(const DurationHistogram& other) {
  for (std::size_t i = 0; i < bucket_count; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  sum_ += other.sum_;
}

std::optional<double> DurationHistogram::mean_seconds() const {
  if (count_ == 0) return std::nullopt;
  return static_cast<double>(sum_) / static_cast<double>(count_) * (1e-9 / 65536);
}

std::optional<double> DurationHistogram::percentile_seconds(double share) const {
  const auto total = static_cast<double>(count_);
  // 1e-9: 100 samples do support p99 although 100 * (1 - 0.99) is a hair below 1 in binary.
  if (count_ == 0 || total * (1 - share) < 1 - 1e-9) return std::nullopt;
  const double rank = share * total;  // samples at or below the percentile
  std::int64_t below = 0;
  for (std::size_t i = 0; i < bucket_count; ++i) {
    if (buckets_[i] == 0) continue;
    const auto up_to = static_cast<double>(below + buckets_[i]);
    if (up_to >= rank) {
      const auto low = static_cast<double>(lower_bound(i));
      const auto width = static_cast<double>(lower_bound(i + 1) - lower_bound(i));
      if (width <= 1) return low * 1e-9;
      const double within = (rank - static_cast<double>(below)) / static_cast<double>(buckets_[i]);
      return (low + width * within) * 1e-9;
    }
    below += buckets_[i];
  }
  return std::nullopt;
}

std::optional<double> DurationHistogram::share_within(double seconds) const {
  if (count_ == 0) return std::nullopt;
  const auto limit = static_cast<std::int64_t>(std::llround(std::min(seconds * 1e9, 9e18)));
  std::int64_t within = 0;
  const std::size_t last = bucket_of(limit);
  for (std::size_t i = 0; i <= last; ++i) within += buckets_[i];
  return static_cast<double>(within) / static_cast<double>(count_);
}

}  // namespace microdc
