#include "sim/workload/formats/line_reader.hpp"

#include <fmt/format.h>

#include <cstring>

namespace microdc {

bool LineReader::fill() {
  if (at_end_) return false;
  if (buffer_.empty()) buffer_.resize(max_line_bytes + (64u << 10));
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  const std::size_t got = input_.read(buffer_.data() + end_, buffer_.size() - end_);
  end_ += got;
  if (got == 0) {
    at_end_ = true;
    error_ = input_.error();
  }
  return got > 0;
}

std::optional<std::string_view> LineReader::next() {
  if (error_) return std::nullopt;
  std::size_t searched = 0;
  while (true) {
    const char* from = buffer_.data() + begin_;
    const std::size_t held = end_ - begin_;
    const void* found =
        held > searched ? std::memchr(from + searched, '\n', held - searched) : nullptr;
    const std::size_t length =
        found != nullptr ? static_cast<std::size_t>(static_cast<const char*>(found) - from) : held;
    if (length > max_line_bytes) {
      error_ = Diagnostic{.file = input_.name(),
                          .place = fmt::format("line {}", line_ + 1),
                          .message = "the line is too long for a trace",
                          .found = fmt::format("more than {} bytes without a line end", length),
                          .allowed = fmt::format("at most {} bytes a line", max_line_bytes),
                          .fix = "check that this is a text file with one request a line"};
      return std::nullopt;
    }
    if (found == nullptr && fill()) {
      searched = held;
      continue;
    }
    if (error_ || (found == nullptr && held == 0)) return std::nullopt;
    // fill() may have moved the bytes of a last line without a line end.
    std::string_view text(buffer_.data() + begin_, length);
    begin_ += length + (found != nullptr ? 1 : 0);
    if (++line_ == 1 && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
  }
}

std::optional<std::string_view> LineReader::next_filled() {
  while (auto text = next()) {
    if (text->find_first_not_of(" \t") != std::string_view::npos) return text;
  }
  return std::nullopt;
}

}  // namespace microdc
