#include "sim/serving/serving_engine.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"

namespace microdc {

void describe(FieldVisitor& v, ServingEngine& e) {
  const auto time = [](std::string_view name, std::string_view label, std::string_view help) {
    return FieldInfo{.name = name,
                     .label = label,
                     .help = help,
                     .dimension = Dimension::time,
                     .min = 0,
                     .max = 60,
                     .drawn = true};
  };
  v.text({.name = "name", .label = "Engine", .required = true}, e.name);
  v.texts({.name = "aliases", .label = "Other spellings"}, e.aliases);
  v.text({.name = "label", .label = "Name for people", .required = true}, e.label);
  v.text({.name = "kernel_source", .label = "Kernels", .required = true}, e.kernel_source);
  v.figure(time("step_overhead", "Per step", "h0: scheduling and launching one step"),
           e.step_overhead);
  v.figure(time("sequence_overhead", "Per sequence", "h1: host work per sequence and step"),
           e.sequence_overhead);
  v.figure(time("prefill_layer_overhead", "Per layer with prompts",
                "hP: launches that a step with prompts cannot replay as one graph"),
           e.prefill_layer_overhead);
  v.figure(time("layer_overhead", "Per layer", "hL: in every step, operators launched one by one"),
           e.layer_overhead);
  v.figure({.name = "kernel_factor",
            .label = "Kernel factor",
            .help = "eta: kernel time inside the engine over isolated kernels",
            .min = 0.1,
            .max = 10,
            .drawn = true},
           e.kernel_factor);
  v.figure({.name = "elementwise_factor",
            .label = "Elementwise factor",
            .help = "eta_e: traffic of elementwise operators over that of fused ones",
            .min = 0.1,
            .max = 20,
            .drawn = true},
           e.elementwise_factor);
  v.figure({.name = "expert_factor",
            .label = "Expert factor",
            .help = "eta_m: further factor on expert GEMMs",
            .min = 0.1,
            .max = 10,
            .drawn = true},
           e.expert_factor);
  v.figure({.name = "expert_compute_factor",
            .label = "Expert arithmetic",
            .help = "eta_c: arithmetic of grouped expert kernels over the dense GEMM law",
            .min = 0.1,
            .max = 20,
            .drawn = true},
           e.expert_compute_factor);
  v.figure(time("expert_layer_overhead", "Per MoE layer", "gM: routing and permutation"),
           e.expert_layer_overhead);
  v.figure(
      time("fp8_expert_layer_overhead", "Per fp8 MoE layer", "g8: added for block-fp8 experts"),
      e.fp8_expert_layer_overhead);
  v.figure(time("sampling_overhead", "Sampling", "gS: per sequence and 128,256 vocabulary entries"),
           e.sampling_overhead);
  v.figure(time("request_latency", "Per request", "HTTP, tokeniser, first schedule"),
           e.request_latency);
  v.figure(time("first_token_latency", "First token",
                "b: of an answer's first token on top of its step; later tokens do not wait"),
           e.first_token_latency);
  v.figure(time("expert_first_token_latency", "First token, with experts",
                "bE: the same for models with experts"),
           e.expert_first_token_latency);
  v.integer({.name = "max_num_seqs", .label = "Sequences at once", .min = 1, .max = 65536},
            e.max_num_seqs);
  v.integer({.name = "max_num_batched_tokens",
             .label = "Token budget of a step",
             .min = 1,
             .max = 1048576},
            e.max_num_batched_tokens);
  v.number(
      {.name = "memory_utilization", .label = "Share of GPU memory used", .min = 0.1, .max = 1},
      e.memory_utilization);
  v.boolean({.name = "mixes_prefill_and_decode", .label = "Prefill and decode in one step"},
            e.mixes_prefill_and_decode);
  v.boolean({.name = "schedules_ahead", .label = "Schedules one step ahead"}, e.schedules_ahead);
  v.boolean({.name = "host_overlaps", .label = "Host works while kernels run"}, e.host_overlaps);
  v.boolean({.name = "for_cpus",
             .label = "Serves on CPUs",
             .help = "its kernels are those of CPUs, else those of accelerators"},
            e.for_cpus);
  v.boolean({.name = "low_precision_kv_cache", .label = "fp8 KV cache with fp8 or fp4 weights"},
            e.low_precision_kv_cache);
  v.number({.name = "host_cores_per_accelerator",
            .label = "Busy CPU cores per accelerator",
            .min = 0,
            .max = 64},
           e.host_cores_per_accelerator);
  v.number({.name = "start_up",
            .label = "Start-up",
            .help = "without loading the weights",
            .dimension = Dimension::time,
            .min = 0,
            .max = 86400},
           e.start_up);
}

Result<EngineCatalog> EngineCatalog::load(const std::filesystem::path& folder) {
  EngineCatalog catalog;
  Diagnostics findings;
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const auto json = read_json_file(file);
    findings.append(json.diagnostics());
    if (!json) continue;
    ServingEngine engine;
    findings.append(read_fields(engine, *json, file.string()));
    if (!catalog.engines_.emplace(engine.name, engine).second) {
      findings.add({.file = file.string(),
                    .place = "/name",
                    .message = "this engine exists twice",
                    .found = engine.name});
    }
  }
  if (catalog.engines_.empty()) {
    findings.add({.file = folder.string(),
                  .message = "no serving engine was found here",
                  .fix = "set MICRODC_HOME to the folder with the catalogs"});
  }
  if (findings.has_errors()) return findings;
  return Result<EngineCatalog>(std::move(catalog), std::move(findings));
}

void EngineCatalog::put(ServingEngine engine) {
  std::string name = engine.name;
  engines_.insert_or_assign(std::move(name), std::move(engine));
}

void EngineCatalog::merge(const EngineCatalog& other) {
  for (const auto& [name, engine] : other.engines_) engines_.insert_or_assign(name, engine);
}

const ServingEngine* EngineCatalog::find(std::string_view name) const {
  const std::string wanted = name_key(name);
  for (const auto& [id, engine] : engines_) {
    if (name_key(id) == wanted) return &engine;
    for (const std::string& alias : engine.aliases) {
      if (name_key(alias) == wanted) return &engine;
    }
  }
  return nullptr;
}

std::vector<std::string> EngineCatalog::names() const {
  std::vector<std::string> names;
  for (const auto& [name, engine] : engines_) names.push_back(name);
  return names;
}

void EngineCatalog::visit_items(
    const std::function<void(const std::string& key, const FieldVisitor::Describe&)>& visit) {
  for (auto& entry : engines_) {
    visit("engines/" + entry.first, [&entry](FieldVisitor& v) { describe(v, entry.second); });
  }
}

}  // namespace microdc
