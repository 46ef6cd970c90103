#include "calibrate/kernel_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "hwprofiles/base/csv_table.hpp"
#include "hwprofiles/base/names.hpp"
#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

std::string engine_name(std::string_view text) {
  std::string name = lower_case(text);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// Fields of one record by column name.
class Record {
 public:
  Record(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  [[nodiscard]] const std::string& text(const std::string& column) const {
    return table_.text(row_, column);
  }
  /// Reads a positive number; the first column that has none becomes the reason.
  double positive(const std::string& column) {
    const auto value = parse_number(text(column));
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
  const CsvTable& table_;
  std::size_t row_;
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

Diagnostics missing_columns(const CsvTable& csv, const std::string& name) {
  Diagnostics diagnostics;
  for (const char* needed : {"gpu", "op", "latency_us", "engine", "dtype"}) {
    if (csv.has(needed)) continue;
    diagnostics.add({.file = name,
                     .place = "line 1",
                     .message = fmt::format("the table has no column \"{}\"", needed),
                     .found = join_names(csv.header()),
                     .fix = "docs/calibrate.md lists the columns"});
  }
  return diagnostics;
}

}  // namespace

Result<KernelTable> parse_kernel_table(std::string_view text, const std::string& name) {
  const auto csv = CsvTable::parse(text, name);
  if (!csv) return csv.diagnostics();
  Diagnostics problems = missing_columns(*csv, name);
  if (problems.has_errors()) return problems;

  KernelTable table;
  table.lines = static_cast<std::int64_t>(csv->size());
  for (std::size_t i = 0; i < csv->size(); ++i) {
    Record record(*csv, i);
    if (!csv->complete(i)) record.reject("wrong number of fields");
    KernelRow row = read_row(record);
    if (record.reason().empty()) {
      table.rows.push_back(std::move(row));
    } else {
      ++table.dropped[record.reason()];
    }
  }
  if (table.rows.empty()) return no_usable_row(name, table);
  return table;
}

std::string reasons_text(const DroppedRows& dropped) {
  constexpr std::size_t most = 12;
  std::vector<std::pair<std::string, std::int64_t>> reasons(dropped.begin(), dropped.end());
  std::stable_sort(reasons.begin(), reasons.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string text;
  for (std::size_t i = 0; i < reasons.size() && i < most; ++i) {
    const auto& [reason, count] = reasons[i];
    text +=
        fmt::format("{}{} ({} {})", i == 0 ? "" : "; ", reason, count, count == 1 ? "row" : "rows");
  }
  if (reasons.size() > most) text += fmt::format("; … ({} more)", reasons.size() - most);
  return text;
}

Diagnostic no_usable_row(const std::string& name, const KernelTable& table) {
  const std::string reasons = reasons_text(table.dropped);
  return {.file = name,
          .message = "the table has no usable row",
          .found = reasons.empty() ? "no rows" : reasons};
}

Result<KernelTable> read_kernel_table(const std::filesystem::path& path) {
  const Result<std::string> text = read_text_file(path);
  if (!text) return text.diagnostics();
  return parse_kernel_table(*text, path.string());
}

}  // namespace microdc
