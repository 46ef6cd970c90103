// JSON that `vllm bench serve --save-result` writes: one flat object; latencies in milliseconds
// under keys such as "mean_ttft_ms", "median_itl_ms", "p99_e2el_ms".
#include <array>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "sim/report/measured/formats.hpp"

namespace microdc {
namespace {

struct KnownKey {
  std::string_view key;
  std::string_view path;
};
constexpr std::array known_keys{KnownKey{"completed", "requests.completed"},
                                KnownKey{"request_throughput", "throughput.requests_per_s"},
                                KnownKey{"output_throughput", "throughput.output_tokens_per_s"},
                                KnownKey{"request_goodput", "throughput.goodput_requests_per_s"}};

/// "p99_ttft_ms" as a path of the result.
std::optional<std::string> path_of_latency(std::string_view key) {
  constexpr std::string_view unit = "_ms";
  const std::size_t split = key.find('_');
  if (!key.ends_with(unit) || split + unit.size() >= key.size()) return std::nullopt;
  return latency_path(key.substr(split + 1, key.size() - split - 1 - unit.size()),
                      key.substr(0, split));
}

void read_key(const std::string& key, double value, MeasuredFigures& run,
              std::vector<std::string>& ignored) {
  for (const KnownKey& known : known_keys) {
    if (known.key == key) {
      run.metrics.push_back({std::string(known.path), value, key});
      return;
    }
  }
  if (const auto path = path_of_latency(key)) {
    run.metrics.push_back({*path, value / 1000, key});
    return;
  }
  ignored.push_back(key);
}

Result<MeasuredFigures> read_vllm(const std::string& content, const std::string& file) {
  const auto document = parse_json(content, file);
  if (!document) return document.diagnostics();
  MeasuredFigures run{.format = "vllm-bench"};
  std::vector<std::string> ignored;
  for (const auto& [key, value] : document->items()) {
    // Names, dates and per-request lists are no figures.
    if (value.is_number()) read_key(key, value.get<double>(), run, ignored);
  }
  Diagnostics findings;
  note_ignored(ignored, file, findings);
  return {std::move(run), std::move(findings)};
}

bool is_vllm(const std::string& content) {
  return content.find("\"request_throughput\"") != std::string::npos &&
         content.find("_ttft_ms\"") != std::string::npos;
}

}  // namespace

MeasuredFormat vllm_bench_format() {
  return {"vllm-bench", "JSON of `vllm bench serve --save-result`", is_vllm, read_vllm};
}

}  // namespace microdc
