#include "calibrate/measure/variant_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace microdc {
namespace {

using kernels::Operation;

std::string step_of(std::string_view what, double value, std::initializer_list<int> limits) {
  for (const int limit : limits) {
    if (value <= limit) return fmt::format("{}<={}", what, limit);
  }
  return fmt::format("{}>{}", what, *(limits.end() - 1));
}

/// Rounds of the race on one variant, as one contender.
void add_round(std::vector<Contender>& contenders, const MeasuredPoint& point) {
  const auto same = std::find_if(contenders.begin(), contenders.end(),
                                 [&](const Contender& c) { return c.variant == point.variant; });
  if (same == contenders.end()) {
    contenders.push_back({point.variant, point.seconds, point.low, point.high});
    return;
  }
  same->median = 0.5 * (same->median + point.seconds);
  same->low = std::min(same->low, point.low);
  same->high = std::max(same->high, point.high);
}

}  // namespace

std::string bucket_of(Operation operation, const kernels::Shape& shape) {
  switch (operation) {
    case Operation::gemm: return step_of("m", static_cast<double>(shape.m), {1, 8, 64, 512});
    case Operation::attention_decode:
      return step_of("sequences*kv_heads", static_cast<double>(shape.batch * shape.kv_heads),
                     {16, 128});
    case Operation::attention_prefill:
      return step_of("queries", static_cast<double>(shape.queries), {128, 1024});
    case Operation::all_reduce:
      return step_of("KiB", static_cast<double>(shape.bytes) / 1024, {64, 1024});
    case Operation::elementwise_norm:
    case Operation::elementwise_act:
    case Operation::elementwise_rope:
    case Operation::elementwise_quantise:
    case Operation::sampling: return step_of("m", static_cast<double>(shape.m), {16});
    case Operation::memory_read:
    case Operation::memory_write:
    case Operation::memory_copy:
    case Operation::memory_triad:
    case Operation::memory_latency:
    case Operation::arithmetic_peak:
    case Operation::launch: break;
  }
  return "all";
}

/// A plainer variant may be slower by this much; wide intervals alone do not make it as good.
constexpr double as_good = 1.1;

VariantChoice choose_variant(const std::vector<Contender>& contenders) {
  const auto fastest =
      std::min_element(contenders.begin(), contenders.end(),
                       [](const Contender& a, const Contender& b) { return a.median < b.median; });
  const auto equals_fastest = [&](const Contender& c) {
    // Its median is not smaller, so only this side can overlap.
    return c.low <= fastest->high && c.median <= as_good * fastest->median;
  };
  const auto chosen = std::find_if(contenders.begin(), contenders.end(), equals_fastest);
  const Contender* runner_up = nullptr;
  bool overlaps = false;
  for (const Contender& candidate : contenders) {
    if (&candidate == &*chosen) continue;
    if (!runner_up || candidate.median < runner_up->median) runner_up = &candidate;
    overlaps = overlaps || (&candidate != &*fastest && equals_fastest(candidate));
  }
  VariantChoice choice{.variant = chosen->variant, .seconds = chosen->median};
  if (!runner_up) {
    choice.rule = "only variant";
    return choice;
  }
  choice.runner_up = runner_up->variant;
  choice.margin = runner_up->median / chosen->median - 1;
  choice.rule = chosen == fastest && !overlaps ? "fastest" : "intervals overlap, plainest";
  return choice;
}

std::vector<VariantChoice> choose_variants(const std::vector<MeasuredPoint>& points) {
  using Bucket = std::tuple<Operation, std::string, std::string, std::string>;
  std::map<Bucket, std::map<std::string, std::vector<Contender>>> buckets;  // races by shape
  for (const MeasuredPoint& point : points) {
    if (point.stage != MeasuringStage::race || !point.has_time()) continue;
    const Bucket bucket{point.operation, point.source, point.format,
                        bucket_of(point.operation, point.shape)};
    const std::string shape = key_of({.operation = point.operation, .shape = point.shape});
    add_round(buckets[bucket][shape], point);
  }
  std::vector<VariantChoice> choices;
  for (auto& [key, races] : buckets) {
    // Times of different shapes do not compare.
    auto& contenders =
        std::max_element(races.begin(), races.end(), [](const auto& a, const auto& b) {
          return a.second.size() < b.second.size();
        })->second;
    std::reverse(contenders.begin(), contenders.end());
    VariantChoice choice = choose_variant(contenders);
    choice.operation = name_of(std::get<0>(key));
    choice.kernel_source = std::get<1>(key);
    choice.format = std::get<2>(key);
    choice.bucket = std::get<3>(key);
    choices.push_back(std::move(choice));
  }
  return choices;
}

}  // namespace microdc
