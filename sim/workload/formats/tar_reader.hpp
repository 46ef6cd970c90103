// The files in a tar archive, one after the other.
#pragma once

#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/formats/input_bytes.hpp"

namespace microdc {

/// Reads POSIX ustar archives (IEEE Std 1003.1, "pax" interchange format: 512-byte headers, sizes
/// in octal) and GNU tar's long names. Other kinds of members (folders, links, pax headers) are
/// skipped.
class TarReader {
 public:
  explicit TarReader(InputBytes& input) : input_(input) {}

  /// Name of the next file; empty at the end and after an error.
  std::optional<std::string> next();
  /// Content of that file; call at most once. An error if it is larger than `limit` bytes.
  std::string content(std::uint64_t limit);
  [[nodiscard]] const std::optional<Diagnostic>& error() const { return error_; }

 private:
  bool read_block(char* block);
  std::string take(std::uint64_t size);
  void skip(std::uint64_t size);
  void fail(std::string message, std::string found);

  InputBytes& input_;
  std::uint64_t offset_ = 0;  ///< in the decompressed archive
  std::uint64_t size_ = 0;    ///< of the current file
  std::uint64_t unread_ = 0;  ///< bytes of the current file and its padding that are still there
  std::optional<Diagnostic> error_;
};

}  // namespace microdc
