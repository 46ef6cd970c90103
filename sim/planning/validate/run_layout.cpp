// Parallel degrees of a measured run.
#include <algorithm>
#include <bit>
#include <cmath>
#include <regex>

#include "sim/planning/validate/run_case.hpp"

namespace microdc {
namespace {

// Tensor parallelism over two servers of eight is the widest that engines are run with. "tp=36" of
// a disaggregated deployment is the number of all its GPUs.
constexpr unsigned usual_tensor_group = 8;
constexpr unsigned largest_tensor_group = 16;

int degree(const std::optional<std::int64_t>& value) {
  return static_cast<int>(std::clamp<std::int64_t>(value.value_or(1), 1, 4096));
}

std::optional<int> number_after(const std::string& text, const std::string& key) {
  std::smatch match;
  if (!std::regex_search(text, match, std::regex("\\b" + key + "=(\\d{1,6})\\b"))) {
    return std::nullopt;
  }
  return std::stoi(match[1]);
}

/// "tp=1 dp=8 moe_tp=1 moe_ep=8 workers=2"
std::optional<PoolLayout> pool_from_text(const std::string& text) {
  const auto tp = number_after(text, "tp");
  const auto dp = number_after(text, "dp");
  const auto workers = number_after(text, "workers");
  if (!tp || !dp || !workers) return std::nullopt;
  const int ep = number_after(text, "moe_ep").value_or(number_after(text, "ep").value_or(1));
  const int pp = number_after(text, "pp").value_or(1);
  return PoolLayout{.layout = {.tp = std::max(1, *tp),
                               .pp = std::max(1, pp),
                               .dp = std::max(1, *dp),
                               .ep = std::max(1, ep)},
                    .replicas = std::max(1, *workers)};
}

std::variant<RunLayout, Skip> disaggregated_layout(const std::string& notes) {
  static const std::regex parts("prefill ([^;]*);[^;]*decode ([^;]*)");
  std::smatch match;
  if (!std::regex_search(notes, match, parts)) {
    return Skip{"disaggregated run whose notes do not give the degrees of both pools"};
  }
  const auto prefill = pool_from_text(match[1]);
  const auto decode = pool_from_text(match[2]);
  if (!prefill || !decode) {
    return Skip{"disaggregated run whose notes do not give the degrees of both pools"};
  }
  RunLayout layout{.serving = *decode, .prefill = *prefill};
  layout.gpus =
      decode->replicas * decode->layout.gpus() + prefill->replicas * prefill->layout.gpus();
  return layout;
}

/// Takes back that a degree was multiplied by the number of expert ranks.
void divide_out_experts(ParallelLayout& layout) {
  const int ranks = layout.tp * layout.dp;
  if (layout.ep > 1 && ranks == layout.ep * layout.ep) {
    (layout.dp == 1 ? layout.tp : layout.dp) /= layout.ep;
  } else if (layout.dp > 1 && layout.tp == layout.dp && layout.ep == ranks) {
    // tp, dp and ep all count the same GPUs. Such runs repeat those with tp=N, ep=N to the third
    // digit, at every concurrency, KV capacity included: attention is tensor parallel.
    layout.ep = layout.tp;
    layout.dp = 1;
  }
}

}  // namespace

std::variant<RunLayout, Skip> run_layout(const MeasuredRun& run, const SourceConvention& source) {
  if (run.serving_mode == "disaggregated") return disaggregated_layout(run.notes);
  ParallelLayout layout{
      .tp = degree(run.tp), .pp = degree(run.pp), .dp = degree(run.dp), .ep = degree(run.ep)};
  std::int64_t gpus = run.num_gpus.value_or(layout.gpus());
  if (gpus < 1) return Skip{"no GPUs"};
  if (source.degrees_multiplied) {
    const int before = layout.gpus();
    divide_out_experts(layout);
    if (gpus == before) gpus = layout.gpus();
  }
  if (layout.gpus() != gpus) {
    // Degrees that do not account for all GPUs: attention is split over all of them, unless the
    // expert ranks say how many share a replica.
    if (layout.gpus() == 1) {
      layout.tp = static_cast<int>(gpus);
    } else if (gpus % layout.gpus() == 0) {
      return RunLayout{.serving = {layout, gpus / layout.gpus()}, .prefill = {}, .gpus = gpus};
    } else {
      return Skip{"degrees that do not fit the number of GPUs"};
    }
  }
  const auto tp = static_cast<unsigned>(layout.tp);
  if (tp > largest_tensor_group || (tp > usual_tensor_group && !std::has_single_bit(tp))) {
    return Skip{"tensor parallelism over more GPUs than any engine runs in one group"};
  }
  return RunLayout{.serving = {layout, 1}, .prefill = {}, .gpus = gpus};
}

}  // namespace microdc
