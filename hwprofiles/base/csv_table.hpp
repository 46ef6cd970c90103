// Tables with a header line, as spreadsheets write them (RFC 4180), read whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

class CsvTable {
 public:
  /// Errors: no such file, no header. A row with more or fewer fields than the header comes with a
  /// warning; fields that it lacks are empty.
  static Result<CsvTable> read(const std::filesystem::path& file);
  static Result<CsvTable> parse(std::string_view text, const std::string& name);

  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool has(const std::string& column) const { return columns_.contains(column); }
  [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
  /// Text of a field without blanks around it; empty if the table has no such column.
  [[nodiscard]] const std::string& text(std::size_t row, const std::string& column) const;
  /// Line of the file on which the row begins, from 1.
  [[nodiscard]] std::int64_t line(std::size_t row) const { return lines_[row]; }
  /// Whether the row had as many fields as the header.
  [[nodiscard]] bool complete(std::size_t row) const { return complete_[row]; }

 private:
  std::vector<std::string> header_;
  std::map<std::string, std::size_t> columns_;
  std::vector<std::vector<std::string>> rows_;
  std::vector<std::int64_t> lines_;
  std::vector<bool> complete_;
};

/// A finite number and nothing else; nullopt otherwise.
std::optional<double> parse_number(std::string_view text);

}  // namespace microdc
