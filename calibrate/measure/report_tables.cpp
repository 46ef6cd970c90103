#include "calibrate/measure/report_tables.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "calibrate/measure/measurement_report.hpp"
#include "calibrate/measure/rate_text.hpp"

namespace microdc {
namespace {

using kernels::Operation;

std::string percent(double share) { return fmt::format("{:.1f} %", 100 * share); }

std::string errors(const std::optional<ErrorSummary>& summary) {
  return summary ? fmt::format("{:.1f} / {:.1f}", 100 * summary->median, 100 * summary->p90) : "";
}

/// "12.3 GB/s" of a limit point, or its time where it moves nothing.
std::string rate_of(const MeasuredPoint& point) {
  if (point.operation == Operation::memory_latency || point.operation == Operation::launch) {
    return time_text(point.seconds);
  }
  if (point.flop > point.bytes) return rate_text(point.flop / point.seconds, "FLOP");
  return rate_text(point.bytes / point.seconds, "B");
}

ReportTable limits_table(const MeasurementAnalysis& analysis) {
  ReportTable table{
      .title = "What the device can",
      .note = fmt::format("Memory bandwidth, against which laws are fitted: {}, of the best kernel "
                          "the median of all looks at more than four caches.",
                          rate_text(analysis.limits.bandwidth, "B")),
      .header = {"operation", "format", "kernel", "working set", "rate or time", "half-width"}};
  for (const MeasuredPoint& point : analysis.limit_points) {
    const std::string eager = point.mode == kernels::LaunchMode::eager ? ", eager" : "";
    table.rows.push_back(
        {std::string(name_of(point.operation)) + eager, point.format,
         point.source == "own" ? point.variant : point.source + " " + point.variant,
         point.shape.bytes > 0 ? size_text(static_cast<double>(point.shape.bytes)) : "",
         rate_of(point), percent(0.5 * (point.high - point.low) / point.seconds)});
  }
  return table;
}

ReportTable laws_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Laws",
                    .header = {"law", "kernels of", "format", "points", "fitted", "held out",
                               "roofline", "residual sd"}};
  for (const FittedLaw& law : analysis.profile().laws) {
    std::string kind(law_kind_names()[static_cast<std::size_t>(law.kind)]);
    if (law.group > 0) kind += fmt::format(" n={}", law.group);
    table.rows.push_back({kind, law.kernel_source, std::string(name_of(law.format)),
                          std::to_string(law.points), errors(law.in_sample), errors(law.held_out),
                          errors(law.roofline), fmt::format("{:.3f}", law.residual_sd)});
  }
  const Coverage coverage = coverage_of(analysis);
  table.note = fmt::format(
      "Kernels of: own is microdc's, else the library. Relative errors in %, median / 90 % "
      "quantile; held out: fitted on one half of the shapes, tested on the other; roofline: of the "
      "device's limits alone, without a law. Residual sd: of log(measured / law), held out; "
      "forecasts vary by it. {} of {} points ({:.0f} %) lie within the 90 % interval of their law "
      "(the same points set that interval).",
      coverage.inside, coverage.points, 100 * coverage.share());
  return table;
}

ReportTable variants_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Chosen variants",
                    .note =
                        "A variant wins only if its interval lies below all others; else the "
                        "plainest of those that overlap, at most 10 % slower, is taken.",
                    .header = {"operation", "format", "kernels of", "shapes", "variant", "time",
                               "runner-up", "margin", "why"}};
  for (const VariantChoice& c : analysis.profile().variants) {
    table.rows.push_back(
        {c.operation, c.format, c.kernel_source, c.bucket, c.variant, time_text(c.seconds),
         c.runner_up, c.runner_up.empty() ? "" : fmt::format("{:+.1f} %", 100 * c.margin), c.rule});
  }
  return table;
}

ReportTable reached_table(const MeasurementAnalysis& analysis) {
  ReportTable table{
      .title = "What kernels reach",
      .note =
          "Shares of measured copy bandwidth (points that memory bounds, beyond four caches), of "
          "the measured arithmetic peak (points that arithmetic bounds), and of the vendor's "
          "library on the same shape.",
      .header = {"operation", "format", "kernels of", "share of", "median", "best", "points"}};
  for (const ReachedShare& share : analysis.reached) {
    table.rows.push_back({share.operation, share.format, share.source, share.of,
                          percent(share.median), percent(share.best),
                          std::to_string(share.points)});
  }
  return table;
}

ReportTable loads_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Bursts, sustained load, power",
                    .header = {"state", "operation", "format", "time", "rate", "power", "energy",
                               "clock", "temperature", "throttled by"}};
  const auto optional = [](const std::optional<double>& value, double unit, const char* name) {
    return value ? fmt::format("{:.4g} {}", *value / unit, name) : std::string("not measured");
  };
  for (const MeasuredPoint& p : analysis.loads) {
    const bool idle = p.stage == MeasuringStage::idle;
    table.rows.push_back(
        {std::string(measuring_stage_names()[static_cast<std::size_t>(p.stage)]),
         idle ? "" : std::string(name_of(p.operation)), p.format, idle ? "" : time_text(p.seconds),
         idle ? "" : rate_of(p), optional(p.power_watts, 1, "W"),
         idle || !p.energy_joules ? "" : fmt::format("{:.3g} J", *p.energy_joules),
         optional(p.clock_hz, 1e6, "MHz"), optional(p.temperature_celsius, 1, "C"), p.throttle});
  }
  const MeasurementRecord& record = *analysis.profile().measurement;
  table.note = record.power_gap.empty()
                   ? "Power is the difference of the energy counter over the whole run."
                   : fmt::format("Power method {}: {}.", record.power_method, record.power_gap);
  return table;
}

/// Eager launches over replays, where both were timed.
ReportTable launches_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Launched one by one",
                    .header = {"operation", "points", "more time per call, median"}};
  std::map<std::string, std::vector<double>> extra;
  for (const LawPoint& law : analysis.points) {
    if (law.eager) {
      extra[std::string(name_of(law.point.operation))].push_back(*law.eager - law.seconds);
    }
  }
  for (auto& [operation, values] : extra) {
    std::sort(values.begin(), values.end());
    table.rows.push_back({operation, std::to_string(values.size()),
                          time_text(std::max(0.0, values[values.size() / 2]))});
  }
  return table;
}

ReportTable refused_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Refused",
                    .note = "None of these entered the profile.",
                    .header = {"operation", "format", "kernel", "why", "points"}};
  std::map<std::vector<std::string>, std::int64_t> counted;
  for (const MeasuredPoint& p : analysis.refused) {
    ++counted[{std::string(name_of(p.operation)), p.format, p.source + " " + p.variant,
               p.refused.substr(0, p.refused.find(':'))}];
  }
  for (const auto& [row, count] : counted) {
    table.rows.push_back(row);
    table.rows.back().push_back(std::to_string(count));
  }
  return table;
}

ReportTable dropped_table(const MeasurementAnalysis& analysis) {
  ReportTable table{.title = "Points that entered no law", .header = {"why", "points"}};
  for (const auto& [reason, count] : analysis.calibration.dropped) {
    table.rows.push_back({reason, std::to_string(count)});
  }
  return table;
}

}  // namespace

std::vector<ReportTable> report_tables(const MeasurementAnalysis& analysis) {
  std::vector<ReportTable> tables;
  for (auto* make : {laws_table, reached_table, variants_table, limits_table, loads_table,
                     launches_table, refused_table, dropped_table}) {
    ReportTable table = make(analysis);
    if (!table.rows.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace microdc
