#include "sim/report/measured/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "hwprofiles/base/text_file.hpp"
#include "sim/report/measured/formats.hpp"

namespace microdc {
namespace {

constexpr std::array latencies{"ttft", "tpot", "itl", "e2e", "queue"};
constexpr std::array statistics{"mean", "p50", "p90", "p95", "p99"};

/// All names that a metric may have, for the nearest match.
std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const char* latency : latencies) {
    for (const char* statistic : statistics) {
      names.push_back(fmt::format("{}_{}", latency, statistic));
      names.push_back(*latency_path(latency, statistic));
    }
  }
  for (const ComparableFigure& figure : comparable_figures()) {
    names.emplace_back(figure.path);
    names.emplace_back(figure.path.substr(figure.path.find('.') + 1));
  }
  return names;
}

/// The known name that a metric is likely to mean: "tpot_mean" for "TPOT" and "Mean TPOT (ms)".
std::optional<std::string> nearest_metric(std::string metric,
                                          const std::vector<std::string>& names) {
  for (char& c : metric) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (const auto near = nearest_match(metric, names)) return near;
  for (const char* latency : latencies) {
    if (metric.find(latency) == std::string::npos) continue;
    for (const char* statistic : statistics) {
      if (metric.find(statistic) != std::string::npos) {
        return fmt::format("{}_{}", latency, statistic);
      }
    }
    const bool median = metric.find("median") != std::string::npos;
    return fmt::format("{}_{}", latency, median ? "p50" : "mean");
  }
  return std::nullopt;
}

Diagnostics negative_values(const MeasuredFigures& run, const std::string& file) {
  Diagnostics findings;
  for (const MeasuredMetric& metric : run.metrics) {
    if (metric.value >= 0) continue;
    findings.add({.file = file,
                  .place = metric.source_key,
                  .message = "a measurement cannot be negative",
                  .found = fmt::format("{}", metric.value)});
  }
  return findings;
}

}  // namespace

const std::vector<MeasuredFormat>& measured_formats() {
  static const std::vector<MeasuredFormat> all{vllm_bench_format(), aiperf_format(),
                                               metric_csv_format()};
  return all;
}

Result<MeasuredFigures> read_measured(const std::filesystem::path& file) {
  const Result<std::string> text = read_text_file(file);
  if (!text) return text.diagnostics();
  const std::string& content = *text;
  if (content.empty()) return Diagnostic{.file = file.string(), .message = "the file is empty"};
  std::vector<std::string> names;
  for (const MeasuredFormat& format : measured_formats()) {
    names.emplace_back(format.name);
    if (!format.recognises(content)) continue;
    auto run = format.read(content, file.string());
    if (!run) return run;
    const Diagnostics negative = negative_values(*run, file.string());
    if (negative.has_errors()) return negative;
    if (!run->metrics.empty()) return run;
    Diagnostics findings = run.diagnostics();
    findings.add({.file = file.string(),
                  .message = "nothing in this measurement can be compared with a result",
                  .allowed = "latencies and throughput (docs/outputs.md, --measured)"});
    return findings;
  }
  return Diagnostic{.file = file.string(),
                    .message = "the format of this measurement is not known",
                    .allowed = join_names(names),
                    .fix = "write a CSV file with the columns metric,value,unit"};
}

const std::vector<ComparableFigure>& comparable_figures() {
  static const std::vector<ComparableFigure> all{
      {"requests.completed", Dimension::none},
      {"throughput.requests_per_s", Dimension::rate},
      {"throughput.output_tokens_per_s", Dimension::rate},
      {"throughput.goodput_requests_per_s", Dimension::rate},
      {"energy.accelerator_j_per_output_token", Dimension::energy},
      {"power.mean_w", Dimension::power},
      {"power.peak_w", Dimension::power},
      {"power.idle_w", Dimension::power},
      {"utilisation.busy_share", Dimension::none}};
  return all;
}

std::optional<std::string> latency_path(std::string_view latency, std::string_view statistic) {
  std::string_view name = statistic;
  if (statistic == "median") name = "p50";
  if (statistic == "avg") name = "mean";
  if (latency == "e2el") latency = "e2e";
  for (const char* known : latencies) {
    if (latency != known) continue;
    for (const char* kind : statistics) {
      if (name == kind) return fmt::format("latency.{}_s.{}", known, kind);
    }
  }
  return std::nullopt;
}

void note_ignored(const std::vector<std::string>& keys, const std::string& file,
                  Diagnostics& findings) {
  if (keys.empty()) return;
  findings.add({.severity = Severity::note,
                .file = file,
                .message = fmt::format("not compared: {}", join_names(keys, 8))});
}

void note_unknown_metrics(const std::vector<std::string>& metrics, const std::string& file,
                          Diagnostics& findings) {
  if (metrics.empty()) return;
  const std::vector<std::string> names = metric_names();
  std::vector<std::string> fixes;
  for (const std::string& metric : metrics) {
    const auto near = nearest_metric(metric, names);
    if (near) fixes.push_back(fmt::format("\"{}\" for \"{}\"", *near, metric));
  }
  std::vector<std::string> others;
  for (const ComparableFigure& figure : comparable_figures()) others.emplace_back(figure.path);
  findings.add({.severity = Severity::note,
                .file = file,
                .message = fmt::format("not compared: {}", join_names(metrics, 8)),
                .allowed = fmt::format("{{{}}}_{{{}}}, {} (docs/outputs.md, --measured)",
                                       fmt::join(latencies, ","), fmt::join(statistics, ","),
                                       fmt::join(others, ", ")),
                .fix = fixes.empty() ? "" : fmt::format("did you mean {}?", join_names(fixes, 8))});
}

MeasuredComparison compare_with_measured(const MeasuredFigures& run, const std::string& file,
                                         const std::map<std::string, double>& predicted) {
  MeasuredComparison comparison{.file = file, .format = run.format};
  for (const MeasuredMetric& metric : run.metrics) {
    ComparedMetric compared{.measured = metric};
    const auto at = predicted.find(metric.path);
    if (at != predicted.end()) {
      compared.predicted = at->second;
      if (metric.value != 0) compared.error = (at->second - metric.value) / metric.value;
    }
    comparison.metrics.push_back(std::move(compared));
  }
  std::stable_sort(comparison.metrics.begin(), comparison.metrics.end(),
                   [](const ComparedMetric& a, const ComparedMetric& b) {
                     return a.measured.path < b.measured.path;
                   });
  return comparison;
}

}  // namespace microdc
