#include "calibrate/measure/measurement_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "calibrate/measure/rate_text.hpp"
#include "calibrate/measure/report_tables.hpp"

namespace microdc {
namespace {

/// Number of characters, not of bytes.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

void append_table(const ReportTable& table, std::string& text) {
  text += "\n" + table.title + "\n";
  std::vector<std::vector<std::string>> lines{table.header};
  lines.insert(lines.end(), table.rows.begin(), table.rows.end());
  std::vector<std::size_t> widths(table.header.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], width_of(line[i]));
  }
  for (const auto& line : lines) {
    std::string row = " ";
    for (std::size_t i = 0; i < line.size(); ++i) {
      row += " " + line[i] + std::string(widths[i] - width_of(line[i]) + 1, ' ');
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  if (!table.note.empty()) text += "  " + table.note + "\n";
}

OrderedJson shape_json(const kernels::Shape& shape) {
  OrderedJson json;
  visit_dimensions(shape, [&](const char* name, const char*, std::int64_t value) {
    if (value != 0) json[name] = value;
  });
  return json;
}

/// Where the power figures of a CPU come from that no file describes.
std::string power_text(const Cpu& cpu) {
  if (!cpu.tdp) {
    return "  no CPU of the catalog has a TDP: power and energy will be null\n";
  }
  const auto watts = [](const Figure& figure) {
    return fmt::format("{:.3g} W ({:.3g} to {:.3g})", figure.value, *figure.low, *figure.high);
  };
  std::string text = "  TDP " + watts(*cpu.tdp);
  if (cpu.idle_power) text += ", idle " + watts(*cpu.idle_power);
  return text + ": assumed, " + cpu.tdp->source + "\n";
}

OrderedJson optional_json(const std::optional<double>& value) {
  return value ? OrderedJson(*value) : OrderedJson();
}

OrderedJson point_json(const LawPoint& law) {
  return {{"operation", name_of(law.point.operation)},
          {"format", law.point.format},
          {"source", law.point.source},
          {"variant", law.point.variant},
          {"shape", shape_json(law.point.shape)},
          {"measured_s", law.seconds},
          {"low_s", law.point.low},
          {"high_s", law.point.high},
          {"fitted_s", optional_json(law.fitted)},
          {"roofline_s", law.light},
          {"eager_s", optional_json(law.eager)},
          {"repeat_log", optional_json(law.repeat)},
          {"bytes", law.point.bytes},
          {"flop", law.point.flop}};
}

}  // namespace

Coverage coverage_of(const MeasurementAnalysis& analysis) {
  Coverage coverage;
  for (const LawPoint& law : analysis.points) {
    if (!law.fitted || !law.interval) continue;
    ++coverage.points;
    coverage.inside += std::abs(std::log(law.seconds / *law.fitted)) <= *law.interval;
  }
  return coverage;
}

std::string measurement_text(const MeasurementAnalysis& analysis) {
  const MeasurementRecord& record = *analysis.profile().measurement;
  std::string text =
      fmt::format("{}: profile \"{}\"{}\n", analysis.machine.name, analysis.profile().device,
                  record.quick ? ", from a quick run (wider intervals)" : "");
  text +=
      fmt::format("  memory {}, last-level cache {}, {} {}\n", size_text(analysis.machine.memory),
                  size_text(analysis.machine.cache), analysis.machine.multiprocessors,
                  analysis.machine.is_cpu ? "cores" : "multiprocessors");
  text += record.repeat_sd
              ? fmt::format("  {} passes, repeatable to {:.1f} %\n", record.passes,
                            100 * *record.repeat_sd)
              : fmt::format("  {} pass: how well it repeats was not measured\n", record.passes);
  if (record.contended_share > 0.01) {
    text += fmt::format("  {:.0f} % of the samples were contended: something else ran\n",
                        100 * record.contended_share);
  }
  if (analysis.entry.cpu) text += power_text(*analysis.entry.cpu);
  for (const ReportTable& table : report_tables(analysis)) append_table(table, text);
  return text;
}

OrderedJson measurement_json(const MeasurementAnalysis& analysis) {
  OrderedJson points = OrderedJson::array(), reached = OrderedJson::array(),
              dropped = OrderedJson::array();
  for (const LawPoint& law : analysis.points) points.push_back(point_json(law));
  for (const ReachedShare& share : analysis.reached) {
    reached.push_back({{"operation", share.operation},
                       {"format", share.format},
                       {"source", share.source},
                       {"of", share.of},
                       {"median", share.median},
                       {"best", share.best},
                       {"points", share.points}});
  }
  for (const auto& [reason, count] : analysis.calibration.dropped) {
    dropped.push_back({{"reason", reason}, {"count", count}});
  }
  const Coverage coverage = coverage_of(analysis);
  return {{"device", analysis.profile().device},
          {"in_catalog", analysis.entry.known},
          {"machine", write_fields(describing(analysis.machine))},
          {"bandwidth_bytes_per_s", analysis.limits.bandwidth},
          {"peak_flop_per_s", analysis.limits.peak},
          {"interval_coverage", {{"points", coverage.points}, {"inside", coverage.inside}}},
          {"reached", std::move(reached)},
          {"dropped", std::move(dropped)},
          {"refused", analysis.refused.size()},
          {"points", std::move(points)},
          {"profile", write_fields(describing(analysis.profile()))}};
}

}  // namespace microdc
