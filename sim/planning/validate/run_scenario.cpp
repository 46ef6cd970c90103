// Everything about a measured run but its requests: hardware, pool, formats, limits.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hwprofiles/base/names.hpp"
#include "sim/planning/validate/run_case.hpp"
#include "sim/serving/deployment.hpp"

namespace microdc {
namespace {

constexpr std::int64_t no_limit = 1'000'000'000;

constexpr std::int64_t usual_server = 8;  // accelerators that a chassis holds at most

bool is_blank(const std::string& precision) {
  return precision.empty() || precision == "unspecified" || precision == "unknown";
}

/// The server that the catalog has with this accelerator (the largest), resized to the run.
ServerType server_for(const Accelerator& gpu, std::int64_t gpus, const HardwareCatalog& hardware) {
  ServerType server;
  for (const auto& [name, type] : hardware.servers()) {
    if (type.accelerator == gpu.name && type.accelerators > server.accelerators) server = type;
  }
  server.accelerator = gpu.name;
  server.accelerators = std::min(gpus, std::max(usual_server, gpu.scale_up_size));
  server.name = fmt::format("measured-{}-{}", gpu.name, server.accelerators);
  if (server.network_link.empty()) server.network_link = "infiniband-ndr-400";
  return server;
}

class CaseMaker {
 public:
  CaseMaker(const MeasuredRun& run, const Catalogs& catalogs, const Conventions& conventions,
            const MeasuredRequests& requests, std::uint64_t seed)
      : run_(run),
        catalogs_(catalogs),
        conventions_(conventions),
        requests_(requests),
        seed_(seed) {}

  std::variant<RunCase, Skip> make() {
    if (run_.quality == "C") return Skip{"quality C: not to be scored"};
    gpu_ = catalogs_.hardware.accelerator(run_.gpu);
    if (gpu_ == nullptr) return Skip{"GPU \"" + run_.gpu + "\" is not in the catalog"};
    model_ = find_model(catalogs_.models, run_.model);
    if (model_ == nullptr)
      return Skip{"model \"" + run_.model + "\" is not in the catalog (--model-dir)"};
    engine_ = find_engine(catalogs_.engines, run_.engine, run_.engine_version);
    if (engine_ == nullptr) {
      engine_ = catalogs_.engines.find("vllm");
      if (engine_ == nullptr) return Skip{"no engine is in the catalog"};
      assumptions_.push_back("engine \"" + run_.engine + "\" taken as vLLM");
    }
    source_ = conventions_.source(run_.source, engine_->name);
    if (run_.measured.empty()) return Skip{"nothing was measured"};
    const auto layout = run_layout(run_, source_);
    if (const auto* skip = std::get_if<Skip>(&layout)) return *skip;
    layout_ = std::get<RunLayout>(layout);
    const auto list = requests_.find(run_.row_id);
    auto traffic = run_traffic(run_, conventions_, source_,
                               list == requests_.end() ? nullptr : &list->second, seed_);
    if (const auto* skip = std::get_if<Skip>(&traffic)) return *skip;
    traffic_ = std::move(std::get<RunTraffic>(traffic));
    return assemble();
  }

 private:
  std::variant<RunCase, Skip> assemble() {
    RunCase made;
    made.server = server_for(*gpu_, layout_.gpus, catalogs_.hardware);
    Scenario& scenario = made.scenario;
    scenario.name = run_.row_id;
    scenario.seed = static_cast<std::int64_t>(seed_);
    scenario.gateway.latency = Seconds(0);
    const std::int64_t servers =
        (layout_.gpus + made.server.accelerators - 1) / made.server.accelerators;
    scenario.sites = {
        {.name = "measured",
         .racks = {{.name = "rack",
                    .switch_link = made.server.network_link,
                    .servers = {{.name = "measured", .type = made.server.name, .count = servers}}}},
         .pue = 1}};
    scenario.workloads.push_back({.name = "measured", .kind = "trace"});
    auto serving = make_pool("serving", layout_.serving);
    if (const auto* skip = std::get_if<Skip>(&serving)) return *skip;
    scenario.pools.push_back(std::get<PoolSpec>(serving));
    scenario.workloads.front().pool = "serving";
    if (layout_.prefill) {
      scenario.pools.front().role = PoolSpec::Role::decode;
      auto prefill = make_pool("prefill", *layout_.prefill);
      if (const auto* skip = std::get_if<Skip>(&prefill)) return *skip;
      scenario.pools.push_back(std::get<PoolSpec>(prefill));
      scenario.pools.back().role = PoolSpec::Role::prefill;
      scenario.pools.back().decode_pool = "serving";
      scenario.workloads.front().pool = "prefill";
    }
    made.stream = std::move(traffic_.stream);
    made.steady_state = traffic_.steady_state;
    made.polling_steps =
        conventions_.polling_steps(run_.source, engine_->name, run_.concurrency.value_or(0),
                                   layout_.prefill ? 1 : layout_.serving.layout.dp);
    made.itl_is_per_request = source_.itl_is_per_request;
    made.assumptions = std::move(assumptions_);
    return made;
  }

  std::variant<PoolSpec, Skip> make_pool(const std::string& name, const PoolLayout& layout) {
    PoolSpec pool{.name = name, .model = model_->name, .engine = engine_->name};
    pool.replicas = layout.replicas;
    pool.tp = layout.layout.tp;
    pool.pp = layout.layout.pp;
    pool.dp = layout.layout.dp;
    pool.ep = layout.layout.ep;
    pool.prefix_caching = run_.prefix_caching.value_or(0) != 0;
    pool.max_model_len = no_limit;
    set_precision(pool);
    set_limits(pool, layout);
    if (const auto skip = set_capacity(pool, layout)) return *skip;
    return pool;
  }

  /// The format that a field names; empty if it is blank or not known (an assumption then).
  std::optional<NumberFormat> format_of(const std::string& field, const char* otherwise) {
    if (is_blank(field)) return std::nullopt;
    const auto read = parse_number_format(field);
    if (read) return *read;
    assumptions_.push_back(fmt::format("number format \"{}\" taken as {}", field, otherwise));
    return std::nullopt;
  }

  void set_precision(PoolSpec& pool) {
    NumberFormat weights = model_->native_format;
    if (const auto format = format_of(run_.weight_precision, "the model's own")) {
      // "fp8" and "fp4" name a family; the model's own format says which member.
      const bool same_family =
          (*format == NumberFormat::fp8 && weights == NumberFormat::fp8_block) ||
          (*format == NumberFormat::nvfp4 && weights == NumberFormat::mxfp4);
      if (!same_family) weights = *format;
    }
    pool.weights = name_of(weights);
    if (const auto format = format_of(run_.kv_precision, "the engine's default")) {
      pool.kv_cache = name_of(*format);
    } else if (bytes_per_element(weights) < 2 && !source_.kv_cache_with_low_precision.empty()) {
      pool.kv_cache = source_.kv_cache_with_low_precision;
    }
  }

  void set_limits(PoolSpec& pool, const PoolLayout& layout) {
    const std::int64_t ranks = pool.dp;
    const auto share = [ranks](std::int64_t total) { return (total + ranks - 1) / ranks; };
    if (traffic_.max_num_seqs) {
      const bool total = source_.limits_are_totals || traffic_.stream.closed_loop.has_value() ||
                         run_.serving_mode == "static_batch";
      pool.max_num_seqs = total ? share(*traffic_.max_num_seqs) : *traffic_.max_num_seqs;
    } else if (run_.max_num_seqs) {
      pool.max_num_seqs =
          source_.limits_are_totals ? share(*run_.max_num_seqs) : *run_.max_num_seqs;
    } else if (traffic_.stream.closed_loop) {
      // Who drives so many clients has allowed so many sequences.
      pool.max_num_seqs =
          std::max(engine_->max_num_seqs,
                   share(traffic_.stream.closed_loop->concurrency / layout.replicas + 1));
    }
    pool.max_num_batched_tokens = run_.max_num_batched_tokens;
    if (!run_.max_num_batched_tokens && source_.one_prompt_per_step && !layout_.prefill) {
      pool.max_num_batched_tokens = longest_prompt() + run_.concurrency.value_or(1);
    }
    if (run_.serving_mode == "static_batch") {
      pool.gathers_arrivals = true;
      std::int64_t tokens = 0;
      for (const TraceRequest& request : traffic_.stream.trace.requests) {
        tokens += request.input_tokens;
      }
      pool.max_num_batched_tokens = std::max<std::int64_t>(1, tokens);
    }
  }

  [[nodiscard]] std::int64_t longest_prompt() const {
    std::int64_t longest = 1;
    for (const TraceRequest& request : traffic_.stream.trace.requests) {
      longest = std::max<std::int64_t>(longest, request.input_tokens);
    }
    return longest;
  }

  /// The KV capacity: as published, else by memory. A run that was measured did fit, so where the
  /// memory says otherwise, its own need is taken.
  std::optional<Skip> set_capacity(PoolSpec& pool, const PoolLayout& layout) {
    const auto precision = served_precision(pool, *model_, *engine_);
    if (!precision) return Skip{"number format is not known"};
    const auto laws = make_device_laws(catalogs_.hardware, catalogs_.profiles, gpu_->name,
                                       engine_->kernel_source);
    if (!laws) return Skip{"no kernel laws for GPU \"" + run_.gpu + "\""};
    if (run_.kv_cache_capacity_tokens) {
      pool.kv_cache_tokens = *run_.kv_cache_capacity_tokens;
      return std::nullopt;
    }
    std::int64_t longest = 1;
    for (const TraceRequest& request : traffic_.stream.trace.requests) {
      longest = std::max<std::int64_t>(longest, request.input_tokens + request.output_tokens);
    }
    const bool batch_is_given = run_.serving_mode == "static_batch";
    const double at_once = batch_is_given ? static_cast<double>(traffic_.batch) : 1.0;
    const double need = at_once * static_cast<double>(longest + 2 * pool.block_tokens);
    const StepWork work(*model_, *precision, layout.layout);
    if (kv_capacity_tokens(work, *laws, engine_->memory_utilization) >= need) return std::nullopt;
    if (!batch_is_given) {
      assumptions_.push_back("KV capacity of its own need: the weights leave less memory");
    }
    pool.kv_cache_tokens = static_cast<std::int64_t>(need) / pool.dp + 1;
    return std::nullopt;
  }

  const MeasuredRun& run_;
  const Catalogs& catalogs_;
  const Conventions& conventions_;
  const MeasuredRequests& requests_;
  std::uint64_t seed_;
  const Accelerator* gpu_ = nullptr;
  const ModelCard* model_ = nullptr;
  const ServingEngine* engine_ = nullptr;
  SourceConvention source_;
  RunLayout layout_;
  RunTraffic traffic_;
  std::vector<std::string> assumptions_;
};

}  // namespace

const ServingEngine* find_engine(const EngineCatalog& engines, const std::string& name,
                                 const std::string& version) {
  if (name.empty()) return engines.find("vllm");
  // "0.11.1" may stand as an engine's alias whole, or shortened to "0.11" or "0".
  for (std::string shorter = version; !shorter.empty();) {
    if (const ServingEngine* engine = engines.find(name + " " + shorter)) return engine;
    const auto dot = shorter.rfind('.');
    shorter = dot == std::string::npos ? "" : shorter.substr(0, dot);
  }
  return engines.find(name);
}

const ModelCard* find_model(const ModelCatalog& models, const std::string& name) {
  if (const ModelCard* card = models.find(name)) return card;
  static constexpr std::array suffixes{"fp8",  "nvfp4",   "fp4",  "mxfp4", "bf16", "fp16",
                                       "awq",  "gptq",    "int4", "int8",  "hf",   "instruct",
                                       "chat", "dynamic", "w8a8", "w4a16"};
  std::string shorter = name;
  for (auto dash = shorter.rfind('-'); dash != std::string::npos; dash = shorter.rfind('-')) {
    const std::string last = lower_case(shorter.substr(dash + 1));
    if (std::find(suffixes.begin(), suffixes.end(), last) == suffixes.end()) return nullptr;
    shorter.resize(dash);
    if (const ModelCard* card = models.find(shorter)) return card;
  }
  return nullptr;
}

std::variant<RunCase, Skip> make_case(const MeasuredRun& run, const Catalogs& catalogs,
                                      const Conventions& conventions,
                                      const MeasuredRequests& requests, std::uint64_t seed) {
  return CaseMaker(run, catalogs, conventions, requests, seed).make();
}

}  // namespace microdc
