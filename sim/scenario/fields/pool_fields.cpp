// Metadata of what serves: pools of replicas.
#include "sim/scenario/fields/limits.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

using namespace scenario_limits;

void describe(FieldVisitor& v, SpeculativeSpec& spec) {
  v.integer({.name = "draft_tokens",
             .label = "Draft tokens",
             .help = "proposed per step",
             .min = 1,
             .max = 64},
            spec.draft_tokens);
  v.number({.name = "acceptance",
            .label = "Acceptance",
            .help = "probability that a proposed token is accepted, given those before it",
            .min = 0,
            .max = 1},
           spec.acceptance);
  v.number({.name = "draft_cost",
            .label = "Cost of a draft token",
            .help = "relative to one step of the target model",
            .min = 0,
            .max = 10},
           spec.draft_cost);
}

namespace {

void describe_layout(FieldVisitor& v, PoolSpec& spec) {
  constexpr auto group = "Parallel layout";
  const auto ranks = [&](std::string_view name, std::string_view label, std::string_view help,
                         std::int64_t& value) {
    v.integer(
        {.name = name, .label = label, .help = help, .min = 1, .max = max_count, .group = group},
        value);
  };
  ranks("replicas", "Replicas", "independent copies; each needs tp*pp*dp accelerators",
        spec.replicas);
  ranks("tp", "Tensor parallel", "accelerators that share each layer", spec.tp);
  ranks("pp", "Pipeline stages", "accelerators that the layers are spread over in turn", spec.pp);
  ranks("dp", "Data parallel", "attention ranks inside one replica", spec.dp);
  ranks("ep", "Expert parallel", "ranks that the routed experts are distributed over", spec.ep);
}

constexpr std::string_view engine_group = "Engine";

/// How much one step, one request and the memory hold.
void describe_limits(FieldVisitor& v, PoolSpec& spec) {
  v.integer({.name = "max_num_seqs",
             .label = "Sequences per step",
             .help = "at most; empty: the engine's default",
             .min = 1,
             .max = 1e6,
             .group = engine_group},
            spec.max_num_seqs);
  v.integer({.name = "max_num_batched_tokens",
             .label = "Tokens per step",
             .help = "at most, of each data-parallel rank; empty: the engine's default",
             .min = 1,
             .max = max_tokens,
             .group = engine_group},
            spec.max_num_batched_tokens);
  v.integer({.name = "max_model_len",
             .label = "Longest request",
             .help = "tokens of prompt and answer; empty: the model's context",
             .min = 1,
             .max = max_tokens,
             .group = engine_group},
            spec.max_model_len);
  v.number({.name = "memory_utilization",
            .label = "Memory share",
            .help = "share of accelerator memory the engine may use; empty: its default",
            .min = 0.01,
            .max = 1,
            .group = engine_group},
           spec.memory_utilization);
  v.integer({.name = "kv_cache_tokens",
             .label = "KV cache size",
             .help = "tokens per data parallel rank; empty: what fits in memory",
             .min = 1,
             .max = 1e12,
             .group = engine_group},
            spec.kv_cache_tokens);
  v.integer({.name = "block_tokens",
             .label = "KV block",
             .help = "tokens per block",
             .min = 1,
             .max = 4096,
             .group = engine_group},
            spec.block_tokens);
}

void describe_engine(FieldVisitor& v, PoolSpec& spec) {
  v.text({.name = "engine",
          .label = "Engine",
          .help = "serving engine; `microdc list engines` shows them",
          .group = engine_group},
         spec.engine);
  describe_limits(v, spec);
  v.boolean({.name = "prefix_caching",
             .label = "Prefix caching",
             .help = "reuse KV blocks of prompts that begin alike",
             .group = engine_group},
            spec.prefix_caching);
  v.boolean({.name = "gathers_arrivals",
             .label = "Gathers arrivals",
             .help = "requests that arrive together begin together, as a program hands over a "
                     "batch; a server begins with the first",
             .group = engine_group},
            spec.gathers_arrivals);
  v.text({.name = "scheduler",
          .label = "Scheduler",
          .help = "order of waiting requests; `microdc list schedulers` shows them",
          .group = engine_group},
         spec.scheduler);
  v.object({.name = "speculative", .label = "Speculative decoding", .group = engine_group},
           spec.speculative);
}

}  // namespace

void describe(FieldVisitor& v, PoolSpec& spec) {
  v.text({.name = "name", .label = "Name", .required = true}, spec.name);
  v.text(
      {.name = "model",
       .label = "Model",
       .help = "a name of `microdc list models`, or the path of a model card that ends in .json, "
               "relative to the scenario file",
       .required = true},
      spec.model);
  v.text({.name = "weights",
          .label = "Weight format",
          .help = "number format; empty: the model's native one; `microdc list formats`"},
         spec.weights);
  v.text({.name = "kv_cache",
          .label = "KV cache format",
          .help = "number format; empty: the engine's default for these weights"},
         spec.kv_cache);
  v.text({.name = "servers",
          .label = "Server group",
          .help = "where the replicas run; empty: all groups, which must be of one type"},
         spec.servers);
  describe_layout(v, spec);
  v.choice({.name = "role",
            .label = "Role",
            .help = "mixed, or one half of a disaggregated pair",
            .group = "Disaggregation"},
           {"mixed", "prefill", "decode"}, spec.role);
  v.text({.name = "decode_pool",
          .label = "Decode pool",
          .help = "role prefill: the pool that receives its KV caches",
          .group = "Disaggregation"},
         spec.decode_pool);
  describe_engine(v, spec);
}

}  // namespace microdc
