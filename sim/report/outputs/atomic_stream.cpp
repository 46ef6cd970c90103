#include "sim/report/outputs/atomic_stream.hpp"

#include <fmt/format.h>
#include <unistd.h>

namespace microdc {
namespace {

Diagnostic cannot_write(const std::filesystem::path& path) {
  return {.file = path.string(),
          .message = "the file cannot be written",
          .fix = "check that the folder exists, is writable and has space left"};
}

}  // namespace

AtomicStream::AtomicStream(const std::filesystem::path& path)
    : path_(path), temporary_(fmt::format("{}.partial-{}", path.string(), ::getpid())) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
}

AtomicStream::~AtomicStream() {
  std::error_code error;
  stream_.close();
  if (!temporary_.empty()) std::filesystem::remove(temporary_, error);
}

Result<std::shared_ptr<AtomicStream>> AtomicStream::open(const std::filesystem::path& path) {
  std::shared_ptr<AtomicStream> stream(new AtomicStream(path));
  if (!stream->stream_) return cannot_write(path);
  return stream;
}

Diagnostics AtomicStream::commit() {
  Diagnostics findings;
  std::error_code error;
  stream_.close();
  if (stream_) std::filesystem::rename(temporary_, path_, error);
  if (!stream_ || error) {
    findings.add(cannot_write(path_));
    return findings;
  }
  temporary_.clear();
  return findings;
}

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string exact_seconds(std::int64_t nanoseconds) {
  constexpr std::int64_t per_second = 1'000'000'000;
  const std::int64_t rest = nanoseconds % per_second;
  if (rest == 0) return std::to_string(nanoseconds / per_second);
  std::string text = fmt::format("{}.{:09}", nanoseconds / per_second, rest);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace microdc
