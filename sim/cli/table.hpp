// Tables of text for people.
#pragma once

#include <string>
#include <vector>

namespace microdc::cli {

/// Rows with aligned columns, two blanks apart, each line behind `indent`, at most page_width
/// (sim/report/text_layout.hpp) wide: the last cell of a row is wrapped in its column, or below the
/// row if that begins far to the right. Rows may be shorter than others.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::string& indent = "");

}  // namespace microdc::cli
