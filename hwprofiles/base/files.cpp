#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {

Diagnostics write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  Diagnostics findings;
  const std::filesystem::path temporary =
      path.string() + ".partial-" + std::to_string(::getpid());
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  std::ofstream stream(temporary, std::ios::binary | std::ios::trunc);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (stream) std::filesystem::rename(temporary, path, error);
  if (!stream || error) {
    std::filesystem::remove(temporary, error);
    findings.add({.file = path.string(),
                  .message = "the file cannot be written",
                  .fix = "check that the folder exists, is writable and has space left"});
  }
  return findings;
}

std::filesystem::path data_root() {
  if (const char* home = std::getenv("MICRODC_HOME"); home != nullptr && *home != '\0') return home;
  if (std::filesystem::exists(MICRODC_SOURCE_DIR "/hwprofiles/catalog")) return MICRODC_SOURCE_DIR;
  return MICRODC_INSTALL_DATA_DIR;
}

}  // namespace microdc
