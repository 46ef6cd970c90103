#include "calibrate/measure/visits.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "calibrate/law_fit.hpp"
#include "calibrate/measure/variant_choice.hpp"
#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

using kernels::KernelVariant;
using kernels::LaunchMode;
using kernels::Operation;

bool runs(const KernelVariant& variant, const PlannedShape& planned) {
  return variant.operation == planned.operation && variant.format == planned.format &&
         variant.accepts(planned.shape);
}

/// Kernels bound to one memory node of several; they say nothing about the device as a whole.
bool is_of_one_node(const KernelVariant& variant) {
  return variant.name.find('@') != std::string::npos;
}

/// How many points of an operation (of a GEMM: with about so many rows) a law needs at least; three
/// operations share the elementwise law. Together at least min_fit_points, in both regimes that
/// law_fit.hpp asks for.
std::size_t fewest_points(Operation operation, const kernels::Shape& shape) {
  switch (operation) {
    case Operation::gemm: return gemm_regime(static_cast<double>(shape.m)) == "mid" ? 4 : 6;
    case Operation::attention_decode:
    case Operation::attention_prefill:
    case Operation::all_reduce: return min_fit_points;
    default: return 6;
  }
}

std::string bucket_key(const PlannedShape& planned, const std::string& source) {
  return fmt::format("{}/{}/{}/{}", source, name_of(planned.operation), planned.format,
                     bucket_of(planned.operation, planned.shape));
}

}  // namespace

bool is_device_limit(Operation operation) {
  switch (operation) {
    case Operation::memory_read:
    case Operation::memory_write:
    case Operation::memory_copy:
    case Operation::memory_triad:
    case Operation::memory_latency:
    case Operation::arithmetic_peak:
    case Operation::launch: return true;
    default: return false;
  }
}

bool has_working_set(Operation operation) {
  return is_device_limit(operation) && operation != Operation::arithmetic_peak &&
         operation != Operation::launch;
}

bool exceeds_caches(const kernels::Shape& shape, double cache) {
  return static_cast<double>(shape.bytes) >= 4 * cache;
}

std::vector<const KernelVariant*> Visits::limit_variants() const {
  std::vector<const KernelVariant*> chosen;
  std::map<std::pair<Operation, std::string>, int> counted;
  for (auto v = device_.variants().rbegin(); v != device_.variants().rend(); ++v) {
    if (!is_device_limit(v->operation)) continue;
    if (!has_working_set(v->operation) && !v->accepts({})) continue;
    if (settings_.curve_variants > 0) {
      if (is_of_one_node(*v)) continue;
      if (++counted[{v->operation, v->format}] > settings_.curve_variants) continue;
    }
    chosen.push_back(&*v);
  }
  std::reverse(chosen.begin(), chosen.end());
  return chosen;
}

std::vector<Visit> Visits::curve() const {
  std::vector<Visit> visits;
  const auto sizes =
      curve_sizes(static_cast<double>(device_.last_level_cache_bytes()),
                  static_cast<double>(device_.memory_bytes()), settings_.plan.curve_points);
  for (const KernelVariant* candidate : limit_variants()) {
    const KernelVariant& variant = *candidate;
    if (!has_working_set(variant.operation)) {
      visits.push_back(
          {.variant = &variant, .stage = MeasuringStage::curve, .eager = true, .essential = true});
      continue;
    }
    // The largest first: it bounds everything else, should time be short.
    for (auto size = sizes.rbegin(); size != sizes.rend(); ++size) {
      const kernels::Shape shape{.bytes = *size};
      if (!variant.accepts(shape)) continue;
      visits.push_back({.variant = &variant,
                        .shape = shape,
                        .stage = MeasuringStage::curve,
                        .essential = size == sizes.rbegin()});
    }
  }
  for (Visit& visit : visits) visit.eager = visit.eager && settings_.eager;
  std::stable_sort(visits.begin(), visits.end(), [](const Visit& a, const Visit& b) {
    return a.shape.bytes == 0 ? b.shape.bytes != 0
                              : b.shape.bytes != 0 && a.shape.bytes > b.shape.bytes;
  });
  return visits;
}

std::vector<Visit> Visits::memory_again(int pass) const {
  std::vector<Visit> visits = curve();
  std::erase_if(visits, [&](const Visit& visit) {
    return !exceeds_caches(visit.shape, static_cast<double>(device_.last_level_cache_bytes())) ||
           visit.variant->operation == Operation::memory_latency;
  });
  for (Visit& visit : visits) {
    visit.pass = pass;
    visit.essential = false;
  }
  return visits;
}

void Visits::plan_laws(const DeviceLimits& limits) {
  planned_.clear();
  limits_ = limits;
  std::set<std::pair<Operation, std::string>> laws;
  for (const KernelVariant& variant : device_.variants()) {
    if (!is_device_limit(variant.operation)) laws.insert({variant.operation, variant.format});
  }
  for (const auto& [operation, format] : laws) {
    // A quick run leaves out fp32 where engines would compute in 16 bits, others halve it.
    const bool secondary = format == "fp32" && laws.contains({operation, "bf16"});
    if (settings_.skip_fp32 && secondary) continue;
    const AcceptsShape accepts = [&](const PlannedShape& planned) {
      return std::any_of(device_.variants().begin(), device_.variants().end(),
                         [&](const KernelVariant& v) { return runs(v, planned); });
    };
    PlanOptions options = settings_.plan;
    if (secondary) options.points_per_law /= 2;
    const bool small = operation != Operation::gemm && operation != Operation::attention_decode &&
                       operation != Operation::attention_prefill;
    // Four elementwise operations share one law.
    if (small) options.points_per_law = std::max(6, options.points_per_law / 4);
    const auto planned = plan_law(operation, format, limits, options, accepts);
    planned_.insert(planned_.end(), planned.begin(), planned.end());
  }
}

/// Sources with kernels for an operation and format, in the device's order.
std::vector<std::string> Visits::sources_of(const PlannedShape& planned) const {
  std::vector<std::string> sources;
  for (const KernelVariant& v : device_.variants()) {
    if (v.operation != planned.operation || v.format != planned.format) continue;
    if (std::find(sources.begin(), sources.end(), v.source) == sources.end()) {
      sources.push_back(v.source);
    }
  }
  return sources;
}

std::vector<const KernelVariant*> Visits::variants_of(const PlannedShape& planned,
                                                      const std::string& source) const {
  std::vector<const KernelVariant*> found;
  for (const KernelVariant& variant : device_.variants()) {
    if (variant.source == source && runs(variant, planned)) found.push_back(&variant);
  }
  return found;
}

std::vector<Visit> Visits::race() const {
  using Buckets = std::map<std::string, std::vector<const PlannedShape*>>;
  Buckets buckets;
  for (const PlannedShape& planned : planned_) {
    for (const std::string& source : sources_of(planned)) {
      buckets[bucket_key(planned, source)].push_back(&planned);
    }
  }
  // Mixed, so that a lack of time does not hit the same operation always.
  std::map<std::uint64_t, Buckets::value_type*> mixed;
  for (auto& bucket : buckets) {
    mixed[stream_bits(settings_.plan.seed, "measure/race/" + bucket.first, 0)] = &bucket;
  }
  std::vector<Visit> visits;
  const auto limit = static_cast<std::size_t>(settings_.race_variants);
  for (auto& [place, bucket] : mixed) {
    auto& [key, shapes] = *bucket;
    const std::string source = key.substr(0, key.find('/'));
    std::size_t most = 0;
    for (const PlannedShape* shape : shapes) {
      most = std::max(most, variants_of(*shape, source).size());
    }
    std::erase_if(shapes, [&](const PlannedShape* shape) {
      return variants_of(*shape, source).size() < most;
    });
    if (most < 2) continue;
    const PlannedShape& typical = **std::min_element(
        shapes.begin(), shapes.end(), [&](const PlannedShape* a, const PlannedShape* b) {
          return distance_to_race(*a) < distance_to_race(*b);
        });
    auto contenders = variants_of(typical, source);
    if (settings_.race_variants > 0 && contenders.size() > limit) {
      contenders.erase(contenders.begin(), contenders.end() - settings_.race_variants);
    }
    for (const KernelVariant* variant : contenders) {
      visits.push_back({.variant = variant, .shape = typical.shape, .stage = MeasuringStage::race});
    }
  }
  // The first round backwards: the plainest, which may take a hundred times as long, come when it
  // is known how long is too long.
  std::reverse(visits.begin(), visits.end());
  const std::size_t first_round = settings_.race_rounds > 1 ? visits.size() : 0;
  for (std::size_t i = first_round; i-- > 0;) {
    visits.push_back(visits[i]);
    visits.back().pass = 2;
  }
  return visits;
}

double Visits::distance_to_race(const PlannedShape& planned) const {
  return std::abs(std::log(light_seconds(planned, limits_) / settings_.race));
}

std::vector<Visit> Visits::laws(const std::vector<VariantChoice>& choices) const {
  std::map<std::string, std::string> chosen;
  for (const VariantChoice& c : choices) {
    chosen[fmt::format("{}/{}/{}/{}", c.kernel_source, c.operation, c.format, c.bucket)] =
        c.variant;
  }
  std::vector<std::pair<std::uint64_t, Visit>> shuffled;
  for (std::size_t i = 0; i < planned_.size(); ++i) {
    for (const std::string& source : sources_of(planned_[i])) {
      const auto variants = variants_of(planned_[i], source);
      if (variants.empty()) continue;
      const auto choice = chosen.find(bucket_key(planned_[i], source));
      // Where time was too short for a race: the most elaborate.
      const KernelVariant* variant = variants.back();
      for (const KernelVariant* candidate : variants) {
        if (choice != chosen.end() && candidate->name == choice->second) variant = candidate;
      }
      shuffled.emplace_back(
          stream_bits(settings_.plan.seed, "measure/order/" + source, i),
          Visit{.variant = variant, .shape = planned_[i].shape, .eager = settings_.eager});
    }
  }
  std::stable_sort(shuffled.begin(), shuffled.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  mark_essential(shuffled);
  std::vector<Visit> visits;
  for (const bool essential : {true, false}) {
    for (auto& [place, visit] : shuffled) {
      if (visit.essential == essential) visits.push_back(visit);
    }
  }
  return visits;
}

void Visits::mark_essential(std::vector<std::pair<std::uint64_t, Visit>>& shuffled) const {
  std::map<std::string, std::size_t> counted;
  for (auto& [place, visit] : shuffled) {
    const KernelVariant& v = *visit.variant;
    std::string group = fmt::format("{}/{}/{}", v.source, name_of(v.operation), v.format);
    if (v.operation == Operation::gemm) group += gemm_regime(static_cast<double>(visit.shape.m));
    visit.essential = counted[group]++ < fewest_points(v.operation, visit.shape);
  }
}

std::vector<Visit> Visits::extremes(const std::vector<MeasuredPoint>& points) const {
  std::map<std::string, const MeasuredPoint*> longest;
  for (const MeasuredPoint& point : points) {
    const bool copy = point.operation == Operation::memory_copy;
    const bool law =
        point.stage == MeasuringStage::law &&
        (point.operation == Operation::gemm || point.operation == Operation::attention_decode ||
         point.operation == Operation::attention_prefill);
    if (!point.has_time() || point.mode == LaunchMode::eager || !(copy || law)) continue;
    // The first pass alone: the same command again must find the same ones.
    if (point.source != "own" || point.pass > 1) continue;
    // One GEMM is enough: the 16-bit one where there is one.
    const bool other_format = point.operation == Operation::gemm && point.format != "bf16" &&
                              point.format != "fp16" && point.format != "fp32";
    if (other_format) continue;
    const MeasuredPoint*& best =
        longest[std::string(name_of(point.operation)) + (copy ? "" : "/" + point.format)];
    const auto longer = [&](const MeasuredPoint& other) {
      if (!copy) return point.seconds > other.seconds;
      return point.shape.bytes > other.shape.bytes ||
             (point.shape.bytes == other.shape.bytes && point.seconds < other.seconds);
    };
    if (!best || longer(*best)) best = &point;
  }
  std::vector<Visit> visits;
  for (const auto& [key, point] : longest) {
    for (const KernelVariant& variant : device_.variants()) {
      if (variant.operation == point->operation && variant.format == point->format &&
          variant.source == point->source && variant.name == point->variant) {
        visits.push_back({.variant = &variant, .shape = point->shape});
      }
    }
  }
  return visits;
}

}  // namespace microdc
