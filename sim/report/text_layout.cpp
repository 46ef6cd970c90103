#include "sim/report/text_layout.hpp"

#include <algorithm>

namespace microdc {
namespace {

constexpr std::size_t margin = 2;
constexpr std::size_t gap = 2;

std::string blanks(std::size_t count) { return std::string(count, ' '); }

void end_line(std::string& text) {
  text.erase(text.find_last_not_of(' ') + 1);
  text += '\n';
}

}  // namespace

std::size_t text_width(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;  // bytes that continue no other
  }));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], text_width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    text += blanks(margin);
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string padding = blanks(widths[i] - text_width(row[i]));
      text += i == 0 ? row[i] + padding : blanks(gap) + padding + row[i];
    }
    end_line(text);
  }
  return text;
}

std::string labelled(const std::vector<std::pair<std::string, std::string>>& rows) {
  std::size_t width = 0;
  for (const auto& [label, value] : rows) width = std::max(width, text_width(label));
  std::string text;
  for (const auto& [label, value] : rows) {
    const std::string first = blanks(margin) + label + blanks(width - text_width(label) + gap);
    text += wrapped(value, first, margin + width + gap);
  }
  return text;
}

std::string wrapped(std::string_view text, std::string_view first, std::size_t indent) {
  std::string out;
  std::string line(first);
  bool empty = true;
  while (!text.empty()) {
    std::size_t end = std::min(text.find(' '), text.size());
    // A number and its percent sign stay on one line.
    if (text.substr(end).starts_with(" %")) end = std::min(text.find(' ', end + 1), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!empty && text_width(line) + 1 + text_width(word) > page_width) {
      out += line;
      end_line(out);
      line = blanks(indent);
      empty = true;
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  out += line;
  end_line(out);
  return out;
}

std::string cut(const std::string& text, std::size_t width) {
  if (text_width(text) <= width) return text;
  std::string result;
  std::size_t used = 0;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
    if (!continues && ++used >= width) break;
    result += c;
  }
  return result + "…";
}

}  // namespace microdc
