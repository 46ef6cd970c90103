// Bytes of a file or of memory, decompressed if they are gzipped, in bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

class InputBytes {
 public:
  /// Errors: no such file, a folder, not readable, empty.
  static Result<std::unique_ptr<InputBytes>> open(const std::filesystem::path& path);
  /// The bytes must outlive the object. Error: empty.
  static Result<std::unique_ptr<InputBytes>> from_memory(std::string_view bytes,
                                                         const std::string& name);
  ~InputBytes();
  InputBytes(const InputBytes&) = delete;
  InputBytes& operator=(const InputBytes&) = delete;

  /// File name as the user gave it.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool compressed() const { return inflate_ != nullptr; }
  /// The first bytes (at most 4 KiB), without consuming them; only before the first read.
  std::string_view peek();
  /// Reads up to `size` bytes; 0 at the end and after an error.
  std::size_t read(char* to, std::size_t size);
  /// What went wrong (damaged or truncated gzip, with the byte offset; read error), if anything.
  [[nodiscard]] const std::optional<Diagnostic>& error() const { return error_; }

 private:
  struct Inflate;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  InputBytes();
  /// Detects gzip and reads the head; an error if there are no bytes at all.
  Diagnostics start();
  std::size_t read_raw(char* to, std::size_t size);
  std::size_t read_inflated(char* to, std::size_t size);
  void fail_gzip(const std::string& message, const std::string& found);

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string_view memory_;
  std::uint64_t raw_offset_ = 0;  ///< bytes taken from the file or memory so far
  std::unique_ptr<Inflate> inflate_;
  std::string head_;
  std::size_t head_used_ = 0;
  std::optional<Diagnostic> error_;
};

}  // namespace microdc
