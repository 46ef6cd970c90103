#include "sim/serving/step_cost.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace microdc {
namespace {

// What the 64 bits of ticks and picojoules hold of one step; only absurd hardware comes near.
constexpr double shortest_step = 1e-9;       // [s]
constexpr double longest_step = 36000;       // [s]
constexpr double highest_step_energy = 9e6;  // [J]

/// Sums over a list of operators, for one accelerator.
struct Share {
  double kernels = 0;  // [s] without experts
  double experts = 0;  // [s]
  double bytes = 0;
  double arithmetic = 0;  // FLOP / datasheet peak of their format [s]

  Share& operator+=(const Share& other) {
    kernels += other.kernels;
    experts += other.experts;
    bytes += other.bytes;
    arithmetic += other.arithmetic;
    return *this;
  }
};

Share interpolate(const Share& a, const Share& b, double t) {
  const auto mix = [t](double x, double y) { return x + (y - x) * t; };
  return {mix(a.kernels, b.kernels), mix(a.experts, b.experts), mix(a.bytes, b.bytes),
          mix(a.arithmetic, b.arithmetic)};
}

/// What an engine's kernels take more than those of the laws.
struct OperatorFactors {
  double elementwise = 1;
  double expert_compute = 1;
};

Share price(const std::vector<Operator>& operators, const DeviceLaws& laws,
            const OperatorFactors& factors) {
  Share share;
  for (const Operator& op : operators) {
    if (const auto* experts = std::get_if<ExpertGemm>(&op.kind)) {
      share.experts += op.count * laws.time(*experts, factors.expert_compute).value();
    } else {
      const bool elementwise = std::holds_alternative<Elementwise>(op.kind);
      share.kernels +=
          op.count * laws.time(op.kind).value() * (elementwise ? factors.elementwise : 1);
    }
    share.bytes += op.count * bytes_of(op.kind).value();
    const double flop = flop_of(op.kind).value();
    if (flop > 0)
      share.arithmetic += op.count * flop / laws.peak(arithmetic_format(op.kind)).value();
  }
  return share;
}

/// A smooth function of a count, evaluated on a grid (every whole number up to 64, then 32 points
/// an octave) when first asked for, and linear in between.
class Curve {
 public:
  template <class Evaluate>
  Share at(double x, const Evaluate& evaluate) {
    if (x <= 0) return {};
    const std::size_t cell = cell_of(x);
    const double low = point(cell);
    const double t = (x - low) / (point(cell + 1) - low);
    const Share& left = known(cell, evaluate);
    if (t <= 0) return left;
    const Share left_copy = left;  // `known` may move the table
    return interpolate(left_copy, known(cell + 1, evaluate), t);
  }

 private:
  static constexpr std::size_t exact = 64;
  static constexpr std::size_t per_octave = 32;
  static std::size_t cell_of(double x) {
    if (x < exact) return static_cast<std::size_t>(x);
    const double octaves = std::log2(x / exact);
    auto cell = exact + static_cast<std::size_t>(octaves * per_octave);
    // log2 may land a hair beside the grid point.
    while (point(cell) > x) --cell;
    while (point(cell + 1) <= x) ++cell;
    return cell;
  }
  static double point(std::size_t cell) {
    if (cell <= exact) return static_cast<double>(cell);
    const std::size_t beyond = cell - exact;
    const double within = static_cast<double>(beyond % per_octave) / per_octave;
    return std::ldexp(exact * (1 + within), static_cast<int>(beyond / per_octave));
  }
  template <class Evaluate>
  const Share& known(std::size_t cell, const Evaluate& evaluate) {
    if (cell >= values_.size()) {
      values_.resize(cell + 1);
      present_.resize(cell + 1, false);
    }
    if (!present_[cell]) {
      values_[cell] = cell == 0 ? Share{} : evaluate(point(cell));
      present_[cell] = true;
    }
    return values_[cell];
  }
  std::vector<Share> values_;
  std::vector<bool> present_;
};

// Decode segments: four per octave of the KV total.
constexpr int segments_per_octave_bits = 2;

std::size_t segment_index(std::int64_t kv_tokens) {
  const auto value = static_cast<std::uint64_t>(kv_tokens);
  constexpr auto direct = std::uint64_t{1} << segments_per_octave_bits;
  if (value < direct) return value;
  const int octave = static_cast<int>(std::bit_width(value)) - 1;
  const std::uint64_t within = (value >> (octave - segments_per_octave_bits)) - direct;
  return static_cast<std::size_t>((static_cast<std::uint64_t>(octave - segments_per_octave_bits + 1)
                                   << segments_per_octave_bits) +
                                  within);
}

std::int64_t segment_begin(std::size_t index) {
  constexpr std::size_t direct = std::size_t{1} << segments_per_octave_bits;
  if (index < direct) return static_cast<std::int64_t>(index);
  const std::size_t octave = (index >> segments_per_octave_bits) - 1;
  return static_cast<std::int64_t>((direct + index % direct) << octave);
}

double value_or(const std::optional<Figure>& figure, double otherwise) {
  return figure ? figure->value : otherwise;
}

/// What one data-parallel rank has to do in a step.
struct RankLoad {
  double sequences = 0;  // that decode
  double kv_tokens = 0;  // theirs, with the new ones
  double chunks = 0;
  double chunk_tokens = 0;
  Share attention;  // of the chunks

  void add_chunk(double tokens, const Share& chunk_attention, double part) {
    chunks += part;
    chunk_tokens += part * tokens;
    attention.kernels += part * chunk_attention.kernels;
    attention.bytes += part * chunk_attention.bytes;
    attention.arithmetic += part * chunk_attention.arithmetic;
  }
};

}  // namespace

struct StepCost::Tables {
  StepWork work;
  DeviceLaws laws;
  double kernel_factor, expert_factor, expert_layers_overhead;
  OperatorFactors factors;
  double sampling_overhead;
  double step_overhead, sequence_overhead, prefill_overhead;
  double ranks;   // data parallel
  double stages;  // pipeline stages
  double gpus;
  double chunk_fixed;  // attention of a chunk of one token [s]: nearly all fixed cost
  bool slow_experts, host_overlaps;
  Speculation speculation;
  Curve token_curve, expert_curve, head_curve;
  std::vector<RankLoad> loads;  // of the step being priced
  RankLoad mean_load;
  std::vector<std::vector<DecodeSegment>> segments;  // by batch size, then by segment index

  Tables(StepWork w, DeviceLaws l, const ServingEngine& engine, double host_speed, Speculation s)
      : work(std::move(w)), laws(std::move(l)), speculation(s) {
    const ModelCard& card = work.card();
    const ParallelLayout& layout = work.layout();
    kernel_factor = value_or(engine.kernel_factor, 1);
    expert_factor = value_or(engine.expert_factor, 1);
    factors = {.elementwise = value_or(engine.elementwise_factor, 1),
               .expert_compute = value_or(engine.expert_compute_factor, 1)};
    const bool block_fp8 = work.precision().weights == NumberFormat::fp8_block;
    const double expert_layers =
        card.moe ? static_cast<double>(card.layers - card.moe->dense_layers) : 0;
    expert_layers_overhead =
        expert_layers * (value_or(engine.expert_layer_overhead, 0) +
                         (block_fp8 ? value_or(engine.fp8_expert_layer_overhead, 0) : 0));
    slow_experts = card.moe && block_fp8;
    sampling_overhead =
        value_or(engine.sampling_overhead, 0) * static_cast<double>(card.vocabulary) / 128256.0;
    const auto layers = static_cast<double>(card.layers);
    step_overhead =
        (value_or(engine.step_overhead, 0) + value_or(engine.layer_overhead, 0) * layers) /
        host_speed;
    sequence_overhead = value_or(engine.sequence_overhead, 0) / host_speed;
    prefill_overhead = value_or(engine.prefill_layer_overhead, 0) * layers / host_speed;
    host_overlaps = engine.host_overlaps;
    ranks = layout.dp;
    stages = layout.pp;
    gpus = layout.gpus();
    chunk_fixed = price(work.prefill_attention_operators(1, 1), laws, factors).kernels;
  }

  [[nodiscard]] double per_micro_batch(double sequences) const {
    return sequences > 0 ? std::max(1.0, sequences / stages) : 0;
  }
  [[nodiscard]] double tokens_per_sequence() const {
    return static_cast<double>(1 + speculation.draft_tokens);
  }

  /// Work of one rank without routed experts.
  Share rank_share(const RankLoad& load) {
    Share share = load.attention;
    // All chunks of a rank run in one kernel: its fixed cost is paid once.
    if (load.chunks > 1) {
      share.kernels -= (load.chunks - 1) * std::min(chunk_fixed, share.kernels / load.chunks);
    }
    const double sequences = per_micro_batch(load.sequences);
    share += token_curve.at(sequences * tokens_per_sequence() + load.chunk_tokens, [&](double x) {
      return price(work.token_operators(x), laws, factors);
    });
    if (sequences > 0) {
      const double kv = load.kv_tokens * sequences / load.sequences;
      share += price(work.decode_attention_operators(sequences, kv), laws, factors);
    }
    return share;
  }

  /// Work of a step on one accelerator. The ranks wait for each other in every layer: kernels last
  /// as long as on the slowest one. Bytes and arithmetic are those of the average rank.
  Share step_share(const MixedStep& step) {
    Share share = slowest_rank(step);
    if (ranks > 1) {
      const Share mean = rank_share(mean_load);
      share.bytes = mean.bytes;
      share.arithmetic = mean.arithmetic;
    }
    double tokens = mean_load.chunk_tokens * ranks;
    tokens += per_micro_batch(static_cast<double>(step.decode_sequences)) * tokens_per_sequence();
    share += expert_curve.at(
        tokens, [&](double x) { return price(work.expert_operators(x), laws, factors); });
    const double sampled = std::ceil(static_cast<double>(step.sampled_sequences) / ranks);
    if (sampled > 0) {
      share += head_curve.at(per_micro_batch(sampled) * tokens_per_sequence(), [&](double x) {
        return price(work.head_operators(x), laws, factors);
      });
    }
    return share;
  }

  /// Leaves the ranks' loads in `loads` and `mean_load`. Decoding sequences are spread evenly.
  Share slowest_rank(const MixedStep& step) {
    const auto sequences = static_cast<double>(step.decode_sequences);
    const auto kv_tokens = static_cast<double>(step.decode_kv_tokens + step.decode_sequences);
    mean_load = {.sequences = sequences / ranks, .kv_tokens = kv_tokens / ranks};
    RankLoad fullest{.sequences = std::ceil(mean_load.sequences)};
    if (sequences > 0) fullest.kv_tokens = kv_tokens * fullest.sequences / sequences;
    loads.assign(static_cast<std::size_t>(ranks), fullest);
    for (const PrefillChunk& chunk : step.chunks) {
      const auto tokens = static_cast<double>(chunk.new_tokens);
      const Share attention =
          price(work.prefill_attention_operators(tokens, static_cast<double>(chunk.context_tokens)),
                laws, factors);
      loads[chunk.rank].add_chunk(tokens, attention, 1);
      mean_load.add_chunk(tokens, attention, 1 / ranks);
    }
    if (step.chunks.empty()) return rank_share(fullest);
    Share slowest;
    for (const RankLoad& load : loads) {
      if (load.chunks == 0) continue;  // never slower than one with chunks
      const Share share = rank_share(load);
      if (share.kernels > slowest.kernels) slowest = share;
    }
    return slowest;
  }

  StepBreakdown breakdown(const MixedStep& step) {
    const Share share = step_share(step);
    double sequences = 0;
    for (const RankLoad& load : loads)
      sequences = std::max(sequences, load.sequences + load.chunks);
    const double sampled = std::ceil(static_cast<double>(step.sampled_sequences) / ranks);
    StepBreakdown result;
    result.experts = kernel_factor * expert_factor * share.experts;
    result.kernels = kernel_factor * share.kernels + result.experts;
    const double draft = 1 + speculation.draft_cost * static_cast<double>(speculation.draft_tokens);
    const double device =
        result.kernels * draft + expert_layers_overhead + sampling_overhead * sampled;
    result.host = step_overhead + sequence_overhead * sequences +
                  (step.chunks.empty() ? 0 : prefill_overhead);
    const auto fourth_power = [](double x) { return x * x * x * x; };
    result.total = host_overlaps
                       ? std::sqrt(std::sqrt(fourth_power(device) + fourth_power(result.host)))
                       : device + result.host;
    result.bytes = share.bytes;
    result.arithmetic = share.arithmetic;
    const double memory_use = share.bytes / (result.total * laws.memory_bandwidth().value());
    const double arithmetic_use = share.arithmetic / result.total;
    const double slow =
        slow_experts ? std::clamp(1 - memory_use / 0.85 - arithmetic_use / 0.65, 0.0, 1.0) : 0.0;
    result.power = laws.power(memory_use, arithmetic_use, slow).value();
    return result;
  }

  [[nodiscard]] StepPrice price_of(const StepBreakdown& step) const {
    const double seconds = std::clamp(step.total, shortest_step, longest_step);
    const double joules = std::min(step.power * gpus * seconds, highest_step_energy);
    return {static_cast<Ticks>(std::llround(seconds * ticks_per_second)),
            static_cast<std::int64_t>(std::llround(joules * 1e12))};
  }

  void compute_segment(std::int64_t sequences, std::size_t index, DecodeSegment& segment) {
    segment.begin = segment_begin(index);
    segment.end = segment_begin(index + 1);
    const auto at = [&](std::int64_t kv) {
      return price_of(breakdown({.decode_sequences = sequences,
                                 .decode_kv_tokens = kv,
                                 .sampled_sequences = sequences,
                                 .chunks = {}}));
    };
    const StepPrice left = at(segment.begin);
    const StepPrice right = at(segment.end);
    const std::int64_t width = (segment.end - segment.begin) * kv_scale;
    segment.duration = left.duration;
    segment.duration_slope = std::max<Ticks>(0, (right.duration - left.duration) / width);
    segment.energy = left.energy;
    // Power may fall while time grows, but never so much that a longer step costs less.
    segment.energy_slope = std::max<std::int64_t>(0, (right.energy - left.energy) / width);
  }
};

StepCost::StepCost(StepWork work, DeviceLaws laws, const ServingEngine& engine, double host_speed,
                   Speculation speculation)
    : tables_(std::make_unique<Tables>(std::move(work), std::move(laws), engine, host_speed,
                                       speculation)) {}
StepCost::~StepCost() = default;
StepCost::StepCost(StepCost&&) noexcept = default;

const DecodeSegment& StepCost::decode_segment(std::int64_t sequences, std::int64_t kv_tokens) {
  auto& rows = tables_->segments;
  const auto row = static_cast<std::size_t>(sequences);
  if (row >= rows.size()) rows.resize(row + 1);
  const std::size_t index = segment_index(kv_tokens);
  if (index >= rows[row].size()) rows[row].resize(index + 1);
  DecodeSegment& segment = rows[row][index];
  if (segment.end == 0) tables_->compute_segment(sequences, index, segment);
  return segment;
}

StepPrice StepCost::mixed_step(const MixedStep& step) {
  return tables_->price_of(tables_->breakdown(step));
}

StepBreakdown StepCost::explain(const MixedStep& step) { return tables_->breakdown(step); }

const StepWork& StepCost::work() const { return tables_->work; }
const DeviceLaws& StepCost::laws() const { return tables_->laws; }

}  // namespace microdc
