// What the documents say about the tree is true of it.
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/house/source_tree.hpp"

namespace microdc::testing {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// All first groups of `pattern` in `text`.
std::vector<std::string> matches(const std::string& text, const char* pattern) {
  const std::regex regex(pattern);
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), regex), end; at != end; ++at) {
    found.push_back((*at)[1]);
  }
  return found;
}

/// "Suite.Name" of every GoogleTest test in tests/.
std::set<std::string> test_names() {
  const std::regex test(R"(^TEST(?:_F|_P)?\((\w+), (\w+)\))");
  std::set<std::string> names;
  for (const SourceFile& source : sources_below({"tests"})) {
    for (const std::string& line : source.lines) {
      std::smatch match;
      if (std::regex_search(line, match, test)) names.insert(match[1].str() + "." + match[2].str());
    }
  }
  return names;
}

std::vector<fs::path> documents() {
  std::vector<fs::path> files;
  for (const char* name : {"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}) {
    files.push_back(source_root() / name);
  }
  for (const auto& entry : fs::recursive_directory_iterator(source_root() / "docs")) {
    if (entry.path().extension() == ".md") files.push_back(entry.path());
  }
  return files;
}

TEST(Docs, InvariantsNameTestsThatExist) {
  const std::set<std::string> names = test_names();
  const auto named =
      matches(text_of(source_root() / "docs/invariants.md"), "`([A-Z]\\w*\\.[A-Z]\\w*)`");
  ASSERT_GT(named.size(), 20u);
  for (const std::string& name : named) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Docs, LinksLeadToFiles) {
  for (const fs::path& document : documents()) {
    ASSERT_TRUE(fs::exists(document)) << document;
    for (const std::string& link : matches(text_of(document), "\\]\\(([^)#:]+)(?:#[^)]*)?\\)")) {
      EXPECT_TRUE(fs::exists(document.parent_path() / link)) << document << " links to " << link;
    }
  }
}

/// Files of this repository that a document names in code quotes: `sim/platform/event_loop.cpp`.
TEST(Docs, NameFilesThatExist) {
  const char* path_in_quotes =
      "`((?:hwprofiles|models|kernels|calibrate|sim|gui|scenarios|tests|scripts|docs|cmake)/[\\w./"
      "-]+)`";
  for (const fs::path& document : documents()) {
    for (std::string path : matches(text_of(document), path_in_quotes)) {
      EXPECT_TRUE(fs::exists(source_root() / path)) << document << " names " << path;
    }
  }
}

}  // namespace
}  // namespace microdc::testing
