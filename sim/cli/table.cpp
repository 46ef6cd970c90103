#include "sim/cli/table.hpp"

#include <algorithm>

#include "sim/report/text_layout.hpp"

namespace microdc::cli {
namespace {

constexpr std::size_t column_gap = 2;
/// A last column that begins further to the right is too narrow for words.
constexpr std::size_t last_begin = 60;

/// Width of each column. The last cell of a row does not widen its column: it may be long, and
/// other rows may have cells behind theirs.
std::vector<std::size_t> widths_of(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      widths[i] = std::max(widths[i], text_width(row[i]));
    }
  }
  return widths;
}

}  // namespace

std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::string& indent) {
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string text;
  for (const auto& row : rows) {
    if (row.empty()) continue;
    std::string line = indent;
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - text_width(row[i]) + column_gap, ' ');
    }
    const std::size_t begin = text_width(line);
    if (begin + text_width(row.back()) > page_width && begin > last_begin) {
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
      const std::size_t further = indent.size() + 2 * column_gap;
      text += wrapped(row.back(), std::string(further, ' '), further);
    } else {
      text += wrapped(row.back(), line, begin);
    }
  }
  return text;
}

}  // namespace microdc::cli
