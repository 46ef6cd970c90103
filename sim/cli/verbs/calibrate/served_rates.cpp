#include "sim/cli/verbs/calibrate/served_rates.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>
#include <string_view>

#include "sim/cli/table.hpp"
#include "sim/report/number_text.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/serving/deployment.hpp"
#include "sim/serving/step_cost.hpp"

namespace microdc::cli {
namespace {

/// A small, a middling and a large model of those that people serve on CPUs.
constexpr std::array models{"qwen3-1.7b", "llama-3.1-8b", "gemma-3-27b"};
constexpr std::array formats{NumberFormat::bf16, NumberFormat::int8_weight,
                             NumberFormat::int4_weight};
/// Tokens of context of every answer, and of a prompt.
constexpr std::int64_t context = 1024;
constexpr std::int64_t several = 8;  ///< answers at once

/// Tokens per second of `sequences` answers in step.
double answer_rate(StepCost& cost, std::int64_t sequences) {
  const MixedStep step{.decode_sequences = sequences,
                       .decode_kv_tokens = sequences * context,
                       .sampled_sequences = sequences};
  return static_cast<double>(sequences) / cost.explain(step).total;
}

double prompt_rate(StepCost& cost) {
  const PrefillChunk chunk{.new_tokens = context, .context_tokens = context};
  const MixedStep step{.sampled_sequences = 1, .chunks = {&chunk, 1}};
  return static_cast<double>(context) / cost.explain(step).total;
}

std::optional<std::vector<std::string>> row_of(const Catalogs& catalogs, const std::string& device,
                                               std::string_view model, NumberFormat format) {
  const ModelCard* card = catalogs.models.find(model);
  const ServingEngine* engine = catalogs.engines.find(engine_for_cpus);
  if (!card || !engine) return std::nullopt;
  const auto laws =
      make_device_laws(catalogs.hardware, catalogs.profiles, device, engine->kernel_source);
  if (!laws) return std::nullopt;
  StepWork work(*card, {.weights = format}, {});
  if (kv_capacity_tokens(work, *laws, engine->memory_utilization) < 2.0 * several * context) {
    return std::nullopt;
  }
  const double gigabytes = work.weight_bytes_per_gpu().value() / 1e9;
  StepCost cost(std::move(work), *laws, *engine, 1.0, {});
  return std::vector<std::string>{std::string(model),
                                  std::string(name_of(format)),
                                  rounded_text(gigabytes) + " GB",
                                  rough_text(answer_rate(cost, 1)) + " tokens/s",
                                  rough_text(answer_rate(cost, several)) + " tokens/s",
                                  rough_text(prompt_rate(cost)) + " tokens/s"};
}

}  // namespace

std::string served_rates_text(const std::filesystem::path& folder, const std::string& device) {
  const auto catalogs = load_catalogs(data_root(), {folder});
  if (!catalogs) return {};
  std::vector<std::vector<std::string>> rows{{"model", "weights", "memory", "one answer",
                                              fmt::format("{} answers at once", several),
                                              "prompt"}};
  for (const char* model : models) {
    for (const NumberFormat format : formats) {
      if (auto row = row_of(*catalogs, device, model, format)) rows.push_back(std::move(*row));
    }
  }
  if (rows.size() < 2) return {};
  return fmt::format(
      "\nWhat that means, by engine {} and these laws ({} tokens of context, prompts of as "
      "many)\n{}",
      engine_for_cpus, count_text(context), text_table(rows, "  "));
}

}  // namespace microdc::cli
