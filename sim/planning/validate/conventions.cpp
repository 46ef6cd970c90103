#include "sim/planning/validate/conventions.hpp"

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {

void describe(FieldVisitor& v, WorkloadConvention& w) {
  v.text({.name = "match", .label = "Part of the workload's name", .required = true}, w.match);
  v.figure({.name = "input_tokens", .label = "Mean prompt", .min = 1, .max = 1e6}, w.input_tokens);
  v.figure({.name = "output_spread", .label = "Sigma of log(answer)", .min = 0, .max = 3},
           w.output_spread);
  v.boolean({.name = "prompts_repeat", .label = "The same prompts come again and again"},
            w.prompts_repeat);
}

void describe(FieldVisitor& v, SourceConvention& s) {
  v.text({.name = "match", .label = "Part of the source's name", .required = true}, s.match);
  v.text({.name = "engine", .label = "Only for this engine"}, s.engine);
  v.text({.name = "explanation", .label = "Why", .required = true}, s.explanation);
  v.boolean({.name = "degrees_multiplied", .label = "tp or dp is multiplied by ep"},
            s.degrees_multiplied);
  v.boolean({.name = "steady_state", .label = "Figures are of the steady state"}, s.steady_state);
  v.boolean({.name = "itl_is_per_request", .label = "ITL is each request's mean gap"},
            s.itl_is_per_request);
  v.boolean({.name = "limits_are_totals", .label = "max_num_seqs counts all ranks"},
            s.limits_are_totals);
  v.boolean({.name = "one_prompt_per_step", .label = "Token budgets of one prompt"},
            s.one_prompt_per_step);
  v.text({.name = "kv_cache_with_low_precision", .label = "KV format of fp8 and fp4 runs"},
         s.kv_cache_with_low_precision);
}

void describe(FieldVisitor& v, PollingConvention& p) {
  v.text({.name = "match", .label = "Part of the source's name", .required = true}, p.match);
  v.text({.name = "engine", .label = "Engine", .required = true}, p.engine);
  v.text({.name = "explanation", .label = "Why", .required = true}, p.explanation);
  v.integer({.name = "from_concurrency", .label = "From so many clients on", .min = 1, .max = 1e6},
            p.from_concurrency);
  v.integer({.name = "from_ranks", .label = "From so many ranks on", .min = 1, .max = 1e6},
            p.from_ranks);
  v.integer({.name = "steps",
             .label = "Steps between looks for requests",
             .min = 1,
             .max = 10000,
             .required = true},
            p.steps);
}

void describe(FieldVisitor& v, ResidualBand& b) {
  v.text({.name = "metric", .label = "Class of metrics", .required = true}, b.metric);
  v.text({.name = "arch", .label = "dense, moe or hybrid; empty: any"}, b.arch);
  v.number({.name = "low",
            .label = "10th percentile of measured/predicted",
            .min = 0.01,
            .max = 10,
            .required = true},
           b.low);
  v.number({.name = "high",
            .label = "90th percentile of measured/predicted",
            .min = 0.01,
            .max = 100,
            .required = true},
           b.high);
}

void describe(FieldVisitor& v, Conventions& c) {
  v.figure({.name = "requests_per_slot",
            .label = "Requests per client of a closed loop",
            .min = 1,
            .max = 1000,
            .required = true},
           c.requests_per_slot);
  v.figure({.name = "steady_generations",
            .label = "Requests per place in a steady batch",
            .min = 2,
            .max = 1000,
            .required = true},
           c.steady_generations);
  v.figure({.name = "input_tokens",
            .label = "Mean prompt of an unknown workload",
            .min = 1,
            .max = 1e6,
            .required = true},
           c.input_tokens);
  v.figure({.name = "output_tokens",
            .label = "Mean answer of an unknown workload",
            .min = 1,
            .max = 1e6,
            .required = true},
           c.output_tokens);
  v.figure({.name = "natural_spread",
            .label = "Sigma of log(length) where nobody fixed it",
            .min = 0,
            .max = 3,
            .required = true},
           c.natural_spread);
  v.figure({.name = "borrowed_band_factor",
            .label = "Bands of unmeasured devices, wider by",
            .min = 1,
            .max = 5,
            .required = true},
           c.borrowed_band_factor);
  v.objects({.name = "workloads", .label = "Workloads"}, c.workloads);
  v.objects({.name = "sources", .label = "Sources"}, c.sources);
  v.objects({.name = "polling", .label = "Looks for new requests"}, c.polling);
  v.objects({.name = "bands", .label = "Residuals"}, c.bands);
}

Result<Conventions> load_conventions(const std::filesystem::path& file) {
  const auto json = read_json_file(file);
  if (!json) return json.diagnostics();
  Conventions conventions;
  Diagnostics findings = json.diagnostics();
  findings.append(read_fields(conventions, *json, file.string()));
  if (findings.has_errors()) return findings;
  return Result<Conventions>(std::move(conventions), std::move(findings));
}

const WorkloadConvention* Conventions::workload(const std::string& name) const {
  for (const WorkloadConvention& w : workloads) {
    if (name.find(w.match) != std::string::npos) return &w;
  }
  return nullptr;
}

SourceConvention Conventions::source(const std::string& name, const std::string& engine) const {
  SourceConvention all;
  for (const SourceConvention& s : sources) {
    if (name.find(s.match) == std::string::npos) continue;
    if (!s.engine.empty() && s.engine != engine) continue;
    all.degrees_multiplied = all.degrees_multiplied || s.degrees_multiplied;
    all.steady_state = all.steady_state || s.steady_state;
    all.itl_is_per_request = all.itl_is_per_request || s.itl_is_per_request;
    all.limits_are_totals = all.limits_are_totals || s.limits_are_totals;
    all.one_prompt_per_step = all.one_prompt_per_step || s.one_prompt_per_step;
    if (!s.kv_cache_with_low_precision.empty()) {
      all.kv_cache_with_low_precision = s.kv_cache_with_low_precision;
    }
  }
  return all;
}

std::int64_t Conventions::polling_steps(const std::string& source, const std::string& engine,
                                        std::int64_t concurrency, std::int64_t ranks) const {
  std::int64_t steps = 1;
  std::int64_t from = 0;
  for (const PollingConvention& p : polling) {
    if (source.find(p.match) == std::string::npos || p.engine != engine) continue;
    if (concurrency < p.from_concurrency || p.from_concurrency < from) continue;
    if (ranks < p.from_ranks) continue;
    from = p.from_concurrency;
    steps = p.steps;
  }
  return steps;
}

const ResidualBand* Conventions::band(std::string_view metric, const std::string& arch) const {
  const ResidualBand* general = nullptr;
  for (const ResidualBand& b : bands) {
    if (b.metric != metric) continue;
    if (b.arch == arch) return &b;
    if (b.arch.empty()) general = &b;
  }
  return general;
}

}  // namespace microdc
