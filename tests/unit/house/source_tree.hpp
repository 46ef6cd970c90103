// The files of this repository, as the tests of the house's rules see them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace microdc::testing {

struct SourceFile {
  std::string path;  ///< from the root, "sim/platform/platform.hpp"
  std::vector<std::string> lines;
  std::vector<std::string> includes;  ///< what stands between the quotes or brackets

  [[nodiscard]] bool is_header() const { return path.ends_with(".hpp") || path.ends_with(".cuh"); }
};

/// The repository's root.
const std::filesystem::path& source_root();

/// All C++ and CUDA sources below these folders of the repository, by path.
std::vector<SourceFile> sources_below(const std::vector<std::string>& folders);

/// Every room of the product that exists.
std::vector<SourceFile> product_sources();

/// True if `path` is `folder` or lies below it.
bool lies_in(const std::string& path, const std::string& folder);

}  // namespace microdc::testing
