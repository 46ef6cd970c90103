#include "calibrate/kernel_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

/// Splits one CSV record starting at `position`, which moves behind it. Quoted fields may hold
/// commas, line ends and doubled quotes (RFC 4180).
std::vector<std::string> next_record(std::string_view text, std::size_t& position) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  while (position < text.size()) {
    const char c = text[position++];
    if (quoted) {
      if (c != '"') {
        fields.back() += c;
      } else if (position < text.size() && text[position] == '"') {
        fields.back() += '"';
        ++position;
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      fields.back() += c;
    }
  }
  return fields;
}

/// A number of a field; nullopt if empty, not finite or followed by anything.
std::optional<double> number_of(const std::string& field) {
  double value = 0;
  const char* end = field.data() + field.size();
  const auto [stopped, error] = std::from_chars(field.data(), end, value);
  if (field.empty() || error != std::errc() || stopped != end || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string engine_name(std::string text) {
  for (char& c : text) {
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

/// Fields of one record by column name.
class Record {
 public:
  Record(const std::map<std::string, std::size_t>& columns, std::vector<std::string> fields)
      : columns_(columns), fields_(std::move(fields)) {}

  [[nodiscard]] std::string text(const std::string& column) const {
    const auto found = columns_.find(column);
    return found == columns_.end() || found->second >= fields_.size() ? "" : fields_[found->second];
  }
  /// Reads a positive number; the first column that has none becomes the reason.
  double positive(const std::string& column) {
    const auto value = number_of(text(column));
    if (value && *value > 0) return *value;
    if (reason_.empty()) {
      reason_ = text(column).empty() ? fmt::format("{} is missing", column)
                                     : fmt::format("{} is not a positive number", column);
    }
    return 0;
  }
  NumberFormat format(const std::string& column) {
    const auto parsed = parse_number_format(text(column));
    if (parsed) return *parsed;
    if (reason_.empty()) reason_ = fmt::format("unknown number format \"{}\"", text(column));
    return NumberFormat::bf16;
  }
  void reject(std::string reason) {
    if (reason_.empty()) reason_ = std::move(reason);
  }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  const std::map<std::string, std::size_t>& columns_;
  std::vector<std::string> fields_;
  std::string reason_;
};

void read_attention(Record& record, KernelRow& row) {
  row.batch = record.positive("batch");
  row.context = record.positive("kv_len");
  row.queries = row.operation == KernelOperation::attention_prefill ? record.positive("q_len") : 1;
  row.q_heads = record.positive("n_q_heads");
  row.kv_heads = record.positive("n_kv_heads");
  row.head_dim = record.positive("head_dim");
  row.format = record.format("dtype");
  row.kv_format = record.text("kv_dtype").empty() ? row.format : record.format("kv_dtype");
  if (row.queries > row.context) record.reject("q_len is larger than kv_len");
}

KernelRow read_row(Record& record) {
  KernelRow row{.source = record.text("source"),
                .device = record.text("gpu"),
                .engine = engine_name(record.text("engine")),
                .engine_version = record.text("engine_version"),
                .method = record.text("method")};
  if (row.device.empty()) record.reject("gpu is missing");
  const std::string operation = record.text("op");
  if (operation == "gemm") {
    row.operation = KernelOperation::gemm;
    row.format = record.format("dtype");
    row.m = record.positive("m");
    row.n = record.positive("n");
    row.k = record.positive("k");
  } else if (operation == "attention_prefill" || operation == "attention_decode") {
    row.operation = operation == "attention_prefill" ? KernelOperation::attention_prefill
                                                     : KernelOperation::attention_decode;
    read_attention(record, row);
  } else if (operation == "all_reduce") {
    row.operation = KernelOperation::all_reduce;
    row.group = record.positive("num_gpus");
    row.message = record.positive("message_bytes");
    if (row.group == 1) record.reject("all_reduce of one GPU");
  } else if (operation.starts_with("elementwise")) {
    row.operation = KernelOperation::elementwise;
    row.m = record.positive("m");
    row.n = record.positive("n");
    row.bytes = record.positive("bytes");
  } else {
    record.reject(fmt::format("unknown operation \"{}\"", operation));
  }
  row.seconds = 1e-6 * record.positive("latency_us");
  return row;
}

Diagnostics missing_columns(const std::map<std::string, std::size_t>& columns,
                            const std::string& name) {
  Diagnostics diagnostics;
  for (const char* needed : {"gpu", "op", "latency_us", "engine", "dtype"}) {
    if (columns.contains(needed)) continue;
    std::vector<std::string> present;
    for (const auto& [column, index] : columns) present.push_back(column);
    diagnostics.add({.file = name,
                     .place = "line 1",
                     .message = fmt::format("the table has no column \"{}\"", needed),
                     .found = join_names(present),
                     .fix = "docs/calibrate.md lists the columns"});
  }
  return diagnostics;
}

}  // namespace

Result<KernelTable> parse_kernel_table(std::string_view text, const std::string& name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::size_t position = 0;
  std::map<std::string, std::size_t> columns;
  const auto header = next_record(text, position);
  for (std::size_t i = 0; i < header.size(); ++i) columns.emplace(header[i], i);
  Diagnostics problems = missing_columns(columns, name);
  if (problems.has_errors()) return problems;

  KernelTable table;
  while (position < text.size()) {
    auto fields = next_record(text, position);
    if (fields.size() == 1 && fields.front().empty()) continue;
    ++table.lines;
    const bool cut = fields.size() != header.size();
    Record record(columns, std::move(fields));
    if (cut) record.reject("wrong number of fields");
    KernelRow row = read_row(record);
    if (record.reason().empty()) {
      table.rows.push_back(std::move(row));
    } else {
      ++table.dropped[record.reason()];
    }
  }
  if (!table.rows.empty()) return table;
  std::string reasons;
  for (const auto& [reason, count] : table.dropped) {
    reasons += fmt::format("{}{} ({} rows)", reasons.empty() ? "" : "; ", reason, count);
  }
  return Diagnostic{.file = name,
                    .message = "the table has no usable row",
                    .found = reasons.empty() ? "no rows" : reasons};
}

Result<KernelTable> read_kernel_table(const std::filesystem::path& path) {
  const Result<std::string> text = read_text_file(path);
  if (!text) return text.diagnostics();
  return parse_kernel_table(*text, path.string());
}

}  // namespace microdc
