#include "calibrate/measure/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "hwprofiles/laws/draws.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {
namespace {

using kernels::Operation;

/// Shapes drawn per point of a law, from which the strata choose.
constexpr std::uint64_t candidates_per_point = 64;

/// Pseudo-random sizes of one stream.
class Sizes {
 public:
  Sizes(std::uint64_t seed, std::string purpose) : seed_(seed), purpose_(std::move(purpose)) {}

  [[nodiscard]] const std::string& purpose() const { return purpose_; }
  double uniform() {
    return static_cast<double>(stream_bits(seed_, purpose_, index_++) >> 11) * 0x1p-53;
  }
  /// Uniform in the logarithm, rounded to a multiple of `step`.
  std::int64_t size(double low, double high, std::int64_t step = 1) {
    const double value = low * std::pow(std::max(1.0, high / low), uniform());
    const double steps = std::round(value / static_cast<double>(step));
    return std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)) * step;
  }
  template <class T>
  T one_of(std::initializer_list<T> values) {
    const auto i = static_cast<std::size_t>(uniform() * static_cast<double>(values.size()));
    return *(values.begin() + static_cast<std::ptrdiff_t>(std::min(i, values.size() - 1)));
  }

 private:
  std::uint64_t seed_;
  std::string purpose_;
  std::uint64_t index_ = 0;
};

/// Dimension of a weight matrix: mostly multiples of 128 as models have them, some of 64 or 32 and
/// some that are no multiple of anything a tile likes.
std::int64_t dimension(Sizes& sizes, double high) {
  return sizes.size(512, high, sizes.one_of<std::int64_t>({128, 128, 128, 64, 32, 8}));
}

/// Tokens by regime: rows of a GEMM are read-bound, between, or arithmetic-bound.
constexpr struct { double low, high; } gemm_regimes[] = {{1, 64}, {65, 512}, {513, 8192}};

kernels::Shape draw_gemm(Sizes& sizes, std::size_t regime) {
  kernels::Shape shape;
  shape.m = sizes.size(gemm_regimes[regime].low, gemm_regimes[regime].high);
  // One token of one person: the commonest step of a small office, and often a kernel of its own.
  if (regime == 0 && sizes.uniform() < 0.3) shape.m = 1;
  // Half of them at the sizes at which engines capture their graphs.
  if (sizes.uniform() < 0.5 && shape.m >= 8) shape.m = shape.m / 8 * 8;
  shape.n = dimension(sizes, 32768);
  shape.k = dimension(sizes, 32768);
  return shape;
}

void draw_heads(Sizes& sizes, kernels::Shape& shape) {
  shape.kv_heads = sizes.one_of<std::int64_t>({1, 2, 4, 8, 8, 16});
  shape.q_heads = shape.kv_heads * sizes.one_of<std::int64_t>({1, 2, 4, 4, 5, 8});
  shape.head_dim = sizes.one_of<std::int64_t>({64, 128, 128, 128});
}

kernels::Shape draw_decode(Sizes& sizes) {
  kernels::Shape shape;
  draw_heads(sizes, shape);
  shape.batch = sizes.size(1, 512);
  shape.context = sizes.size(64, 131072);
  shape.queries = 1;
  return shape;
}

kernels::Shape draw_prefill(Sizes& sizes) {
  kernels::Shape shape;
  draw_heads(sizes, shape);
  shape.batch = sizes.one_of<std::int64_t>({1, 1, 1, 2, 4});
  shape.queries = sizes.size(16, 16384);
  // Half are whole prompts, half are chunks behind a prefix.
  shape.context = shape.queries + (sizes.uniform() < 0.5 ? 0 : sizes.size(16, 32768));
  return shape;
}

kernels::Shape draw_elementwise(Sizes& sizes, Operation operation) {
  kernels::Shape shape;
  if (operation == Operation::sampling) {
    shape.m = sizes.size(1, 512);
    shape.n = sizes.one_of<std::int64_t>({32000, 128256, 151936});
    return shape;
  }
  shape.m = sizes.size(1, 16384);
  shape.n = dimension(sizes, 16384);
  if (operation == Operation::elementwise_rope) {
    draw_heads(sizes, shape);
    shape.n = shape.head_dim * (shape.q_heads + shape.kv_heads);
  }
  return shape;
}

/// Regimes that each need points of their own (law_fit.hpp: an efficiency without is a guess).
std::vector<double> regime_shares(Operation operation) {
  return operation == Operation::gemm ? std::vector{0.375, 0.25, 0.375} : std::vector{1.0};
}

kernels::Shape draw(Sizes& sizes, Operation operation, std::size_t regime) {
  switch (operation) {
    case Operation::gemm: return draw_gemm(sizes, regime);
    case Operation::attention_decode: return draw_decode(sizes);
    case Operation::attention_prefill: return draw_prefill(sizes);
    default: return draw_elementwise(sizes, operation);
  }
}

std::vector<PlannedShape> plan_all_reduce(const std::string& format, const PlanOptions& options,
                                          const AcceptsShape& accepts) {
  std::vector<PlannedShape> planned;
  for (const int group : {2, 4, 8, 16}) {
    for (std::int64_t bytes = 256; bytes <= 512 << 20; bytes *= 2) {
      PlannedShape shape{Operation::all_reduce, format, {.bytes = bytes, .group = group}};
      if (static_cast<double>(bytes) <= options.largest && accepts(shape)) planned.push_back(shape);
    }
  }
  return planned;
}

}  // namespace

double DeviceLimits::peak_of(const std::string& format) const {
  const auto own = peak.find(format);
  if (own != peak.end()) return own->second;
  double best = 0;
  for (const auto& [name, value] : peak) best = std::max(best, value);
  return best;
}

std::vector<std::size_t> stratified(const std::vector<StratifiedPoint>& points, std::size_t count,
                                    std::uint64_t seed, const std::string& purpose) {
  std::vector<std::size_t> chosen;
  if (points.empty() || count == 0) return chosen;
  count = std::min(count, points.size());
  std::vector<std::size_t> order(points.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a].seconds < points[b].seconds;
  });
  Sizes numbers(seed, purpose);
  const auto rows = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(count)))));
  const auto at = [](std::size_t part, std::size_t parts, std::size_t size) {
    return part * size / parts;
  };
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t begin = at(row, rows, points.size());
    const std::size_t size = at(row + 1, rows, points.size()) - begin;
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin);
    std::stable_sort(
        first, first + static_cast<std::ptrdiff_t>(size),
        [&](std::size_t a, std::size_t b) { return points[a].intensity < points[b].intensity; });
    const std::size_t cells = at(row + 1, rows, count) - at(row, rows, count);
    for (std::size_t cell = 0; cell < cells; ++cell) {
      const std::size_t low = at(cell, cells, size), high = at(cell + 1, cells, size);
      const auto offset =
          static_cast<std::size_t>(numbers.uniform() * static_cast<double>(high - low));
      chosen.push_back(order[begin + std::min(low + offset, high - 1)]);
    }
  }
  return chosen;
}

std::vector<std::int64_t> curve_sizes(double cache, double memory, int count) {
  const double low = 64 * 1024;
  const double high = std::min(std::max(8 * cache, 256e6), memory / 8);
  std::vector<std::int64_t> sizes;
  for (int i = 0; i < count; ++i) {
    const double size = low * std::pow(high / low, count > 1 ? double(i) / (count - 1) : 1);
    sizes.push_back(std::llround(size / 4096) * 4096);
  }
  return sizes;
}

ShapeWork work_of(const PlannedShape& planned) {
  const kernels::Shape& s = planned.shape;
  const auto format = parse_number_format(planned.format);
  const NumberFormat number = format ? *format : NumberFormat::bf16;
  const int q_heads = static_cast<int>(s.q_heads), kv_heads = static_cast<int>(s.kv_heads),
            dim = static_cast<int>(s.head_dim);
  const auto of = [](const OperatorKind& op, double count = 1) {
    return ShapeWork{count * flop_of(op).value(), count * bytes_of(op).value()};
  };
  const auto batch = static_cast<double>(s.batch), context = static_cast<double>(s.context);
  switch (planned.operation) {
    case Operation::gemm:
      return of(Gemm{.m = static_cast<double>(s.m), .n = s.n, .k = s.k, .format = number});
    case Operation::attention_decode:
      return of(
          DecodeAttention{batch, batch * context, q_heads, kv_heads, dim, dim, false, number});
    case Operation::attention_prefill:
      return of(PrefillAttention{static_cast<double>(s.queries), context, q_heads, kv_heads, dim,
                                 dim, 0, number},
                batch);
    case Operation::all_reduce: return {0, static_cast<double>(s.bytes)};
    default: break;
  }
  // Elementwise: one 16-bit tensor in and one out at least.
  const double elements = s.m > 0 ? static_cast<double>(s.m) * static_cast<double>(s.n)
                                  : static_cast<double>(s.bytes) / 4;
  return {0, 4 * elements};
}

double light_seconds(const PlannedShape& planned, const DeviceLimits& limits) {
  const ShapeWork work = work_of(planned);
  const double peak = limits.peak_of(planned.format);
  return std::max(peak > 0 ? work.flop / peak : 0,
                  limits.bandwidth > 0 ? work.bytes / limits.bandwidth : 0);
}

std::vector<PlannedShape> plan_law(Operation operation, const std::string& format,
                                   const DeviceLimits& limits, const PlanOptions& options,
                                   const AcceptsShape& accepts) {
  if (operation == Operation::all_reduce) return plan_all_reduce(format, options, accepts);
  Sizes sizes(options.seed, fmt::format("plan/{}/{}", name_of(operation), format));
  const double largest = std::min(options.largest, limits.memory / 8);
  const std::vector<double> shares = regime_shares(operation);
  std::vector<PlannedShape> planned;
  double share = 0;
  std::size_t counted = 0;
  for (std::size_t regime = 0; regime < shares.size(); ++regime) {
    share += shares[regime];
    const auto count =
        static_cast<std::size_t>(std::lround(share * options.points_per_law)) - counted;
    counted += count;
    std::vector<PlannedShape> candidates;
    std::vector<StratifiedPoint> places;
    std::set<std::string> seen;
    for (std::uint64_t i = 0; i < candidates_per_point * count; ++i) {
      const PlannedShape candidate{operation, format, draw(sizes, operation, regime)};
      const ShapeWork work = work_of(candidate);
      const double seconds = light_seconds(candidate, limits);
      if (seconds > options.longest || work.bytes > largest || !accepts(candidate)) continue;
      if (!seen.insert(key_of({.operation = operation, .shape = candidate.shape})).second) continue;
      candidates.push_back(candidate);
      places.push_back({seconds, work.flop / work.bytes});
    }
    const std::string purpose = fmt::format("{}/{}", sizes.purpose(), regime);
    for (const std::size_t i : stratified(places, count, options.seed, purpose)) {
      planned.push_back(candidates[i]);
    }
  }
  return planned;
}

}  // namespace microdc
