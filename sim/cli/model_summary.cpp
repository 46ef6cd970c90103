#include "sim/cli/model_summary.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "models/step_work.hpp"
#include "sim/cli/table.hpp"

namespace microdc::cli {
namespace {

StepWork work_in(const ModelCard& card, NumberFormat weights, NumberFormat cache) {
  return {card, {.weights = weights, .kv_cache = cache}, {}};
}

std::string readable(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.1f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.1f} GB", bytes / 1e9);
}

constexpr auto weight_formats = {NumberFormat::bf16, NumberFormat::fp8, NumberFormat::int4_weight,
                                 NumberFormat::nvfp4, NumberFormat::mxfp4};
constexpr auto cache_formats = {NumberFormat::bf16, NumberFormat::fp8};

}  // namespace

std::string model_summary_text(const ModelCard& card) {
  std::vector<std::vector<std::string>> rows{
      {"Parameters", fmt::format("{:.3g} billion", parameter_count(card) / 1e9)},
      {"Parameters used per token",
       fmt::format("{:.3g} billion", active_parameter_count(card) / 1e9)}};
  for (const NumberFormat format : cache_formats) {
    const double bytes = work_in(card, card.native_format, format).kv_bytes_per_token().value();
    rows.push_back({fmt::format("KV cache per token in {}", name_of(format)), readable(bytes)});
  }
  for (const NumberFormat format : weight_formats) {
    const double bytes = work_in(card, format, NumberFormat::bf16).weight_bytes_per_gpu().value();
    rows.push_back({fmt::format("Weights in {}", name_of(format)), readable(bytes)});
  }
  return text_table(rows);
}

OrderedJson model_summary_json(const ModelCard& card) {
  OrderedJson summary{{"parameters", parameter_count(card)},
                      {"active_parameters", active_parameter_count(card)}};
  for (const NumberFormat format : cache_formats) {
    summary["kv_bytes_per_token"][std::string(name_of(format))] =
        work_in(card, card.native_format, format).kv_bytes_per_token().value();
  }
  for (const NumberFormat format : weight_formats) {
    summary["weight_bytes"][std::string(name_of(format))] =
        work_in(card, format, NumberFormat::bf16).weight_bytes_per_gpu().value();
  }
  return summary;
}

}  // namespace microdc::cli
