#include "sim/planning/validate/measured_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

namespace microdc {
namespace {

class RowReader {
 public:
  RowReader(const CsvTable& table, const std::string& file, Diagnostics& findings)
      : table_(table), file_(file), findings_(findings) {}

  void at(std::size_t row) { row_ = row; }
  [[nodiscard]] const std::string& text(std::string_view column) const {
    return table_.text(row_, std::string(column));
  }
  std::optional<double> number(std::string_view column) {
    const std::string& field = text(column);
    if (field.empty()) return std::nullopt;
    double value = 0;
    const char* end = field.data() + field.size();
    const auto [stopped, error] = std::from_chars(field.data(), end, value);
    if (error == std::errc() && stopped == end && std::isfinite(value)) return value;
    findings_.add({.severity = Severity::warning,
                   .file = file_,
                   .place = fmt::format("line {}, {}", table_.line(row_), column),
                   .message = "this is no number; it is taken as blank",
                   .found = field});
    return std::nullopt;
  }
  std::optional<std::int64_t> count(std::string_view column) {
    const auto value = number(column);
    if (!value || std::abs(*value) > 1e15) return std::nullopt;
    return std::llround(*value);
  }

 private:
  const CsvTable& table_;
  const std::string& file_;
  Diagnostics& findings_;
  std::size_t row_ = 0;
};

MeasuredRun read_run(RowReader& row) {
  MeasuredRun run;
  run.row_id = row.text("row_id");
  run.source = row.text("source");
  run.gpu = row.text("gpu");
  run.model = row.text("model");
  run.arch = row.text("arch");
  run.weight_precision = row.text("weight_precision");
  run.kv_precision = row.text("kv_precision");
  run.engine = row.text("engine");
  run.engine_version = row.text("engine_version");
  run.serving_mode = row.text("serving_mode");
  run.arrival_process = row.text("arrival_process");
  run.workload_name = row.text("workload_name");
  run.input_dist = row.text("input_tokens_dist");
  run.output_dist = row.text("output_tokens_dist");
  run.quality = row.text("quality");
  run.notes = row.text("notes");
  run.num_gpus = row.count("num_gpus");
  run.tp = row.count("tp");
  run.pp = row.count("pp");
  run.dp = row.count("dp");
  run.ep = row.count("ep");
  run.concurrency = row.count("concurrency");
  run.max_num_seqs = row.count("max_num_seqs");
  run.max_num_batched_tokens = row.count("max_num_batched_tokens");
  run.kv_cache_capacity_tokens = row.count("kv_cache_capacity_tokens");
  run.num_requests = row.count("num_requests");
  run.prefix_caching = row.count("prefix_caching");
  run.shared_prefix_tokens = row.count("shared_prefix_tokens");
  run.arrival_rate_rps = row.number("arrival_rate_rps");
  run.input_tokens_mean = row.number("input_tokens_mean");
  run.output_tokens_mean = row.number("output_tokens_mean");
  for (const std::string_view metric : measured_metrics()) {
    const auto value = row.number(metric);
    if (value && *value > 0) run.measured.push_back({std::string(metric), *value});
  }
  return run;
}

}  // namespace

const std::vector<std::string_view>& measured_metrics() {
  static const std::vector<std::string_view> metrics{"ttft_mean_ms",
                                                     "ttft_p50_ms",
                                                     "ttft_p90_ms",
                                                     "ttft_p95_ms",
                                                     "ttft_p99_ms",
                                                     "ttft_unspecstat_ms",
                                                     "itl_mean_ms",
                                                     "itl_p50_ms",
                                                     "itl_p90_ms",
                                                     "itl_p95_ms",
                                                     "itl_p99_ms",
                                                     "tpot_mean_ms",
                                                     "tpot_p50_ms",
                                                     "tpot_p90_ms",
                                                     "tpot_p95_ms",
                                                     "tpot_p99_ms",
                                                     "tpot_unspecstat_ms",
                                                     "e2e_mean_ms",
                                                     "e2e_p50_ms",
                                                     "e2e_p90_ms",
                                                     "e2e_p95_ms",
                                                     "e2e_p99_ms",
                                                     "request_throughput_rps",
                                                     "output_tokens_per_s",
                                                     "output_tokens_per_s_derived",
                                                     "energy_j_per_output_token",
                                                     "energy_j_per_request",
                                                     "power_mean_w_total",
                                                     "power_mean_frac_tdp",
                                                     "power_peak_frac_tdp"};
  return metrics;
}

std::string_view metric_class(std::string_view metric) {
  if (metric.starts_with("request_throughput") || metric.starts_with("output_tokens")) {
    return "throughput";
  }
  return metric.substr(0, metric.find('_'));
}

bool is_tail(std::string_view metric) { return metric.find("_p9") != std::string_view::npos; }

bool is_derived(std::string_view metric) { return metric.ends_with("_derived"); }

Result<std::vector<MeasuredRun>> read_measured_runs(const CsvTable& table,
                                                    const std::string& file) {
  Diagnostics findings;
  for (const char* column : {"row_id", "gpu", "model"}) {
    if (table.has(column)) continue;
    findings.add({.file = file,
                  .place = "line 1",
                  .message = fmt::format("the column \"{}\" is missing", column),
                  .found = join_names(table.header())});
  }
  if (findings.has_errors()) return findings;
  std::vector<MeasuredRun> runs;
  std::set<std::string> seen;
  RowReader row(table, file, findings);
  for (std::size_t i = 0; i < table.size(); ++i) {
    row.at(i);
    runs.push_back(read_run(row));
    runs.back().line = table.line(i);
    if (!seen.insert(runs.back().row_id).second) {
      findings.add({.file = file,
                    .place = fmt::format("line {}", table.line(i)),
                    .message = "this row_id stands in the table twice",
                    .found = runs.back().row_id});
    }
  }
  if (findings.has_errors()) return findings;
  return Result<std::vector<MeasuredRun>>(std::move(runs), std::move(findings));
}

}  // namespace microdc
