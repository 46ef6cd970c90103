#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {
namespace {

/// What a kind of workload cannot do without.
struct Needs {
  std::string_view kind;
  bool rate = false;
  bool end = false;  ///< a duration or a number of requests
  bool requests = false;
  bool users = false;
  bool trace = false;
};
constexpr std::array needs_of_kinds{
    Needs{.kind = "trace", .trace = true},
    Needs{.kind = "poisson", .rate = true, .end = true},
    Needs{.kind = "gamma", .rate = true, .end = true},
    Needs{.kind = "constant", .rate = true, .end = true},
    Needs{.kind = "office_day", .users = true},
    Needs{.kind = "closed_loop", .end = true},
    Needs{.kind = "burst", .requests = true},
};

void need(bool there, const std::string& place, std::string_view key, const WorkloadSpec& spec,
          std::string_view example, RuleFindings& findings) {
  if (there) return;
  findings.add({.place = fmt::format("{}/{}", place, key),
                .message = fmt::format("kind \"{}\" needs \"{}\"", spec.kind, key),
                .fix = fmt::format("add for example \"{}\": {}", key, example)});
}

void warn_unused(bool used, const std::string& place, std::string_view key,
                 const WorkloadSpec& spec, RuleFindings& findings) {
  if (!used) return;
  findings.add({.severity = Severity::warning,
                .place = fmt::format("{}/{}", place, key),
                .message = fmt::format("kind \"{}\" does not use \"{}\"", spec.kind, key),
                .fix = "remove it, or change the kind"});
}

void check_length(const LengthSpec& spec, const std::string& place, const CheckContext& context,
                  RuleFindings& findings) {
  if (spec.min > spec.max) {
    findings.add({.place = place + "/min",
                  .message = "the shortest length is above the longest",
                  .found = fmt::format("{} and {}", spec.min, spec.max)});
  } else if (spec.kind != LengthSpec::Kind::table && (spec.mean < static_cast<double>(spec.min) ||
                                                      spec.mean > static_cast<double>(spec.max))) {
    findings.add({.place = place + "/mean",
                  .message = "the mean length is outside of its limits",
                  .found = fmt::format("{}", spec.mean),
                  .allowed = fmt::format("{} to {} (\"min\" and \"max\")", spec.min, spec.max)});
  }
  if (spec.kind == LengthSpec::Kind::uniform && spec.spread > 1) {
    findings.add({.place = place + "/spread",
                  .message = "a uniform spread above 1 would make lengths negative",
                  .found = fmt::format("{}", spec.spread),
                  .allowed = "0 to 1"});
  }
  if (spec.kind != LengthSpec::Kind::table) return;
  if (spec.table.empty()) {
    findings.add({.place = place + "/table",
                  .message = "kind \"table\" needs the name of a table",
                  .allowed = join_names(context.length_tables)});
  } else if (!context.length_tables.empty() &&
             std::find(context.length_tables.begin(), context.length_tables.end(), spec.table) ==
                 context.length_tables.end()) {
    findings.unknown_name(place + "/table", "this table of lengths is not known", spec.table,
                          context.length_tables);
  }
}

}  // namespace

void generators_complete(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& spec = scenario.workloads[i];
    const std::string place = fmt::format("/workloads/{}", i);
    const auto* const needs = std::find_if(needs_of_kinds.begin(), needs_of_kinds.end(),
                                           [&](const Needs& n) { return n.kind == spec.kind; });
    if (needs == needs_of_kinds.end()) continue;  // registered-names-exist reports it
    if (needs->rate) need(spec.rate.has_value(), place, "rate", spec, "\"2 /s\"", findings);
    if (needs->end) {
      need(spec.duration.has_value() || spec.requests.has_value(), place, "duration", spec,
           "\"1 h\"", findings);
    }
    if (needs->requests) need(spec.requests.has_value(), place, "requests", spec, "100", findings);
    if (needs->users && spec.users <= 0) {
      findings.add({.place = fmt::format("{}/users", place),
                    .message = fmt::format("kind \"{}\" needs \"users\" above zero", spec.kind),
                    .fix = "give the number of people, for example \"users\": 500"});
    }
    if (needs->trace) {
      need(!spec.trace_file.empty(), place, "trace_file", spec, "\"trace.csv\"", findings);
    }
    warn_unused(!needs->rate && spec.rate.has_value(), place, "rate", spec, findings);
    warn_unused(!needs->users && spec.users > 0, place, "users", spec, findings);
    warn_unused(!needs->trace && !spec.trace_file.empty(), place, "trace_file", spec, findings);
  }
}

void lengths_consistent(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& spec = scenario.workloads[i];
    if (spec.kind == "trace") continue;
    check_length(spec.input, fmt::format("/workloads/{}/input", i), context, findings);
    check_length(spec.output, fmt::format("/workloads/{}/output", i), context, findings);
  }
}

void lengths_fit_context(const Scenario& scenario, const CheckContext& context,
                         RuleFindings& findings) {
  if (context.models == nullptr) return;
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& spec = scenario.workloads[i];
    if (spec.kind == "trace" || spec.input.kind == LengthSpec::Kind::table ||
        spec.output.kind == LengthSpec::Kind::table) {
      continue;
    }
    const KnowledgeBaseSpec* base = knowledge_base_of(scenario, spec);
    const std::int64_t documents =
        base == nullptr ? 0 : spec.retrieval->chunks * base->chunk_tokens;
    // The shared prefix is in the input.
    const double tokens = spec.input.mean + spec.output.mean + static_cast<double>(documents);
    for (const PoolSpec& pool : scenario.pools) {
      if (!spec.pool.empty() && pool.name != spec.pool) continue;
      const ModelCard* card = context.models->find(pool.model);
      if (card == nullptr) continue;
      const std::int64_t longest = pool.max_model_len.value_or(card->max_context);
      if (longest <= 0 || tokens <= static_cast<double>(longest)) continue;
      findings.add({.place = fmt::format("/workloads/{}/input", i),
                    .message = fmt::format(
                        "the mean prompt{} and answer do not fit the context of the pool",
                        documents > 0 ? " with its documents" : ""),
                    .found = fmt::format("{} tokens for \"{}\"", tokens, pool.model),
                    .allowed = fmt::format("at most {} tokens", longest),
                    .fix = "shorten the lengths or choose a model with a longer context"});
    }
  }
}

void trace_files_exist(const Scenario& scenario, const CheckContext& context,
                       RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    const WorkloadSpec& spec = scenario.workloads[i];
    if (spec.kind != "trace" || spec.trace_file.empty()) continue;
    std::error_code error;
    const std::filesystem::path path = context.folder / spec.trace_file;
    if (std::filesystem::is_regular_file(path, error)) continue;
    findings.add({.place = fmt::format("/workloads/{}/trace_file", i),
                  .message = std::filesystem::is_directory(path, error)
                                 ? "this is a folder, not a file"
                                 : "there is no such file",
                  .found = fmt::format("\"{}\"", path.string()),
                  .fix = "paths are relative to the folder of the scenario"});
  }
}

void targets_consistent(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  const SloSpec& slo = scenario.slo;
  const auto contradiction = [&](std::string place, std::string_view what, Seconds part) {
    findings.add(
        {.place = std::move(place),
         .message = fmt::format("the target for {} is above that for the whole request", what),
         .found = fmt::format("{} and {}", format_quantity(part.value(), Dimension::time),
                              format_quantity(slo.e2e->value(), Dimension::time))});
  };
  if (slo.e2e && slo.ttft && *slo.ttft > *slo.e2e) {
    contradiction("/slo/ttft", "the first token", *slo.ttft);
  }
  if (slo.e2e && slo.tpot && *slo.tpot > *slo.e2e) {
    contradiction("/slo/tpot", "one output token", *slo.tpot);
  }
}

void currency_is_a_code(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  const std::string& code = scenario.economics.currency;
  if (code.size() == 3 &&
      std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return;
  }
  findings.add({.place = "/economics/currency",
                .message = "this is not a currency code",
                .found = fmt::format("\"{}\"", code),
                .allowed = "three capital letters, for example EUR, USD, CHF"});
}

/// What a scenario may say already and nothing computes yet.
void parts_without_effect(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.knowledge_bases.size(); ++i) {
    const KnowledgeBaseSpec& base = scenario.knowledge_bases[i];
    const bool read = std::any_of(
        scenario.workloads.begin(), scenario.workloads.end(),
        [&](const WorkloadSpec& spec) { return knowledge_base_of(scenario, spec) == &base; });
    if (read) continue;
    findings.add({.severity = Severity::warning,
                  .place = fmt::format("/knowledge_bases/{}", i),
                  .message = "no workload reads this knowledge base, so it costs nothing here",
                  .fix = "name it in the \"retrieval\" of a workload, or remove it"});
  }
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    if (!scenario.sites[i].room.noise_db) continue;
    findings.add({.severity = Severity::warning,
                  .place = fmt::format("/sites/{}/room/noise_db", i),
                  .message = "no catalog says how loud servers are, so nothing keeps to this limit",
                  .fix = "leave servers that are too loud out of \"choices\""});
  }
}

}  // namespace microdc::rules
