#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "sim/workload/trace_tools.hpp"

namespace microdc {
namespace {

constexpr Nanoseconds minute = Nanoseconds{60} * 1'000'000'000;

struct Moments {
  double mean = 0;
  double variance = 0;
  [[nodiscard]] double cv() const { return mean > 0 ? std::sqrt(variance) / mean : 0; }
};

template <class Values>
Moments moments_of(const Values& values) {
  Moments moments;
  for (const auto value : values) moments.mean += static_cast<double>(value);
  moments.mean /= static_cast<double>(values.size());
  for (const auto value : values) {
    const double d = static_cast<double>(value) - moments.mean;
    moments.variance += d * d;
  }
  moments.variance /= static_cast<double>(values.size());
  return moments;
}

/// Linear between the order statistics (type 7 of Hyndman and Fan), as numpy does; empty if fewer
/// than 10 values lie beyond.
std::optional<double> percentile(const std::vector<std::int32_t>& sorted, double p) {
  const auto n = static_cast<double>(sorted.size());
  if (n * (1 - p) < 10) return std::nullopt;
  const double at = p * (n - 1);
  const auto below = static_cast<std::size_t>(at);
  const double share = at - static_cast<double>(below);
  return sorted[below] + share * (sorted[std::min(below + 1, sorted.size() - 1)] - sorted[below]);
}

TokenStats token_stats(std::vector<std::int32_t> tokens) {
  TokenStats stats;
  std::sort(tokens.begin(), tokens.end());
  const Moments moments = moments_of(tokens);
  stats.mean = moments.mean;
  stats.cv = moments.cv();
  stats.min = tokens.front();
  stats.max = tokens.back();
  for (const std::int32_t value : tokens) stats.total += value;
  stats.p50 = percentile(tokens, 0.5);
  stats.p90 = percentile(tokens, 0.9);
  stats.p95 = percentile(tokens, 0.95);
  stats.p99 = percentile(tokens, 0.99);
  return stats;
}

void add_gaps(const std::vector<TraceRequest>& requests, TraceStats& stats) {
  if (requests.size() < 3) return;
  std::vector<double> gaps;
  std::vector<double> in_minute;
  std::vector<double> cvs;
  const auto close_minute = [&] {
    if (in_minute.size() >= 20) cvs.push_back(moments_of(in_minute).cv());
    in_minute.clear();
  };
  const Nanoseconds first = requests.front().arrival;
  for (std::size_t i = 1; i < requests.size(); ++i) {
    const Nanoseconds before = requests[i - 1].arrival;
    const double gap = static_cast<double>(requests[i].arrival - before) * 1e-9;
    gaps.push_back(gap);
    // A gap belongs to a minute if both its ends do.
    if ((requests[i].arrival - first) / minute != (before - first) / minute)
      close_minute();
    else
      in_minute.push_back(gap);
  }
  close_minute();
  const Moments moments = moments_of(gaps);
  stats.gap_mean_s = moments.mean;
  if (moments.mean > 0) stats.gap_cv = moments.cv();
  if (cvs.empty()) return;
  std::sort(cvs.begin(), cvs.end());
  stats.gap_cv_in_minute = cvs.size() % 2 == 1
                               ? cvs[cvs.size() / 2]
                               : (cvs[cvs.size() / 2 - 1] + cvs[cvs.size() / 2]) / 2;
}

/// Counts per whole minute from the first arrival; the last, incomplete minute is left out.
void add_minutes(const std::vector<TraceRequest>& requests, TraceStats& stats) {
  const Nanoseconds first = requests.front().arrival;
  const Nanoseconds whole = (requests.back().arrival - first) / minute;
  if (whole < 2) return;
  std::vector<std::int64_t> counts(static_cast<std::size_t>(whole), 0);
  for (const TraceRequest& request : requests) {
    const Nanoseconds index = (request.arrival - first) / minute;
    if (index < whole) ++counts[static_cast<std::size_t>(index)];
  }
  const Moments moments = moments_of(counts);
  if (!(moments.mean > 0)) return;
  stats.minute_mean = moments.mean;
  stats.minute_peak = static_cast<double>(*std::max_element(counts.begin(), counts.end()));
  stats.peak_over_mean = *stats.minute_peak / moments.mean;
  stats.fano_60s = moments.variance / moments.mean;
}

/// A block counts as a hit if it and all before it were seen. An id stands for its whole prefix
/// only together with its place, so that places are part of the key.
std::optional<double> hit_ratio(const Trace& trace) {
  if (trace.prefix_block_tokens <= 0) return std::nullopt;
  std::unordered_set<std::uint64_t> seen;
  double hits = 0;
  double tokens = 0;
  for (const TraceRequest& request : trace.requests) {
    tokens += request.input_tokens;
    bool whole = true;
    for (std::uint32_t i = 0; i < request.prefix_count; ++i) {
      const std::uint64_t id = trace.prefix_hashes[request.prefix_begin + i];
      const bool is_new = seen.insert(std::uint64_t{i} << 32 | id).second;
      whole = whole && !is_new;
      const std::int64_t before = std::int64_t{i} * trace.prefix_block_tokens;
      if (whole) {
        hits += static_cast<double>(
            std::clamp<std::int64_t>(request.input_tokens - before, 0, trace.prefix_block_tokens));
      }
    }
  }
  return hits / tokens;
}

std::string shown(const std::optional<double>& value, int digits = 4) {
  return value ? fmt::format("{:.{}g}", *value, digits) : "not measurable";
}

nlohmann::ordered_json json_of(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json json_of(const TokenStats& stats) {
  return {{"mean", stats.mean},        {"cv", stats.cv},
          {"min", stats.min},          {"p50", json_of(stats.p50)},
          {"p90", json_of(stats.p90)}, {"p95", json_of(stats.p95)},
          {"p99", json_of(stats.p99)}, {"max", stats.max},
          {"total", stats.total}};
}

}  // namespace

TraceStats trace_stats(const Trace& trace) {
  TraceStats stats;
  stats.source = trace.source;
  stats.requests = static_cast<std::int64_t>(trace.requests.size());
  stats.clients = static_cast<std::int64_t>(trace.clients.size());
  stats.prefix_block_tokens = trace.prefix_block_tokens;
  if (trace.requests.empty()) return stats;
  const Nanoseconds span = trace.requests.back().arrival - trace.requests.front().arrival;
  stats.duration_s = static_cast<double>(span) * 1e-9;
  if (span > 0) stats.rate_per_s = static_cast<double>(stats.requests) / stats.duration_s;
  add_gaps(trace.requests, stats);
  add_minutes(trace.requests, stats);
  std::vector<std::int32_t> input, output;
  for (const TraceRequest& request : trace.requests) {
    input.push_back(request.input_tokens);
    output.push_back(request.output_tokens);
  }
  stats.input = token_stats(std::move(input));
  stats.output = token_stats(std::move(output));
  stats.prefix_hit_ratio = hit_ratio(trace);
  return stats;
}

std::string to_text(const TraceStats& stats) {
  std::string text;
  const auto line = [&text](std::string_view label, const std::string& value) {
    text += fmt::format("{:<34}{}\n", label, value);
  };
  line("source", stats.source);
  line("requests", fmt::format("{}", stats.requests));
  line("duration [s]", fmt::format("{:.1f}", stats.duration_s));
  line("rate [1/s]", shown(stats.rate_per_s));
  line("gap mean [s]", shown(stats.gap_mean_s));
  line("gap CV, all", shown(stats.gap_cv));
  line("gap CV, inside a minute (median)", shown(stats.gap_cv_in_minute));
  line("Fano factor, 60 s", shown(stats.fano_60s));
  line("requests per minute, mean", shown(stats.minute_mean));
  line("requests per minute, peak", shown(stats.minute_peak, 6));
  line("peak minute over mean", shown(stats.peak_over_mean));
  line("clients", stats.clients > 0 ? fmt::format("{}", stats.clients) : "not stated");
  line("prefix hit ratio, infinite cache", shown(stats.prefix_hit_ratio));
  text += fmt::format("{:<8}{:>10}{:>8}{:>8}{:>16}{:>16}{:>16}{:>16}{:>9}\n", "tokens", "mean",
                      "cv", "min", "p50", "p90", "p95", "p99", "max");
  for (const auto& [label, tokens] :
       {std::pair{"input", &stats.input}, std::pair{"output", &stats.output}}) {
    text += fmt::format("{:<8}{:>10.1f}{:>8.3f}{:>8}{:>16}{:>16}{:>16}{:>16}{:>9}\n", label,
                        tokens->mean, tokens->cv, tokens->min, shown(tokens->p50, 6),
                        shown(tokens->p90, 6), shown(tokens->p95, 6), shown(tokens->p99, 6),
                        tokens->max);
  }
  return text;
}

nlohmann::ordered_json to_json(const TraceStats& stats) {
  nlohmann::ordered_json json;
  json["source"] = stats.source;
  json["requests"] = stats.requests;
  json["duration_s"] = stats.duration_s;
  json["rate_per_s"] = json_of(stats.rate_per_s);
  json["gap_mean_s"] = json_of(stats.gap_mean_s);
  json["gap_cv"] = json_of(stats.gap_cv);
  json["gap_cv_in_minute"] = json_of(stats.gap_cv_in_minute);
  json["fano_60s"] = json_of(stats.fano_60s);
  json["minute_mean"] = json_of(stats.minute_mean);
  json["minute_peak"] = json_of(stats.minute_peak);
  json["peak_over_mean"] = json_of(stats.peak_over_mean);
  json["input_tokens"] = json_of(stats.input);
  json["output_tokens"] = json_of(stats.output);
  json["clients"] = stats.clients;
  json["prefix_hit_ratio"] = json_of(stats.prefix_hit_ratio);
  json["prefix_block_tokens"] = stats.prefix_block_tokens > 0
                                    ? nlohmann::ordered_json(stats.prefix_block_tokens)
                                    : nlohmann::ordered_json(nullptr);
  return json;
}

nlohmann::ordered_json to_json(const TraceReadReport& report) {
  const auto notes = [](const std::vector<RowNote>& items) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const RowNote& item : items) {
      nlohmann::ordered_json line(nullptr);
      if (item.first_line > 0) line = item.first_line;
      list.push_back({{"reason", item.reason}, {"count", item.count}, {"first_line", line}});
    }
    return list;
  };
  nlohmann::ordered_json json;
  json["file"] = report.file;
  json["format"] = report.format;
  json["compressed"] = report.compressed;
  json["rows_read"] = report.rows_read;
  json["kept"] = report.kept;
  json["changed"] = notes(report.changed);
  json["dropped"] = notes(report.dropped);
  json["notes"] = report.notes;
  return json;
}

}  // namespace microdc
