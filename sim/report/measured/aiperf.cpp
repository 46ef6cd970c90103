// profile_export_aiperf.json of AIPerf: one object per metric with "unit", "avg", "p50", …, at the
// top level or below "records". Its "inter_token_latency" is a request's mean time per token after
// the first one, which is TPOT here; the gaps themselves are "inter_chunk_latency".
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/measured/formats.hpp"

namespace microdc {
namespace {

struct LatencyRecord {
  std::string_view record;
  std::string_view latency;
};
constexpr std::array latency_records{
    LatencyRecord{"time_to_first_token", "ttft"}, LatencyRecord{"inter_token_latency", "tpot"},
    LatencyRecord{"inter_chunk_latency", "itl"}, LatencyRecord{"request_latency", "e2e"}};
struct RateRecord {
  std::string_view record;
  std::string_view path;
};
constexpr std::array rate_records{
    RateRecord{"request_count", "requests.completed"},
    RateRecord{"request_throughput", "throughput.requests_per_s"},
    RateRecord{"output_token_throughput", "throughput.output_tokens_per_s"},
    RateRecord{"goodput", "throughput.goodput_requests_per_s"}};

/// Seconds per unit of a latency record; empty if it is no time.
std::optional<double> seconds_per(const std::string& unit) {
  const auto parsed = parse_quantity("1 " + unit, Dimension::time);
  if (!parsed) return std::nullopt;
  return parsed->value;
}

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  void read(const Json& records) {
    for (const auto& [name, record] : records.items()) {
      if (!record.is_object() || !record.contains("avg") || !record["avg"].is_number()) continue;
      if (!read_latency(name, record) && !read_rate(name, record)) ignored_.push_back(name);
    }
  }

  Result<MeasuredFigures> finish() {
    note_ignored(ignored_, file_, findings_);
    if (findings_.has_errors()) return findings_;
    return {std::move(run_), std::move(findings_)};
  }

 private:
  bool read_latency(const std::string& name, const Json& record) {
    for (const LatencyRecord& known : latency_records) {
      if (known.record != name) continue;
      const std::string unit = record.value("unit", "ms");
      const auto scale = seconds_per(unit);
      if (!scale) {
        findings_.add({.file = file_,
                       .place = fmt::format("/{}/unit", name),
                       .message = "this is no unit of time",
                       .found = unit,
                       .allowed = allowed_units(Dimension::time)});
        return true;
      }
      for (const auto& [statistic, value] : record.items()) {
        const auto path = latency_path(known.latency, statistic);
        if (!path || !value.is_number()) continue;
        run_.metrics.push_back(
            {*path, value.get<double>() * *scale, fmt::format("{}.{}", name, statistic)});
      }
      return true;
    }
    return false;
  }

  bool read_rate(const std::string& name, const Json& record) {
    for (const RateRecord& known : rate_records) {
      if (known.record != name) continue;
      run_.metrics.push_back({std::string(known.path), record["avg"].get<double>(), name + ".avg"});
      return true;
    }
    return false;
  }

  std::string file_;
  MeasuredFigures run_{.format = "aiperf"};
  std::vector<std::string> ignored_;
  Diagnostics findings_;
};

Result<MeasuredFigures> read_aiperf(const std::string& content, const std::string& file) {
  const auto document = parse_json(content, file);
  if (!document) return document.diagnostics();
  Reader reader(file);
  reader.read(*document);
  const auto records = document->find("records");
  if (document->is_object() && records != document->end() && records->is_object()) {
    reader.read(*records);
  }
  return reader.finish();
}

bool is_aiperf(const std::string& content) {
  return content.find("\"time_to_first_token\"") != std::string::npos ||
         content.find("\"request_latency\"") != std::string::npos;
}

}  // namespace

MeasuredFormat aiperf_format() {
  return {"aiperf", "profile_export_aiperf.json of AIPerf", is_aiperf, read_aiperf};
}

}  // namespace microdc
