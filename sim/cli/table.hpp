// Tables of text for people.
#pragma once

#include <string>
#include <vector>

namespace microdc::cli {

/// Rows with aligned columns, two blanks apart, each line behind `indent`. Rows may be shorter than
/// others; the last column is not padded.
std::string text_table(const std::vector<std::vector<std::string>>& rows,
                       const std::string& indent = "");

}  // namespace microdc::cli
