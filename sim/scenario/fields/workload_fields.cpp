// Metadata of what arrives: lengths and request streams.
#include "sim/scenario/fields/limits.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

using namespace scenario_limits;

void describe(FieldVisitor& v, LengthSpec& spec) {
  v.choice({.name = "kind",
            .label = "Distribution",
            .help = "fixed, uniform, lognormal, or a quantile table of measured lengths"},
           {"fixed", "uniform", "lognormal", "table"}, spec.kind);
  v.number({.name = "mean",
            .label = "Mean tokens",
            .help = "not used by kind table",
            .min = 1,
            .max = max_tokens},
           spec.mean);
  v.number({.name = "spread",
            .label = "Spread",
            .help = "uniform: half width as a share of the mean; lognormal: sigma of the logarithm",
            .min = 0,
            .max = 4},
           spec.spread);
  v.text({.name = "table",
          .label = "Quantile table",
          .help = "kind table: a name in sim/workload/catalog/lengths.json"},
         spec.table);
  v.number({.name = "table_scale",
            .label = "Scale of the table",
            .help = "kind table: the measured lengths times this",
            .min = 1e-3,
            .max = 1e3},
           spec.table_scale);
  v.integer({.name = "min",
             .label = "Shortest",
             .help = "lengths are cut here [tokens]",
             .min = 1,
             .max = max_tokens},
            spec.min);
  v.integer({.name = "max",
             .label = "Longest",
             .help = "lengths are cut here [tokens]",
             .min = 1,
             .max = max_tokens},
            spec.max);
}

namespace {

void describe_trace(FieldVisitor& v, WorkloadSpec& spec) {
  constexpr auto group = "Trace";
  v.text({.name = "trace_file",
          .label = "Trace file",
          .help = "kind trace: file to replay, relative to the scenario file",
          .group = group},
         spec.trace_file);
  v.text({.name = "trace_format",
          .label = "Trace format",
          .help = "kind trace: format of the file; empty: recognised from its content",
          .group = group},
         spec.trace_format);
  v.number({.name = "time_scale",
            .label = "Time stretch",
            .help = "kind trace: 2 means that everything arrives in twice the time",
            .min = 1e-6,
            .max = 1e6,
            .group = group},
           spec.time_scale);
}

void describe_arrivals(FieldVisitor& v, WorkloadSpec& spec) {
  constexpr auto group = "Arrivals";
  v.number({.name = "rate",
            .label = "Arrival rate",
            .help = "poisson, gamma, constant: mean rate of new requests",
            .dimension = Dimension::rate,
            .min = min_rate,
            .max = 1e6,
            .group = group},
           spec.rate);
  v.number({.name = "burstiness",
            .label = "Burstiness",
            .help = "gamma: coefficient of variation of the gaps between arrivals; 1 is poisson",
            .min = 0.01,
            .max = 100,
            .group = group},
           spec.burstiness);
  v.number({.name = "duration",
            .label = "Duration",
            .help = "generators: how long requests arrive",
            .dimension = Dimension::time,
            .min = min_time,
            .max = max_time,
            .group = group},
           spec.duration);
  v.integer({.name = "requests",
             .label = "Number of requests",
             .help = "at most this many",
             .min = 1,
             .max = 1e9,
             .group = group},
            spec.requests);
  v.integer({.name = "concurrency",
             .label = "Concurrency",
             .help = "closed_loop: requests in flight at any time",
             .min = 1,
             .max = 1e6,
             .group = group},
            spec.concurrency);
}

void describe_office(FieldVisitor& v, WorkloadSpec& spec) {
  constexpr auto group = "Office day";
  v.integer({.name = "users",
             .label = "Employees",
             .help = "office_day: people who may use the service",
             .min = 0,
             .max = 1e7,
             .group = group},
            spec.users);
  v.number({.name = "active_share",
            .label = "Active share",
            .help = "office_day: share of the employees who use it on a given day",
            .min = 0,
            .max = 1,
            .group = group},
           spec.active_share);
  v.number({.name = "prompts_per_active_user",
            .label = "Prompts per active user",
            .help = "office_day: mean per day",
            .min = 0,
            .max = 1e5,
            .group = group},
           spec.prompts_per_active_user);
  v.text({.name = "day_profile",
          .label = "Profile of the day",
          .help = "office_day: name of a set of hour weights",
          .group = group},
         spec.day_profile);
  v.number({.name = "minute_rate_cv",
            .label = "Variation by minute",
            .help = "office_day: coefficient of variation of the rate from minute to minute",
            .min = 0,
            .max = 10,
            .group = group},
           spec.minute_rate_cv);
}

void describe_sessions(FieldVisitor& v, WorkloadSpec& spec) {
  constexpr auto group = "Sessions";
  v.number({.name = "turns_mean",
            .label = "Turns per session",
            .help = "mean number of prompts in a conversation; 1: each stands alone",
            .min = 1,
            .max = 1000,
            .group = group},
           spec.turns_mean);
  v.number({.name = "think_time",
            .label = "Think time",
            .help = "median gap between an answer and the next prompt of the conversation",
            .dimension = Dimension::time,
            .min = 0,
            .max = max_time,
            .group = group},
           spec.think_time);
}

}  // namespace

void describe(FieldVisitor& v, WorkloadSpec& spec) {
  v.text({.name = "name", .label = "Name", .help = "name of this stream in results"}, spec.name);
  v.text({.name = "kind",
          .label = "Kind",
          .help = "how requests arrive; `microdc list workloads` shows the kinds"},
         spec.kind);
  v.text({.name = "pool",
          .label = "Pool",
          .help = "pool that serves the stream; empty: the only one that takes requests"},
         spec.pool);
  v.texts({.name = "data_classes",
           .label = "Data classes",
           .help = "what its prompts may contain; `microdc list data_classes` shows them"},
          spec.data_classes);
  v.object({.name = "retrieval", .label = "Retrieval", .help = "documents put before each prompt"},
           spec.retrieval);
  describe_trace(v, spec);
  describe_arrivals(v, spec);
  describe_office(v, spec);
  describe_sessions(v, spec);
  v.object({.name = "input", .label = "Prompt length", .group = "Lengths"}, spec.input);
  v.object({.name = "output", .label = "Answer length", .group = "Lengths"}, spec.output);
  v.integer({.name = "shared_prefix_tokens",
             .label = "Shared prefix",
             .help = "tokens that all prompts of the stream begin with (a system prompt)",
             .min = 0,
             .max = max_tokens,
             .group = "Lengths"},
            spec.shared_prefix_tokens);
  v.integer({.name = "priority",
             .label = "Priority",
             .help = "for pools with the priority scheduler: lower numbers go first",
             .min = -1000000,
             .max = 1000000,
             .group = "Requests"},
            spec.priority);
  v.number({.name = "client_timeout",
            .label = "Client time-out",
            .help = "the client gives up when the whole answer takes longer",
            .dimension = Dimension::time,
            .min = min_time,
            .max = max_time},
           spec.client_timeout);
}

}  // namespace microdc
