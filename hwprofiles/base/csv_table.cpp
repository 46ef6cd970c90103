#include "hwprofiles/base/csv_table.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

void trim(std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) {
    text.clear();
    return;
  }
  text.erase(text.find_last_not_of(" \t") + 1);
  text.erase(0, first);
}

/// One record starting at `position`, which moves behind it, as does `line`.
std::vector<std::string> next_record(std::string_view text, std::size_t& position,
                                     std::int64_t& line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  while (position < text.size()) {
    const char c = text[position++];
    if (c == '\n') ++line;
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
  for (std::string& field : fields) trim(field);
  return fields;
}

}  // namespace

Result<CsvTable> CsvTable::read(const std::filesystem::path& file) {
  const Result<std::string> text = read_text_file(file);
  if (!text) return text.diagnostics();
  return parse(*text, file.string());
}

Result<CsvTable> CsvTable::parse(std::string_view text, const std::string& name) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // byte-order mark
  CsvTable table;
  Diagnostics findings;
  std::size_t position = 0;
  std::int64_t line = 1;
  table.header_ = next_record(text, position, line);
  for (std::size_t i = 0; i < table.header_.size(); ++i) table.columns_[table.header_[i]] = i;
  if (table.header_.size() < 2) {
    return Diagnostic{.file = name,
                      .place = "line 1",
                      .message = "this is no table with a header line",
                      .allowed = "names of columns, separated by commas"};
  }
  while (position < text.size()) {
    const std::int64_t first_line = line;
    std::vector<std::string> fields = next_record(text, position, line);
    if (fields.size() == 1 && fields.front().empty()) continue;
    table.complete_.push_back(fields.size() == table.header_.size());
    if (!table.complete_.back()) {
      findings.add({.severity = Severity::warning,
                    .file = name,
                    .place = fmt::format("line {}", first_line),
                    .message = "this row has another number of fields than the header",
                    .found = std::to_string(fields.size()),
                    .allowed = std::to_string(table.header_.size())});
      fields.resize(table.header_.size());
    }
    table.rows_.push_back(std::move(fields));
    table.lines_.push_back(first_line);
  }
  return Result<CsvTable>(std::move(table), std::move(findings));
}

const std::string& CsvTable::text(std::size_t row, const std::string& column) const {
  static const std::string nothing;
  const auto found = columns_.find(column);
  return found == columns_.end() ? nothing : rows_[row][found->second];
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc() || stopped != end || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace microdc
