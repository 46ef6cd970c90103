#include "tests/unit/house/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <set>

namespace microdc::testing {
namespace {

namespace fs = std::filesystem;

/// The target of an include directive; empty for other lines.
std::string included(const std::string& line) {
  constexpr std::string_view directive = "#include ";
  if (line.compare(0, directive.size(), directive) != 0) return {};
  const std::size_t end = line.find_first_of("\">", directive.size() + 1);
  return line.substr(directive.size() + 1, end - directive.size() - 1);
}

SourceFile read(const fs::path& file) {
  SourceFile source{fs::relative(file, source_root()).generic_string(), {}, {}};
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (std::string target = included(line); !target.empty()) {
      source.includes.push_back(std::move(target));
    }
    source.lines.push_back(std::move(line));
  }
  return source;
}

}  // namespace

const fs::path& source_root() {
  static const fs::path path = MICRODC_SOURCE_DIR;
  return path;
}

std::vector<SourceFile> sources_below(const std::vector<std::string>& folders) {
  static const std::set<std::string> endings{".hpp", ".cpp", ".cu", ".cuh", ".h"};
  std::vector<SourceFile> sources;
  for (const std::string& folder : folders) {
    if (!fs::is_directory(source_root() / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(source_root() / folder)) {
      if (entry.is_regular_file() && endings.contains(entry.path().extension().string())) {
        sources.push_back(read(entry.path()));
      }
    }
  }
  std::sort(sources.begin(), sources.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return sources;
}

std::vector<SourceFile> product_sources() {
  return sources_below({"hwprofiles", "models", "kernels", "calibrate", "sim", "gui"});
}

bool lies_in(const std::string& path, const std::string& folder) {
  return path == folder || path.starts_with(folder + "/");
}

}  // namespace microdc::testing
