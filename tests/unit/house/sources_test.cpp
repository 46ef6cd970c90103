// Habits of the house that a text search can check.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/unit/house/source_tree.hpp"

namespace microdc::testing {
namespace {

constexpr std::size_t longest_file = 400;   // lines
constexpr std::size_t longest_line = 130;   // characters; clang-format aims at 100

/// Files that are longer than that for a reason.
const std::set<std::string>& long_files() {
  static const std::set<std::string> exceptions{};
  return exceptions;
}

std::vector<SourceFile> all_sources() {
  return sources_below({"hwprofiles", "models", "kernels", "calibrate", "sim", "gui", "tests"});
}

TEST(Sources, StayShort) {
  for (const SourceFile& source : all_sources()) {
    const bool exception = long_files().contains(source.path);
    EXPECT_EQ(source.lines.size() > longest_file, exception)
        << source.path << " has " << source.lines.size() << " lines";
  }
}

TEST(Sources, HaveLinesThatFitAWindow) {
  for (const SourceFile& source : all_sources()) {
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      EXPECT_LE(source.lines[i].size(), longest_line) << source.path << ":" << i + 1;
    }
  }
}

TEST(Sources, GuardTheirHeadersOnce) {
  for (const SourceFile& source : all_sources()) {
    if (!source.is_header()) continue;
    const auto guards = std::count(source.lines.begin(), source.lines.end(), "#pragma once");
    EXPECT_EQ(guards, 1) << source.path;
  }
}

/// Reports every line of the product's code, comments apart, in which one of `phrases` stands.
template <std::size_t N>
void expect_nowhere(const std::array<std::string_view, N>& phrases,
                    const std::set<std::string>& exceptions = {}) {
  for (const SourceFile& source : product_sources()) {
    if (exceptions.contains(source.path)) continue;
    for (std::size_t i = 0; i < source.lines.size(); ++i) {
      const std::string_view line = source.lines[i];
      const std::string_view code = line.substr(0, line.find("//"));
      for (const std::string_view phrase : phrases) {
        EXPECT_EQ(code.find(phrase), std::string_view::npos)
            << source.path << ":" << i + 1 << " uses " << phrase;
      }
    }
  }
}

/// Ending the process and printing are the command's decisions.
TEST(Sources, OfLibrariesNeitherExitNorPrint) {
  constexpr std::array<std::string_view, 10> forbidden{
      "std::exit",   "std::abort", "std::quick_exit", "std::terminate", "std::cout",
      "std::cerr",   "std::puts",  "printf(",         "fmt::print",     " exit("};
  expect_nowhere(forbidden, {"sim/cli/main.cpp"});
}

/// Random numbers must be the same everywhere: the standard's distributions are not.
TEST(Sources, UseNoImplementationDefinedRandomNumbers) {
  constexpr std::array<std::string_view, 7> forbidden{
      "std::normal_distribution",  "std::uniform_real_distribution", "std::uniform_int_distribution",
      "std::gamma_distribution",   "std::exponential_distribution",  "std::random_device",
      "std::default_random_engine"};
  expect_nowhere(forbidden);
}

}  // namespace
}  // namespace microdc::testing
