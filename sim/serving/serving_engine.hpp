// Serving engines (vLLM, TensorRT-LLM, …): what their software adds to the kernels, and the
// defaults with which they start. Data: sim/serving/catalog/engines/*.json.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// Overheads and defaults of one engine. Times are on the reference host (Cpu::single_thread_speed
/// = 1); equations in docs/serving.md.
struct ServingEngine {
  std::string name;
  std::vector<std::string> aliases;  ///< as measurements spell it
  std::string label;
  std::string kernel_source;  ///< whose kernels it runs: source in the device profiles

  std::optional<Figure> step_overhead;      ///< h0 [s]: scheduling and launching one step
  std::optional<Figure> sequence_overhead;  ///< h1 [s] per sequence in the step
  /// hP [s] per layer in steps with prompts, which are not launched as one whole graph
  std::optional<Figure> prefill_layer_overhead;
  std::optional<Figure> layer_overhead;  ///< hL [s] per layer in every step: operators one by one
  std::optional<Figure> kernel_factor;   ///< eta: time in the engine / isolated kernels
  /// eta_e: traffic of elementwise operators over that of fused ones
  std::optional<Figure> elementwise_factor;
  std::optional<Figure> expert_factor;  ///< eta_m: further factor on expert GEMMs
  /// eta_c: arithmetic of the grouped expert kernels over that of the dense GEMM law
  std::optional<Figure> expert_compute_factor;
  std::optional<Figure> expert_layer_overhead;      ///< gM [s] per MoE layer: routing, permutation
  std::optional<Figure> fp8_expert_layer_overhead;  ///< g8 [s], added for block-fp8 experts
  std::optional<Figure> sampling_overhead;  ///< gS [s] per sequence and 128,256 vocabulary entries
  std::optional<Figure> request_latency;  ///< a [s] per request outside the steps: HTTP, tokeniser
  /// b, bE [s]: what the first token of an answer takes more than the step that made it, for models
  /// without and with experts; later tokens do not wait for it
  std::optional<Figure> first_token_latency, expert_first_token_latency;

  std::int64_t max_num_seqs = 256;
  std::int64_t max_num_batched_tokens = 8192;
  double memory_utilization = 0.9;       ///< share of GPU memory for weights and KV cache
  bool mixes_prefill_and_decode = true;  ///< false: prefill steps hold no decode tokens
  /// The next step is put together while one runs: a request waits one step more to join
  bool schedules_ahead = false;
  /// The host prepares the next kernels while one runs; false: on a CPU that does both in turn
  bool host_overlaps = true;
  bool for_cpus = false;  ///< serves on CPUs; others' kernels are those of accelerators
  bool low_precision_kv_cache = false;    ///< KV cache in fp8 when the weights are fp8 or fp4
  double host_cores_per_accelerator = 1;  ///< CPU cores kept busy while serving
  Seconds start_up{60};  ///< process start, graph capture; loading of weights comes on top
};
void describe(FieldVisitor& visitor, ServingEngine& engine);

class EngineCatalog {
 public:
  static Result<EngineCatalog> load(const std::filesystem::path& folder);
  /// Adds an engine, replacing the one of the same name.
  void put(ServingEngine engine);
  /// Adds the engines of `other`, replacing those of the same name.
  void merge(const EngineCatalog& other);
  /// By name or alias, ignoring case and punctuation; null if unknown.
  [[nodiscard]] const ServingEngine* find(std::string_view name) const;
  [[nodiscard]] const std::map<std::string, ServingEngine>& engines() const { return engines_; }
  [[nodiscard]] std::vector<std::string> names() const;
  /// Shows every engine under its key ("engines/vllm") to `visit`, which may change figures.
  void visit_items(
      const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit);

 private:
  std::map<std::string, ServingEngine> engines_;
};

}  // namespace microdc
