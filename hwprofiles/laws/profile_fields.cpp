#include <array>

#include "hwprofiles/base/provenance.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

const std::vector<std::string_view>& law_kind_names() {
  static const std::vector<std::string_view> names{"gemm", "decode_attention", "prefill_attention",
                                                   "elementwise", "all_reduce"};
  return names;
}

std::span<const ParameterInfo> law_parameters(LawKind kind) {
  static constexpr std::array<ParameterInfo, 8> gemm{{
      {"launch", "s", 0.3e-6, 60e-6},
      {"depth", "s", 0.05e-6, 20e-6},
      {"compute_efficiency", "1", 0.02, 1.05},
      {"bandwidth_efficiency", "1", 0.05, 1.05},
      {"sharpness", "1", 1, 8},
      {"throttle", "1", 1e-3, 1},
      // A law of a format that is not quantised on the fly: compulsory traffic.
      {"quantisation", "1", 0.05, 10, 1.0},
      {"row", "B", 1, 1e4, 0.0},
  }};
  static constexpr std::array<ParameterInfo, 6> decode{{
      {"launch", "s", 0.5e-6, 60e-6},
      {"per_item", "s", 1e-9, 10e-6},
      {"compute_efficiency", "1", 0.01, 1},
      {"bandwidth_efficiency", "1", 0.1, 1},
      {"residency", "1", 0.01, 20},
      {"sharpness", "1", 1, 8},
  }};
  static constexpr std::array<ParameterInfo, 9> prefill{{
      {"launch", "s", 1e-6, 60e-6},
      {"per_wave", "s", 1e-9, 10e-6},
      {"compute_efficiency", "1", 0.02, 1},
      {"bandwidth_efficiency", "1", 0.02, 1},
      {"longest_tile", "1", 1e-3, 10},
      {"sharpness", "1", 0.5, 8},
      {"path_sharpness", "1", 0.7, 8},
      {"diagonal", "1", 0.1, 256, 0.0},
      {"softmax", "FLOP", 1, 1e3, 0.0},
  }};
  static constexpr std::array<ParameterInfo, 2> elementwise{{
      {"launch", "s", 0.2e-6, 60e-6},
      {"bandwidth_efficiency", "1", 0.02, 1.2},
  }};
  static constexpr std::array<ParameterInfo, 3> all_reduce{{
      {"latency", "s", 0.5e-6, 1e-3},
      {"ramp", "s/B^0.5", 1e-12, 1e-5},
      {"bandwidth", "B/s", 1e8, 5e12},
  }};
  switch (kind) {
    case LawKind::gemm: return gemm;
    case LawKind::decode_attention: return decode;
    case LawKind::prefill_attention: return prefill;
    case LawKind::elementwise: return elementwise;
    case LawKind::all_reduce: return all_reduce;
  }
  return {};
}

std::vector<double> FittedLaw::theta(std::span<const double> values) const {
  std::vector<double> all;
  std::size_t next = 0;
  for (const ParameterInfo& info : law_parameters(kind)) {
    const bool has = next < parameters.size() && parameters[next].name == info.name;
    all.push_back(has ? values[next++] : info.without.value_or(0));
  }
  return all;
}

std::vector<double> FittedLaw::theta() const {
  std::vector<double> values;
  for (const LawParameter& own : parameters) values.push_back(own.value);
  return theta(values);
}

std::optional<double> FittedLaw::parameter(std::string_view name) const {
  for (const LawParameter& candidate : parameters) {
    if (candidate.name == name) return candidate.value;
  }
  return std::nullopt;
}

void describe(FieldVisitor& v, LawParameter& parameter) {
  v.text({.name = "name", .label = "Parameter", .required = true}, parameter.name);
  v.text({.name = "unit", .label = "Unit"}, parameter.unit);
  v.number({.name = "value", .label = "Value", .min = 0, .required = true}, parameter.value);
  v.number({.name = "log_sd",
            .label = "Uncertainty",
            .help = "standard deviation of the natural logarithm",
            .min = 0},
           parameter.log_sd);
}

void describe(FieldVisitor& v, RegimeError& regime) {
  v.text({.name = "name", .label = "Regime", .required = true}, regime.name);
  v.integer({.name = "points", .label = "Held-out points", .min = 0}, regime.points);
  v.number({.name = "q50", .label = "Median |log residual|", .min = 0}, regime.q50);
  v.number({.name = "q90", .label = "90 % quantile of |log residual|", .min = 0}, regime.q90);
  v.number({.name = "q95", .label = "95 % quantile of |log residual|", .min = 0}, regime.q95);
}

void describe(FieldVisitor& v, DomainRange& range) {
  v.text({.name = "name", .label = "Variable", .required = true}, range.name);
  v.number({.name = "low", .label = "Smallest fitted", .required = true}, range.low);
  v.number({.name = "high", .label = "Largest fitted", .required = true}, range.high);
}

void describe(FieldVisitor& v, ErrorSummary& summary) {
  v.number({.name = "median", .label = "Median relative error", .min = 0}, summary.median);
  v.number({.name = "p90", .label = "90 % quantile of the relative error", .min = 0}, summary.p90);
}

void describe(FieldVisitor& v, FittedLaw& law) {
  v.choice({.name = "kind", .label = "Law", .required = true}, law_kind_names(), law.kind);
  v.text({.name = "kernel_source",
          .label = "Kernels of",
          .help = "serving engine or library",
          .required = true},
         law.kernel_source);
  v.choice({.name = "format",
            .label = "Number format",
            .help = "of the weights (gemm) or of the KV cache (attention)"},
           number_format_names(), law.format);
  v.integer({.name = "group", .label = "Ranks", .help = "of a collective", .min = 0}, law.group);
  v.objects({.name = "parameters", .label = "Parameters", .required = true}, law.parameters);
  v.numbers({.name = "covariance",
             .label = "Covariance",
             .help = "of the natural logarithms of the parameters, row by row"},
            law.covariance);
  v.number({.name = "residual_sd",
            .label = "Residual",
            .help = "half-width of the central 68 % of log(measured/law), held out",
            .min = 0},
           law.residual_sd);
  v.objects({.name = "regimes", .label = "Errors by regime"}, law.regimes);
  v.objects({.name = "domain", .label = "Fitted range"}, law.domain);
  v.integer({.name = "points", .label = "Fitted points", .min = 0}, law.points);
  v.object({.name = "in_sample", .label = "Error on fitted points"}, law.in_sample);
  v.object({.name = "held_out", .label = "Error on shapes left out"}, law.held_out);
  v.object({.name = "roofline", .label = "Error of the datasheet roofline"}, law.roofline);
  v.choice({.name = "origin", .label = "Origin"}, provenance_names(), law.origin);
  v.text({.name = "source", .label = "Source"}, law.source);
  v.text({.name = "date", .label = "Date"}, law.date);
}

void describe(FieldVisitor& v, VariantChoice& choice) {
  v.text({.name = "operation", .label = "Operation", .required = true}, choice.operation);
  v.text({.name = "kernel_source", .label = "Kernels of", .required = true}, choice.kernel_source);
  v.text({.name = "format", .label = "Number format"}, choice.format);
  v.text({.name = "bucket", .label = "Shapes", .required = true}, choice.bucket);
  v.text({.name = "variant", .label = "Variant", .required = true}, choice.variant);
  v.number({.name = "seconds", .label = "Time", .help = "in seconds, on one shape", .min = 0},
           choice.seconds);
  v.text({.name = "runner_up", .label = "Runner-up"}, choice.runner_up);
  v.number({.name = "margin", .label = "Margin", .help = "of the runner-up's time"}, choice.margin);
  v.text({.name = "rule", .label = "Why"}, choice.rule);
}

void describe(FieldVisitor& v, MeasurementRecord& record) {
  v.text({.name = "machine", .label = "Machine", .required = true}, record.machine);
  v.boolean({.name = "quick", .label = "Quick", .help = "one pass over few points"}, record.quick);
  v.integer({.name = "passes", .label = "Passes", .min = 0}, record.passes);
  v.number({.name = "repeat_sd",
            .label = "Repeatability",
            .help = "standard deviation of the logarithm of a time between the passes",
            .min = 0},
           record.repeat_sd);
  v.number({.name = "contended_share",
            .label = "Contended samples",
            .help = "share of samples during which something else ran",
            .min = 0,
            .max = 1},
           record.contended_share);
  v.text({.name = "power_method", .label = "Power"}, record.power_method);
  v.text({.name = "power_gap", .label = "Why power is not measured"}, record.power_gap);
  v.number({.name = "read_bandwidth",
            .label = "Read bandwidth",
            .dimension = Dimension::bytes_per_second,
            .min = 0},
           record.read_bandwidth);
  v.number({.name = "copy_bandwidth",
            .label = "Copy bandwidth",
            .dimension = Dimension::bytes_per_second,
            .min = 0},
           record.copy_bandwidth);
}

void describe(FieldVisitor& v, DeviceProfile& profile) {
  v.text({.name = "device", .label = "Device", .required = true}, profile.device);
  v.text({.name = "note", .label = "Note"}, profile.note);
  v.figure({.name = "common_sd",
            .label = "Spread between machines",
            .help = "standard deviation of the logarithm of the factor all laws share",
            .min = 0,
            .max = 2},
           profile.common_sd);
  v.objects({.name = "laws", .label = "Laws", .required = true}, profile.laws);
  v.objects({.name = "variants", .label = "Chosen variants"}, profile.variants);
  v.object({.name = "measurement", .label = "How it was measured"}, profile.measurement);
}

void describe(FieldVisitor& v, LawSpread& spread) {
  v.choice({.name = "kind", .label = "Law", .required = true}, law_kind_names(), spread.kind);
  v.figure({.name = "borrowed",
            .label = "Borrowed from another device",
            .min = 0,
            .max = 2,
            .required = true},
           spread.borrowed);
  v.figure({.name = "other_source",
            .label = "Kernels of another engine",
            .min = 0,
            .max = 2,
            .required = true},
           spread.other_source);
  v.figure({.name = "other_format",
            .label = "Another number format",
            .min = 0,
            .max = 2,
            .required = true},
           spread.other_format);
  v.figure({.name = "other_vendor",
            .label = "Borrowed across vendors",
            .min = 0,
            .max = 2,
            .required = true},
           spread.other_vendor);
}

void describe(FieldVisitor& v, SpreadFigures& figures) {
  v.figure({.name = "machine",
            .label = "Between machines of one kind",
            .min = 0,
            .max = 2,
            .required = true},
           figures.machine);
  v.figure({.name = "shapes_per_step",
            .label = "Shapes per step",
            .min = 1,
            .max = 1000,
            .required = true},
           figures.shapes_per_step);
  v.objects({.name = "laws", .label = "By law", .required = true}, figures.laws);
}

void describe(FieldVisitor& v, PowerLaw& law) {
  v.text({.name = "device", .label = "Device", .required = true}, law.device);
  v.figure({.name = "floor",
            .label = "Floor",
            .help = "share of TDP",
            .min = 0,
            .max = 1,
            .required = true},
           law.floor);
  v.figure({.name = "memory", .label = "Memory slope", .min = 0, .required = true}, law.memory);
  v.figure({.name = "arithmetic", .label = "Arithmetic slope", .min = 0, .required = true},
           law.arithmetic);
  v.figure({.name = "slow", .label = "Slow-kernel slope", .min = 0, .required = true}, law.slow);
  v.figure({.name = "idle_share",
            .label = "Idle power",
            .help = "share of TDP",
            .min = 0,
            .max = 1,
            .required = true},
           law.idle_share);
  v.figure({.name = "residual_sd", .label = "Residual of log power", .min = 0}, law.residual_sd);
}

}  // namespace microdc
