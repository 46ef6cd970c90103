// A file that is written bit by bit and appears only when it is complete.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

class AtomicStream {
 public:
  /// Makes the folder if need be and opens a temporary file in it. Error: it cannot be opened.
  static Result<std::shared_ptr<AtomicStream>> open(const std::filesystem::path& path);
  AtomicStream(const AtomicStream&) = delete;
  AtomicStream& operator=(const AtomicStream&) = delete;
  /// Without commit() nothing remains.
  ~AtomicStream();

  void write(std::string_view text) {
    stream_.write(text.data(), static_cast<std::streamsize>(text.size()));
  }
  /// Gives the file its name. Error: something could not be written.
  Diagnostics commit();

 private:
  explicit AtomicStream(const std::filesystem::path& path);

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  std::ofstream stream_;
};

/// A cell of a CSV file, quoted if need be.
std::string csv_cell(const std::string& text);

/// Nanoseconds as seconds with all their digits: "1.5", "0.000000001".
std::string exact_seconds(std::int64_t nanoseconds);

}  // namespace microdc
