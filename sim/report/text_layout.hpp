// Text of limited width: aligned columns and wrapped paragraphs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace microdc {

/// Columns that a person's terminal or a printed page has at least.
inline constexpr std::size_t page_width = 100;

/// Width of UTF-8 text in code points.
std::size_t text_width(std::string_view text);

/// Rows of cells, two blanks apart and indented by two; the first column is aligned to the left,
/// the others to the right.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// Rows of a label and a text, each text in one column and wrapped to the page.
std::string labelled(const std::vector<std::pair<std::string, std::string>>& rows);

/// Words broken into lines of at most page_width, later lines indented by `indent`; `first` starts
/// the first line.
std::string wrapped(std::string_view text, std::string_view first, std::size_t indent);

/// At most so many code points; what is longer ends in "…".
std::string cut(const std::string& text, std::size_t width);

}  // namespace microdc
