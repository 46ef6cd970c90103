// A made-up result with round numbers.
#pragma once

#include <filesystem>
#include <string>

#include "sim/report/report.hpp"

namespace microdc::testing {

/// 200 requests in 100 s on one replica with one accelerator; everything is known.
Report made_up_report();

/// From 10:00 to 11:00, 72 requests with a TTFT of half a second, 500 W.
BusyHour made_up_hour();

/// An empty folder of this test, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string content_of(const std::filesystem::path& file);
void write_text(const std::filesystem::path& file, const std::string& text);

}  // namespace microdc::testing
