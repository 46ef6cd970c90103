// One measurement and its line in a file of results: the columns of a table of kernels
// (docs/calibrate.md), and further ones of our own.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "kernels/kernel.hpp"

namespace microdc {

/// Calls `visit(name, label, value)` for every dimension of a shape: its name in JSON, its label in
/// text.
template <class Visit>
void visit_dimensions(const kernels::Shape& shape, const Visit& visit) {
  visit("m", "m", shape.m);
  visit("n", "n", shape.n);
  visit("k", "k", shape.k);
  visit("batch", "batch", shape.batch);
  visit("queries", "queries", shape.queries);
  visit("context", "context", shape.context);
  visit("q_heads", "heads", shape.q_heads);
  visit("kv_heads", "KV heads", shape.kv_heads);
  visit("head_dim", "head dimension", shape.head_dim);
  visit("bytes", "bytes", shape.bytes);
  visit("group", "ranks", static_cast<std::int64_t>(shape.group));
}

/// Name in the column `op`: "gemm", "attention_decode", "memory_copy", …
std::string_view name_of(kernels::Operation operation);
std::optional<kernels::Operation> parse_operation(std::string_view name);

/// What a measurement is for.
enum class MeasuringStage {
  curve,      ///< memory and arithmetic limits, launches
  race,       ///< variants against each other on one shape of a bucket
  law,        ///< points that a law is fitted to
  burst,      ///< single calls after idle gaps
  sustained,  ///< back to back for seconds, with energy
  idle,       ///< the device at rest: only what its sensors say
};
const std::vector<std::string_view>& measuring_stage_names();

struct MeasuredPoint {
  MeasuringStage stage = MeasuringStage::law;
  int pass = 1;  ///< 2: again in reverse order, after a pause
  kernels::Operation operation = kernels::Operation::gemm;
  std::string format;
  std::string source;  ///< "own", or a vendor's library
  std::string variant;
  kernels::LaunchMode mode = kernels::LaunchMode::graph;
  kernels::Shape shape;

  /// Why there is no time: "not verified: …", "no memory"; empty if there is one.
  std::string refused;
  double seconds = 0, low = 0, high = 0;  ///< median of a call and its 95 % interval
  int samples = 0, calls = 0, contended = 0;
  double bytes = 0, flop = 0;  ///< of a call
  double error = 0;            ///< largest, against float64
  std::optional<double> clock_hz, temperature_celsius, power_watts, energy_joules;
  std::string throttle;

  [[nodiscard]] bool has_time() const { return refused.empty() && seconds > 0; }
};

/// What makes two measurements the same: all that stands before the results.
std::string key_of(const MeasuredPoint& point);

/// The header line and one line per point, both with their line end. `device` is its name.
std::string results_header();
std::string results_line(const MeasuredPoint& point, const std::string& device);

/// Points of a file of results, in its order; a key that comes twice keeps its last line. A last
/// line without end is what an interruption left, and is no error. Errors: no header of ours; a
/// line that is none of ours (all of them).
Result<std::vector<MeasuredPoint>> parse_results(std::string_view text, const std::string& name);
/// Whether a CSV header is that of a file of results.
bool is_results_header(std::string_view text);

}  // namespace microdc
