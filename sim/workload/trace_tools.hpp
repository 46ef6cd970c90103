// What `microdc trace stats|convert|generate` do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/generators.hpp"
#include "sim/workload/trace.hpp"
#include "sim/workload/trace_read.hpp"

namespace microdc {

/// Distribution of a token count; percentiles that the sample cannot support (fewer than 10
/// requests beyond them) are empty.
struct TokenStats {
  double mean = 0;
  double cv = 0;
  std::int32_t min = 0;
  std::int32_t max = 0;
  std::int64_t total = 0;
  std::optional<double> p50, p90, p95, p99;
};

struct TraceStats {
  std::string source;
  std::int64_t requests = 0;
  double duration_s = 0;                   ///< from the first to the last arrival
  std::optional<double> rate_per_s;        ///< requests per second of the duration
  std::optional<double> gap_mean_s;        ///< between arrivals
  std::optional<double> gap_cv;            ///< coefficient of variation of the gaps; Poisson: 1
  std::optional<double> gap_cv_in_minute;  ///< median over minutes with at least 20 gaps
  std::optional<double> fano_60s;     ///< variance over mean of the counts per minute; Poisson: 1
  std::optional<double> minute_mean;  ///< requests per whole minute
  std::optional<double> minute_peak;
  std::optional<double> peak_over_mean;
  TokenStats input;
  TokenStats output;
  std::int64_t clients = 0;
  /// Share of prompt tokens in blocks that an earlier request had at the same place of the same
  /// prefix, with a cache that forgets nothing; empty without prefix information.
  std::optional<double> prefix_hit_ratio;
  std::int32_t prefix_block_tokens = 0;
};

TraceStats trace_stats(const Trace& trace);
std::string to_text(const TraceStats& stats);
nlohmann::ordered_json to_json(const TraceStats& stats);
nlohmann::ordered_json to_json(const TraceReadReport& report);

/// Writes a trace as "microdc" format, gzipped if the name ends in ".gz"; the file appears when it
/// is complete. Errors: cannot be written.
Diagnostics write_trace(const Trace& trace, const std::filesystem::path& path);
/// The bytes of that file, not compressed.
std::string trace_text(const Trace& trace);

/// Reads a trace in any format and writes it as above.
Result<TraceReadReport> convert_trace(const std::filesystem::path& from,
                                      const std::filesystem::path& to,
                                      const std::string& format = "",
                                      const TraceReadOptions& options = {});

/// All requests of a stream in the order of arrivals, for a file: a follow-up arrives its think
/// time after its predecessor arrived, because the file cannot know when an answer ends. Requests
/// of a closed loop all arrive at 0.
Trace as_open_loop(const RequestStream& stream);

/// Generates a stream and writes it as above.
Result<TraceStats> generate_trace(const WorkloadSpec& spec, std::uint64_t seed,
                                  const std::filesystem::path& base_folder,
                                  const std::filesystem::path& to);

}  // namespace microdc
