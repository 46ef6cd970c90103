#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <vector>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/text_file.hpp"

namespace microdc {

namespace {

/// While it lives, Ctrl-C waits: a process that it ends leaves no half of a file.
class HoldInterrupt {
 public:
  HoldInterrupt() {
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    sigprocmask(SIG_BLOCK, &interrupt, &before_);
  }
  ~HoldInterrupt() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  HoldInterrupt(const HoldInterrupt&) = delete;
  HoldInterrupt& operator=(const HoldInterrupt&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

Diagnostics write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const HoldInterrupt hold;
  Diagnostics findings;
  std::error_code error;
  // Links and devices, /dev/stdout for one, are written into: another file in their place is not
  // what the user asked for.
  const std::filesystem::file_status status = std::filesystem::symlink_status(path, error);
  const bool replaced = !std::filesystem::exists(status) ||
                        std::filesystem::is_regular_file(status) ||
                        std::filesystem::is_directory(status);
  const std::filesystem::path temporary =
      replaced ? path.string() + ".partial-" + std::to_string(::getpid()) : path.string();
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  error.clear();
  if (stream && replaced) std::filesystem::rename(temporary, path, error);
  if (!stream || error) {
    if (replaced) std::filesystem::remove(temporary, error);
    findings.add({.file = path.string(),
                  .message = "the file cannot be written",
                  .fix = "check that the folder exists, is writable and has space left"});
  }
  return findings;
}

Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const std::string file = path.string();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return Diagnostic{.file = file, .message = "there is no such file"};
  }
  if (std::filesystem::is_directory(status)) {
    return Diagnostic{.file = file, .message = "this is a folder, not a file"};
  }
  std::ifstream stream(path, std::ios::binary);
  std::string content;
  std::vector<char> buffer(1U << 16);
  while (stream && content.size() <= max_bytes) {
    stream.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    content.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (content.size() > max_bytes) {
    return Diagnostic{.file = file,
                      .message = "the file is too large",
                      .allowed = "at most " + std::to_string(max_bytes) + " bytes"};
  }
  if (!stream.eof()) {
    return Diagnostic{
        .file = file, .message = "the file cannot be read", .fix = "check that you may read it"};
  }
  return content;
}

std::filesystem::path data_root() {
  if (const char* home = std::getenv("MICRODC_HOME"); home != nullptr && *home != '\0') return home;
  if (std::filesystem::exists(MICRODC_SOURCE_DIR "/hwprofiles/catalog")) return MICRODC_SOURCE_DIR;
  return MICRODC_INSTALL_DATA_DIR;
}

}  // namespace microdc
