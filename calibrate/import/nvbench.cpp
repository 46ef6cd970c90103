// JSON of nvbench (`--json FILE`): benchmarks named like the operations of the table of kernels,
// whose axes are its columns (m, n, k, dtype, batch, kv_len, …). The cold GPU time counts.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "calibrate/import/formats.hpp"
#include "hwprofiles/base/csv_table.hpp"
#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/names.hpp"

namespace microdc {
namespace {

constexpr const char* cold_time = "nv/cold/time/gpu/mean";

/// The value as text, whatever its type; empty if it is not there.
std::string text_at(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key)) return "";
  const Json& value = object[key];
  if (value.is_string()) return value.get<std::string>();
  return value.is_number() || value.is_boolean() ? value.dump() : "";
}

const Json& list_at(const Json& object, const char* key) {
  static const Json none = Json::array();
  if (!object.is_object() || !object.contains(key) || !object[key].is_array()) return none;
  return object[key];
}

/// The field as a table would hold it: commas and quotes would end it.
std::string csv_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == ',' || c == '"' || c == '\n'; }, ' ');
  return text;
}

std::string cold_seconds(const Json& state) {
  for (const Json& summary : list_at(state, "summaries")) {
    if (text_at(summary, "tag") != cold_time) continue;
    for (const Json& data : list_at(summary, "data")) {
      if (text_at(data, "name") == "value") return text_at(data, "value");
    }
  }
  return "";
}

std::map<std::string, std::string> device_names(const Json& document) {
  std::map<std::string, std::string> names;
  for (const Json& device : list_at(document, "devices")) {
    names[text_at(device, "id")] = text_at(device, "name");
  }
  return names;
}

/// Columns that a benchmark's axes may fill.
constexpr const char* columns[] = {
    "m",          "n",        "k",        "batch",         "q_len", "kv_len", "n_q_heads",
    "n_kv_heads", "head_dim", "num_gpus", "message_bytes", "bytes", "dtype",  "kv_dtype"};

/// One state as a line of a table of kernels.
std::string line_of(const Json& state, const std::string& operation, const std::string& device,
                    const std::string& engine) {
  std::map<std::string, std::string> axes;
  for (const Json& axis : list_at(state, "axis_values")) {
    axes[lower_case(text_at(axis, "name"))] = text_at(axis, "value");
  }
  const auto seconds = parse_number(cold_seconds(state));
  std::string line =
      fmt::format("nvbench,{},{},nvbench_cold_mean,{},{}", csv_field(device), csv_field(engine),
                  csv_field(operation), seconds ? fmt::format("{:.9g}", 1e6 * *seconds) : "");
  for (const char* column : columns) line.append(1, ',').append(csv_field(axes[column]));
  return line.append(1, '\n');
}

Result<KernelTable> read_nvbench(std::string_view text, const std::string& name,
                                 const ImportOptions& options) {
  const auto document = parse_json(text, name);
  if (!document) return document.diagnostics();
  const auto names = device_names(*document);
  // Written as a table, so that one reader checks what a row needs.
  std::string table = "source,gpu,engine,method,op,latency_us";
  for (const char* column : columns) table.append(1, ',').append(column);
  table.append(1, '\n');
  std::int64_t skipped = 0;
  for (const Json& benchmark : list_at(*document, "benchmarks")) {
    for (const Json& state : list_at(benchmark, "states")) {
      if (text_at(state, "is_skipped") == "true") {
        ++skipped;
        continue;
      }
      const auto found = names.find(text_at(state, "device"));
      const std::string device = !options.device.empty() ? options.device
                                 : found != names.end()  ? found->second
                                                         : "";
      table += line_of(state, lower_case(text_at(benchmark, "name")), device,
                       options.engine.empty() ? "nvbench" : options.engine);
    }
  }
  auto kernels = parse_kernel_table(table, name);
  if (!kernels || skipped == 0) return kernels;
  kernels->lines += skipped;
  kernels->dropped["skipped by nvbench"] += skipped;
  return kernels;
}

bool recognises_nvbench(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' &&
         text.find("\"benchmarks\"") != std::string_view::npos &&
         text.find("\"states\"") != std::string_view::npos;
}

}  // namespace

KernelFormat nvbench_format() {
  return {"nvbench", "JSON of nvbench; axes named like the table's columns", recognises_nvbench,
          read_nvbench};
}

}  // namespace microdc
