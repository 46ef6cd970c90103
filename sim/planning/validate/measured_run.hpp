// One measured serving run: a row of the table of measurements (columns: docs/validation.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/csv_table.hpp"

namespace microdc {

/// A measured figure of a run, in the unit of its column.
struct MeasuredValue {
  std::string metric;  ///< name of the column
  double value = 0;
};

struct MeasuredRun {
  std::int64_t line = 0;
  std::string row_id, source, gpu, model, arch, weight_precision, kv_precision, engine,
      engine_version, serving_mode, arrival_process, workload_name, input_dist, output_dist,
      quality, notes;
  // Empty: not published.
  std::optional<std::int64_t> num_gpus, tp, pp, dp, ep, concurrency, max_num_seqs,
      max_num_batched_tokens, kv_cache_capacity_tokens, num_requests, prefix_caching,
      shared_prefix_tokens;
  std::optional<double> arrival_rate_rps, input_tokens_mean, output_tokens_mean;
  std::vector<MeasuredValue> measured;
};

/// The columns that hold measured figures.
const std::vector<std::string_view>& measured_metrics();
/// "ttft", "tpot", "throughput", …: metrics whose errors are of one kind.
std::string_view metric_class(std::string_view metric);
/// Whether the column is a percentile of the tail (90 and above).
bool is_tail(std::string_view metric);
/// Whether the column was computed from others instead of measured.
bool is_derived(std::string_view metric);

/// Rows of the table in order. Warnings: numbers that are none (taken as blank). Errors: columns
/// without which no run can be told (gpu, model), a row_id twice.
Result<std::vector<MeasuredRun>> read_measured_runs(const CsvTable& table, const std::string& file);

}  // namespace microdc
