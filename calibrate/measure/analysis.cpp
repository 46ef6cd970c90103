#include "calibrate/measure/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibrate/measure/fitted_time.hpp"
#include "calibrate/measure/session.hpp"
#include "calibrate/measure/variant_choice.hpp"
#include "calibrate/measure/visits.hpp"
#include "hwprofiles/laws/device_numbers.hpp"

namespace microdc {
namespace {

using kernels::LaunchMode;
using kernels::Operation;

/// A quick run has no second pass to tell how well it repeats: two such passes differ by this much,
/// and by so much more per share of contended samples [assumed].
constexpr double quick_sd = 0.1;
constexpr double contended_sd = 0.4;
/// Share of contended samples from which on a machine counts as busy.
constexpr double busy_share = 0.05;
/// Smallest repeatability that is believed.
constexpr double least_repeat_sd = 0.01;

double median_of(std::vector<double> values) {
  if (values.empty()) return 0;
  return summary_of_samples(std::move(values)).median;
}

/// Law points by what they are, passes and modes together.
std::vector<LawPoint> law_points(const std::vector<MeasuredPoint>& points) {
  std::map<std::string, std::size_t> index;
  std::vector<LawPoint> laws;
  std::vector<std::vector<double>> logs;
  for (const MeasuredPoint& point : points) {
    if (point.stage != MeasuringStage::law || !point.has_time()) continue;
    MeasuredPoint same = point;
    same.pass = 1;
    same.mode = LaunchMode::graph;
    const auto [at, fresh] = index.try_emplace(key_of(same), laws.size());
    if (fresh) {
      laws.push_back({.point = point});
      logs.emplace_back();
    }
    LawPoint& law = laws[at->second];
    if (point.mode == LaunchMode::eager) {
      law.eager = point.seconds;
    } else {
      if (logs[at->second].empty()) law.point = point;
      logs[at->second].push_back(std::log(point.seconds));
    }
  }
  for (std::size_t i = 0; i < laws.size(); ++i) {
    if (logs[i].empty()) continue;
    double sum = 0;
    for (const double log : logs[i]) sum += log;
    laws[i].seconds = std::exp(sum / static_cast<double>(logs[i].size()));
    if (logs[i].size() > 1) laws[i].repeat = logs[i].back() - logs[i].front();
  }
  std::erase_if(laws, [](const LawPoint& law) { return !(law.seconds > 0); });
  return laws;
}

std::optional<KernelOperation> table_operation(Operation operation) {
  switch (operation) {
    case Operation::gemm: return KernelOperation::gemm;
    case Operation::attention_decode: return KernelOperation::attention_decode;
    case Operation::attention_prefill: return KernelOperation::attention_prefill;
    case Operation::elementwise_norm:
    case Operation::elementwise_act:
    case Operation::elementwise_rope:
    case Operation::elementwise_quantise: return KernelOperation::elementwise;
    case Operation::all_reduce: return KernelOperation::all_reduce;
    default: return std::nullopt;
  }
}

KernelRow row_of(const LawPoint& law, const std::string& device, KernelOperation operation,
                 NumberFormat format) {
  const MeasuredPoint& point = law.point;
  const kernels::Shape& s = point.shape;
  const auto number = [](std::int64_t value) { return static_cast<double>(value); };
  return {.source = "microdc",
          .device = device,
          .engine = point.source,
          .method = own_timing_method,
          .operation = operation,
          .format = format,
          .kv_format = format,
          .m = number(s.m),
          .n = number(s.n),
          .k = number(s.k),
          .batch = number(s.batch),
          .queries = number(s.queries),
          .context = number(s.context),
          .q_heads = number(s.q_heads),
          .kv_heads = number(s.kv_heads),
          .head_dim = number(s.head_dim),
          .group = number(s.group),
          .message = number(s.bytes),
          .bytes = point.bytes,
          .seconds = law.seconds};
}

KernelTable rows_of(const std::vector<LawPoint>& laws, const std::string& device) {
  KernelTable table;
  for (const LawPoint& law : laws) {
    ++table.lines;
    const auto operation = table_operation(law.point.operation);
    const auto format = parse_number_format(law.point.format);
    if (!operation) {
      ++table.dropped[fmt::format("{} has no law", name_of(law.point.operation))];
    } else if (!format && *operation != KernelOperation::elementwise) {
      ++table.dropped[fmt::format("unknown number format \"{}\"", law.point.format)];
    } else {
      table.rows.push_back(row_of(law, device, *operation, format ? *format : NumberFormat::bf16));
    }
  }
  return table;
}

void count_refused(const std::vector<MeasuredPoint>& points, KernelTable& table) {
  for (const MeasuredPoint& point : points) {
    if (point.stage != MeasuringStage::law || point.refused.empty() || point.pass > 1) continue;
    ++table.lines;
    ++table.dropped[point.refused.substr(0, point.refused.find(':'))];
  }
}

void add_reached(MeasurementAnalysis& analysis) {
  struct Shares {
    std::vector<double> values;
    ReachedShare share;
  };
  std::map<std::string, Shares> all;
  const auto& record = *analysis.profile().measurement;
  for (const LawPoint& law : analysis.points) {
    const MeasuredPoint& point = law.point;
    const auto add = [&](const char* of, double share) {
      Shares& shares =
          all[fmt::format("{}/{}/{}/{}", name_of(point.operation), point.format, point.source, of)];
      shares.share = {std::string(name_of(point.operation)), point.format, point.source, of};
      shares.values.push_back(share);
    };
    // Only points that memory or arithmetic dominates say how near a kernel comes to it.
    const bool cold = point.bytes >= 4 * analysis.machine.cache && point.bytes >= 16e6;
    const double peak = analysis.limits.peak_of(point.format);
    const double memory = point.bytes / analysis.limits.bandwidth;
    const double compute = peak > 0 ? point.flop / peak : 0;
    if (cold && memory > 2 * compute && record.copy_bandwidth) {
      add("copy bandwidth", point.bytes / law.seconds / *record.copy_bandwidth);
    }
    if (compute > 2 * memory) {
      add("arithmetic peak", point.flop / law.seconds / peak);
    }
    for (const LawPoint& other : analysis.points) {
      if (point.source != "own" || other.point.source == "own") continue;
      MeasuredPoint same = other.point;
      same.source = point.source;
      same.variant = point.variant;
      same.pass = point.pass;
      if (key_of(same) == key_of(point))
        add(other.point.source.c_str(), other.seconds / law.seconds);
    }
  }
  for (auto& [key, shares] : all) {
    shares.share.points = static_cast<std::int64_t>(shares.values.size());
    shares.share.best = *std::max_element(shares.values.begin(), shares.values.end());
    shares.share.median = median_of(shares.values);
    analysis.reached.push_back(shares.share);
  }
}

MeasurementRecord record_of(const ResultStore& store, const std::vector<LawPoint>& laws) {
  const MeasuredMachine& machine = store.machine();
  MeasurementRecord record{
      .machine = machine.name,
      .quick = machine.quick,
      .power_method = machine.energy_gap.empty() ? "energy_counter" : "tdp_model",
      .power_gap = machine.energy_gap};
  std::vector<double> repeats;
  double contended = 0, samples = 0;
  for (const MeasuredPoint& point : store.points()) {
    if (point.stage == MeasuringStage::law) {
      record.passes = std::max<std::int64_t>(record.passes, point.pass);
    }
    contended += point.contended;
    samples += std::max(point.samples, point.contended);
  }
  for (const LawPoint& law : laws) {
    if (law.repeat) repeats.push_back(std::abs(*law.repeat));
  }
  // Median of |normal| to its standard deviation; a difference has twice the variance.
  if (!repeats.empty()) record.repeat_sd = median_of(repeats) / 0.6745 / std::sqrt(2.0);
  if (samples > 0) record.contended_share = std::min(1.0, contended / samples);
  const double read = memory_rate(store.points(), Operation::memory_read, machine.cache);
  const double copy = memory_rate(store.points(), Operation::memory_copy, machine.cache);
  if (read > 0) record.read_bandwidth = read;
  if (copy > 0) record.copy_bandwidth = copy;
  return record;
}

Figure common_sd_of(const MeasurementRecord& record, const std::string& date) {
  if (record.repeat_sd) {
    return {.value = std::max(least_repeat_sd, *record.repeat_sd),
            .kind = Provenance::measured,
            .source = "spread between the passes on this machine",
            .date = date};
  }
  const double sd = quick_sd + contended_sd * record.contended_share;
  return {.value = sd,
          .low = sd / 2,
          .high = 2 * sd,
          .kind = Provenance::assumed,
          .source = record.contended_share > busy_share
                        ? fmt::format("one pass only, {:.0f} % of its samples while something "
                                      "else ran: how well it repeats was not measured",
                                      100 * record.contended_share)
                        : "one pass only: how well it repeats was not measured",
          .date = date};
}

}  // namespace

KernelTable law_rows(const std::vector<MeasuredPoint>& points, const std::string& device) {
  KernelTable table = rows_of(law_points(points), device);
  count_refused(points, table);
  return table;
}

Result<MeasurementAnalysis> analyse_measurements(const ResultStore& store,
                                                 const HardwareCatalog& catalog) {
  MeasurementAnalysis analysis{.machine = store.machine(),
                               .limits = limits_of(store.machine(), store.points())};
  auto entry = device_entry(analysis.machine, analysis.limits, catalog);
  if (!entry) return entry.diagnostics();
  analysis.entry = std::move(*entry);
  const HardwareCatalog extended = with_entry(catalog, analysis.entry);
  auto report = calibrate_from_rows(
      law_rows(store.points(), analysis.entry.name), store.results_file().string(), extended,
      {.source = fmt::format("measured by microdc calibrate on {}{}", analysis.machine.name,
                             analysis.machine.quick ? " (quick)" : ""),
       .date = analysis.machine.date});
  if (!report) return report.diagnostics();
  analysis.calibration = std::move(*report);
  analysis.points = law_points(store.points());

  DeviceProfile& profile = analysis.calibration.profiles.front();
  for (FittedLaw& law : profile.laws) {
    law.origin = Provenance::measured;
    law.source = fmt::format("microdc calibrate, {} kernels on {}", law.kernel_source,
                             analysis.machine.name);
  }
  profile.variants = choose_variants(store.points());
  profile.measurement = record_of(store, analysis.points);
  profile.common_sd = common_sd_of(*profile.measurement, analysis.machine.date);

  for (LawPoint& law : analysis.points) {
    law.light =
        light_seconds({law.point.operation, law.point.format, law.point.shape}, analysis.limits);
  }
  if (const auto numbers = device_numbers(extended, analysis.entry.name)) {
    for (LawPoint& law : analysis.points) {
      law.fitted = fitted_seconds(profile, *numbers, law.point);
      if (!law.fitted) continue;
      law.interval = interval_90(*law_of(profile, law.point), *numbers, law.point);
    }
  }
  add_reached(analysis);
  for (const MeasuredPoint& point : store.points()) {
    if (!point.refused.empty()) {
      analysis.refused.push_back(point);
    } else if (point.stage == MeasuringStage::curve && point.pass == 1) {
      analysis.limit_points.push_back(point);
    } else if (point.stage != MeasuringStage::law && point.stage != MeasuringStage::race) {
      analysis.loads.push_back(point);
    }
  }
  return analysis;
}

}  // namespace microdc
