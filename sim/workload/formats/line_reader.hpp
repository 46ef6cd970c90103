// Lines of a text, with a bound on their length.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/formats/input_bytes.hpp"

namespace microdc {

/// No row of any trace comes near this; a longer line means that the file is no text at all.
inline constexpr std::size_t max_line_bytes = 1u << 20;

class LineReader {
 public:
  explicit LineReader(InputBytes& input) : input_(input) {}

  /// The next line without its end ("\n" or "\r\n") and, in the first, without a byte-order mark.
  /// The view is valid until the next call. Empty at the end and after an error.
  std::optional<std::string_view> next();
  /// The same, skipping blank lines.
  std::optional<std::string_view> next_filled();
  /// Number of the line that next() returned last, from 1.
  [[nodiscard]] std::int64_t line() const { return line_; }
  /// A line that is too long, or what went wrong with the input.
  [[nodiscard]] const std::optional<Diagnostic>& error() const { return error_; }

 private:
  bool fill();

  InputBytes& input_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::int64_t line_ = 0;
  bool at_end_ = false;
  std::optional<Diagnostic> error_;
};

}  // namespace microdc
