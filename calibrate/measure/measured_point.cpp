#include "calibrate/measure/measured_point.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "hwprofiles/base/csv_table.hpp"

namespace microdc {
namespace {

using kernels::Operation;

constexpr std::array<std::pair<Operation, std::string_view>, 16> operation_names{
    {{Operation::memory_read, "memory_read"},
     {Operation::memory_write, "memory_write"},
     {Operation::memory_copy, "memory_copy"},
     {Operation::memory_triad, "memory_triad"},
     {Operation::memory_latency, "memory_latency"},
     {Operation::arithmetic_peak, "arithmetic_peak"},
     {Operation::gemm, "gemm"},
     {Operation::attention_decode, "attention_decode"},
     {Operation::attention_prefill, "attention_prefill"},
     {Operation::elementwise_norm, "elementwise_norm"},
     {Operation::elementwise_act, "elementwise_act"},
     {Operation::elementwise_rope, "elementwise_rope"},
     {Operation::elementwise_quantise, "elementwise_quantise"},
     {Operation::sampling, "sampling"},
     {Operation::all_reduce, "all_reduce"},
     {Operation::launch, "launch"}}};

constexpr std::string_view header =
    "source,gpu,engine,engine_version,model,tp,op,dtype,kv_dtype,m,n,k,batch,q_len,kv_len,"
    "n_q_heads,n_kv_heads,head_dim,num_gpus,message_bytes,latency_us,flops,bytes,method,"
    "stage,pass,mode,variant,working_set,low_us,high_us,samples,calls,contended,error,clock_mhz,"
    "temperature_c,power_w,energy_j,throttle,refused\n";

bool is_attention(Operation operation) {
  return operation == Operation::attention_decode || operation == Operation::attention_prefill;
}

/// A number, empty for zero: what does not apply.
std::string number(double value) { return value != 0 ? fmt::format("{:.7g}", value) : ""; }
std::string whole(std::int64_t value) { return value != 0 ? std::to_string(value) : ""; }
std::string number(const std::optional<double>& value, double unit) {
  return value ? fmt::format("{:.6g}", *value / unit) : "";
}
/// Text without what would end a field.
std::string plain_field(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return c == ',' || c == '"' || c == '\n' || c == '\r'; }, ';');
  return text;
}

/// Fields of one line; remembers the first that is wrong.
class Line {
 public:
  Line(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  [[nodiscard]] const std::string& text(const std::string& column) const {
    return table_.text(row_, column);
  }
  double number(const std::string& column, double unit = 1) {
    return optional(column, unit).value_or(0);
  }
  std::int64_t whole(const std::string& column) {
    const double value = number(column);
    if (std::abs(value) < 9e15) return static_cast<std::int64_t>(value);
    reject(column);
    return 0;
  }
  std::optional<double> optional(const std::string& column, double unit = 1) {
    const std::string& found = text(column);
    if (found.empty()) return std::nullopt;
    const auto value = parse_number(found);
    if (!value) reject(column);
    return value ? std::optional(*value * unit) : std::nullopt;
  }
  void reject(const std::string& column) {
    if (wrong_.empty()) wrong_ = column;
  }
  [[nodiscard]] const std::string& wrong() const { return wrong_; }

 private:
  const CsvTable& table_;
  std::size_t row_;
  std::string wrong_;
};

kernels::Shape read_shape(Line& line) {
  return {.m = line.whole("m"),
          .n = line.whole("n"),
          .k = line.whole("k"),
          .batch = line.whole("batch"),
          .queries = line.whole("q_len"),
          .context = line.whole("kv_len"),
          .q_heads = line.whole("n_q_heads"),
          .kv_heads = line.whole("n_kv_heads"),
          .head_dim = line.whole("head_dim"),
          .bytes = std::max(line.whole("working_set"), line.whole("message_bytes")),
          .group = static_cast<int>(std::clamp<std::int64_t>(line.whole("num_gpus"), 0, 1 << 20))};
}

MeasuredPoint read_point(Line& line) {
  MeasuredPoint point;
  const auto& stages = measuring_stage_names();
  const auto stage = std::find(stages.begin(), stages.end(), line.text("stage"));
  if (stage == stages.end()) line.reject("stage");
  point.stage = static_cast<MeasuringStage>(stage == stages.end() ? 0 : stage - stages.begin());
  point.pass = static_cast<int>(std::clamp<std::int64_t>(line.whole("pass"), 0, 99));
  const auto operation = parse_operation(line.text("op"));
  if (!operation) line.reject("op");
  point.operation = operation.value_or(Operation::gemm);
  point.format = line.text("dtype");
  point.source = line.text("engine");
  point.variant = line.text("variant");
  point.mode =
      line.text("mode") == "eager" ? kernels::LaunchMode::eager : kernels::LaunchMode::graph;
  point.shape = read_shape(line);
  point.refused = line.text("refused");
  point.seconds = line.number("latency_us", 1e-6);
  point.low = line.number("low_us", 1e-6);
  point.high = line.number("high_us", 1e-6);
  point.samples = static_cast<int>(std::clamp<std::int64_t>(line.whole("samples"), 0, 1 << 30));
  point.calls = static_cast<int>(std::clamp<std::int64_t>(line.whole("calls"), 0, 1 << 30));
  point.contended = static_cast<int>(std::clamp<std::int64_t>(line.whole("contended"), 0, 1 << 30));
  point.bytes = line.number("bytes");
  point.flop = line.number("flops");
  point.error = line.number("error");
  point.clock_hz = line.optional("clock_mhz", 1e6);
  point.temperature_celsius = line.optional("temperature_c");
  point.power_watts = line.optional("power_w");
  point.energy_joules = line.optional("energy_j");
  point.throttle = line.text("throttle");
  const bool positive = point.seconds > 0 && point.low > 0 && point.high >= point.low;
  if (point.refused.empty() && !positive && point.stage != MeasuringStage::idle) {
    line.reject("latency_us");
  }
  return point;
}

}  // namespace

std::string_view name_of(Operation operation) {
  for (const auto& [candidate, name] : operation_names) {
    if (candidate == operation) return name;
  }
  return "";
}

std::optional<Operation> parse_operation(std::string_view name) {
  for (const auto& [operation, candidate] : operation_names) {
    if (candidate == name) return operation;
  }
  return std::nullopt;
}

const std::vector<std::string_view>& measuring_stage_names() {
  static const std::vector<std::string_view> names{"curve", "race",      "law",
                                                   "burst", "sustained", "idle"};
  return names;
}

std::string key_of(const MeasuredPoint& point) {
  std::string key = fmt::format("{}/{}/{}/{}/{}/{}/{}/", static_cast<int>(point.stage), point.pass,
                                name_of(point.operation), point.format, point.source, point.variant,
                                static_cast<int>(point.mode));
  visit_dimensions(point.shape, [&](const char*, const char*, std::int64_t value) {
    key += std::to_string(value) + '.';
  });
  return key;
}

std::string results_header() { return std::string(header); }

bool is_results_header(std::string_view text) { return text.starts_with(header); }

std::string results_line(const MeasuredPoint& point, const std::string& device) {
  const kernels::Shape& s = point.shape;
  const bool collective = point.operation == Operation::all_reduce;
  const std::string kv = is_attention(point.operation) ? point.format : "";
  const char* const mode = point.mode == kernels::LaunchMode::eager ? "eager" : "graph";
  std::string line = fmt::format(
      "microdc,{},{},,,,{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}_median",
      plain_field(device), plain_field(point.source), name_of(point.operation),
      plain_field(point.format), plain_field(kv), whole(s.m), whole(s.n), whole(s.k),
      whole(s.batch), whole(s.queries), whole(s.context), whole(s.q_heads), whole(s.kv_heads),
      whole(s.head_dim), whole(s.group), collective ? whole(s.bytes) : "",
      number(1e6 * point.seconds), number(point.flop), number(point.bytes), mode);
  line += fmt::format(",{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                      measuring_stage_names()[static_cast<std::size_t>(point.stage)], point.pass,
                      mode, plain_field(point.variant), collective ? "" : whole(s.bytes),
                      number(1e6 * point.low), number(1e6 * point.high), whole(point.samples),
                      whole(point.calls), point.contended, number(point.error),
                      number(point.clock_hz, 1e6), number(point.temperature_celsius, 1),
                      number(point.power_watts, 1), number(point.energy_joules, 1),
                      plain_field(point.throttle), plain_field(point.refused));
  return line;
}

Result<std::vector<MeasuredPoint>> parse_results(std::string_view text, const std::string& name) {
  if (!is_results_header(text)) {
    return Diagnostic{.file = name,
                      .place = "line 1",
                      .message = "this is no file of results of `microdc calibrate --device`",
                      .allowed = "the header that it writes"};
  }
  text = text.substr(0, text.rfind('\n') + 1);
  const auto table = CsvTable::parse(text, name);
  if (!table) return table.diagnostics();
  Diagnostics findings;
  std::vector<MeasuredPoint> points;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < table->size(); ++i) {
    Line line(*table, i);
    if (!table->complete(i)) line.reject("number of fields");
    MeasuredPoint point = read_point(line);
    if (!line.wrong().empty()) {
      findings.add({.file = name,
                    .place = fmt::format("line {}", table->line(i)),
                    .message = fmt::format("\"{}\" is wrong here", line.wrong()),
                    .found = line.text(line.wrong()),
                    .fix = "remove the line; the next run measures it again"});
      continue;
    }
    const auto [at, fresh] = seen.try_emplace(key_of(point), points.size());
    if (fresh) {
      points.push_back(std::move(point));
    } else {
      points[at->second] = std::move(point);
    }
  }
  if (findings.has_errors()) return findings;
  return points;
}

}  // namespace microdc
