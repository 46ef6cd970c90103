#include "hwprofiles/laws/device_laws.hpp"

#include <algorithm>
#include <cmath>

namespace microdc {
namespace {

double as_double(std::int64_t value) { return static_cast<double>(value); }

/// Rows that the experts' kernels compute for `rows` useful ones spread over `touched` experts:
/// each expert's rows are padded to a tile, half a tile on average and one tile at least.
double padded_rows(double rows, double touched, double tile) {
  return std::max(touched * tile, rows + touched * (tile - 1) / 2);
}

}  // namespace

Seconds DeviceLaws::time(const OperatorKind& op) const {
  return std::visit([this](const auto& kind) { return time(kind); }, op);
}

Seconds DeviceLaws::time(const Gemm& op) const {
  if (!(op.m > 0)) return Seconds(0);
  return Seconds(
      gemm_seconds(at(gemm_, op.format).coefficients, op.m, as_double(op.n), as_double(op.k)));
}

Seconds DeviceLaws::time(const PrefillAttention& op) const {
  if (!(op.new_tokens > 0)) return Seconds(0);
  return Seconds(prefill_seconds(at(prefill_, op.kv_format).coefficients, prefill_work(op)));
}

Seconds DeviceLaws::time(const DecodeAttention& op) const {
  if (!(op.sequences > 0)) return Seconds(0);
  return Seconds(decode_seconds(at(decode_, op.kv_format).coefficients, flop_of(op).value(),
                                bytes_of(op).value(), op.sequences * op.kv_heads));
}

Seconds DeviceLaws::time(const ExpertGemm& op, double compute_factor) const {
  if (!(op.tokens > 0) || op.experts <= 0) return Seconds(0);
  const GemmLaw& law = at(gemm_, op.format);
  const GemmCoefficients& c = law.coefficients;
  const double parallel = op.expert_parallel;
  const double touched = expected_experts_touched(op.tokens, op.experts, op.top_k) / parallel;
  const double rows = op.tokens * op.top_k / parallel;
  const double weights = (op.gated ? 3.0 : 2.0) * as_double(op.hidden) *
                         as_double(op.intermediate) / op.tensor_parallel;
  const double compute = throttled_seconds(
      c, compute_factor * 2 * padded_rows(rows, touched, law.row_padding) * weights);
  const double weight_rows =
      (op.gated ? 2.0 : 1.0) * as_double(op.intermediate) / op.tensor_parallel +
      as_double(op.hidden);
  const double memory =
      touched * (weights * c.weight_bytes + weight_rows * c.row_bytes) * c.seconds_per_byte;
  const double imbalance = 1 + std::sqrt((parallel - 1) / op.experts);
  return Seconds(c.factor * expert_seconds(compute, memory, imbalance));
}

Seconds DeviceLaws::time(const Elementwise& op) const {
  if (!(op.bytes.value() > 0)) return Seconds(0);
  return Seconds(elementwise_seconds(elementwise_, op.bytes.value()));
}

Seconds DeviceLaws::time(const Collective& op) const {
  if (op.group <= 1 || !(op.message.value() > 0)) return Seconds(0);
  switch (op.kind) {
    case CollectiveKind::all_reduce: return Seconds(all_reduce(op.message.value(), op.group));
    case CollectiveKind::all_gather:
    case CollectiveKind::all_to_all:
      // Half of an all-reduce, which is a reduce-scatter and an all-gather.
      return Seconds(derived_collective(op.message.value(), op.group, 0.5));
    case CollectiveKind::point_to_point:
      // Between two ranks an all-reduce sends the message once in each direction.
      return Seconds(derived_collective(op.message.value(), 2, 1));
  }
  return Seconds(0);
}

/// Logarithms of the parameters are linear in log(group) between measured sizes; beyond them the
/// last slope goes on, but never towards lower latency or higher bandwidth than the nearest
/// measured one.
AllReduceCoefficients DeviceLaws::at_group(const CollectiveLibrary& library, double group) {
  const auto& groups = library.groups;
  std::size_t upper = 0;
  while (upper < groups.size() && groups[upper].group < group) ++upper;
  if (upper < groups.size() && groups[upper].group == group) return groups[upper].coefficients;
  if (groups.size() == 1) return groups.front().coefficients;
  const bool beyond = upper == groups.size();
  const std::size_t high = std::clamp<std::size_t>(upper, 1, groups.size() - 1);
  const GroupLaw& a = groups[high - 1];
  const GroupLaw& b = groups[high];
  const double x = std::log(group / a.group) / std::log(b.group / a.group);
  const auto between = [&](double from, double to) {
    const double value = from * std::pow(to / from, x);
    return beyond ? std::max(value, to) : value;
  };
  return {.latency = between(a.coefficients.latency, b.coefficients.latency),
          .ramp = between(a.coefficients.ramp, b.coefficients.ramp),
          .seconds_per_byte =
              between(a.coefficients.seconds_per_byte, b.coefficients.seconds_per_byte)};
}

double DeviceLaws::all_reduce(double message, double group) const {
  double best = 1e300;
  // The first library covers all sizes, so the minimum never rises when another one drops out.
  for (const CollectiveLibrary& library : collectives_) {
    if (message > library.largest_message) continue;
    best = std::min(best,
                    library.factor * all_reduce_seconds(at_group(library, group), message, group));
  }
  return best;
}

double DeviceLaws::derived_collective(double message, double group, double share) const {
  const CollectiveLibrary& library = collectives_.front();
  return library.factor * all_reduce_seconds(at_group(library, group), message, group, share);
}

Watts DeviceLaws::power(double memory_utilisation, double arithmetic_utilisation,
                        double slow_share) const {
  return Watts(power_watts(power_, memory_utilisation, arithmetic_utilisation, slow_share));
}

Watts DeviceLaws::idle_power() const { return Watts(power_.idle); }
Watts DeviceLaws::tdp() const { return Watts(power_.tdp); }
Bytes DeviceLaws::memory() const { return Bytes(memory_); }
BytesPerSecond DeviceLaws::memory_bandwidth() const { return BytesPerSecond(bandwidth_); }

FlopPerSecond DeviceLaws::peak(NumberFormat format) const {
  return FlopPerSecond(at(peak_, format));
}

const std::vector<std::string>& DeviceLaws::caveats() const { return caveats_; }

std::vector<std::string> DeviceLaws::caveats_for(NumberFormat weights, NumberFormat kv) const {
  std::vector<std::string> all = caveats_;
  for (const auto* list :
       {&at(gemm_, weights).caveats, &at(decode_, kv).caveats, &at(prefill_, kv).caveats}) {
    for (const std::string& caveat : *list) {
      if (std::find(all.begin(), all.end(), caveat) == all.end()) all.push_back(caveat);
    }
  }
  return all;
}

bool DeviceLaws::extrapolated(const OperatorKind& op) const {
  if (const auto* gemm = std::get_if<Gemm>(&op)) {
    const GemmLaw& law = at(gemm_, gemm->format);
    return !law.m.contains(gemm->m) || !law.n.contains(as_double(gemm->n)) ||
           !law.k.contains(as_double(gemm->k));
  }
  if (const auto* decode = std::get_if<DecodeAttention>(&op)) {
    const DecodeLaw& law = at(decode_, decode->kv_format);
    return !law.sequences.contains(decode->sequences) ||
           !law.context.contains(decode->kv_tokens / decode->sequences);
  }
  if (const auto* prefill = std::get_if<PrefillAttention>(&op)) {
    const PrefillLaw& law = at(prefill_, prefill->kv_format);
    return !law.queries.contains(prefill->new_tokens) ||
           !law.context.contains(prefill->context_tokens);
  }
  if (const auto* collective = std::get_if<Collective>(&op)) {
    const auto& groups = collectives_.front().groups;
    return collective->group < groups.front().group || collective->group > groups.back().group;
  }
  return false;
}

}  // namespace microdc
