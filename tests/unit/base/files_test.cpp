// Files are replaced in one step, or left alone.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/text_file.hpp"

namespace microdc {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t files_in(const fs::path& folder) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

class AtomicWrite : public ::testing::Test {
 protected:
  fs::path folder_ = fs::temp_directory_path() / ("microdc-files-" + std::to_string(::getpid()));
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
};

TEST_F(AtomicWrite, CreatesFileAndFolders) {
  const std::string bytes("a\0b\r\n", 5);
  EXPECT_TRUE(write_file_atomically(folder_ / "new" / "deep" / "f", bytes).empty());
  EXPECT_EQ(content_of(folder_ / "new" / "deep" / "f"), bytes);
}

TEST_F(AtomicWrite, ReplacesAndLeavesNothingBeside) {
  ASSERT_TRUE(write_file_atomically(folder_ / "f", "a longer old content").empty());
  ASSERT_TRUE(write_file_atomically(folder_ / "f", "new").empty());
  EXPECT_EQ(content_of(folder_ / "f"), "new");
  EXPECT_EQ(files_in(folder_), 1u);
}

TEST_F(AtomicWrite, ThatFailsIsAnErrorAndLeavesTheOldOne) {
  fs::create_directories(folder_ / "taken" / "inside");  // a folder cannot be replaced by a file
  const Diagnostics findings = write_file_atomically(folder_ / "taken", "x");
  ASSERT_TRUE(findings.has_errors());
  EXPECT_EQ(findings.items().front().file, (folder_ / "taken").string());
  EXPECT_TRUE(fs::is_directory(folder_ / "taken" / "inside"));
  EXPECT_EQ(files_in(folder_), 1u);
}

TEST_F(AtomicWrite, WritesThroughLinksAndIntoDevices) {
  ASSERT_TRUE(write_file_atomically(folder_ / "f", "a longer old content").empty());
  fs::create_symlink(folder_ / "f", folder_ / "link");
  EXPECT_TRUE(write_file_atomically(folder_ / "link", "new").empty());
  EXPECT_EQ(content_of(folder_ / "f"), "new");
  EXPECT_TRUE(fs::is_symlink(folder_ / "link"));
  fs::create_symlink("/dev/full", folder_ / "full");
  EXPECT_TRUE(write_file_atomically(folder_ / "full", "x").has_errors());
  EXPECT_TRUE(fs::is_symlink(folder_ / "full"));
}

TEST(TextFile, IsReadWhole) {
  const fs::path file = fs::temp_directory_path() / ("microdc-text-" + std::to_string(::getpid()));
  const std::string content = std::string(100000, 'a') + '\0' + "\r\n";
  ASSERT_TRUE(write_file_atomically(file, content).empty());
  EXPECT_EQ(*read_text_file(file), content);
  EXPECT_EQ(*read_text_file(file, content.size()), content);
  EXPECT_FALSE(read_text_file(file, content.size() - 1));
  fs::remove(file);
  EXPECT_FALSE(read_text_file(file));
  EXPECT_FALSE(read_text_file(fs::temp_directory_path()));
}

TEST_F(AtomicWrite, BelowAFileIsAnError) {
  ASSERT_TRUE(write_file_atomically(folder_ / "f", "old").empty());
  EXPECT_TRUE(write_file_atomically(folder_ / "f" / "g", "x").has_errors());
  EXPECT_EQ(content_of(folder_ / "f"), "old");
}

TEST(DataRoot, IsWhereTheVariableSaysOrTheSourceTree) {
  ASSERT_EQ(::setenv("MICRODC_HOME", "/somewhere/else", 1), 0);
  EXPECT_EQ(data_root(), "/somewhere/else");
  ASSERT_EQ(::unsetenv("MICRODC_HOME"), 0);
  EXPECT_TRUE(fs::exists(data_root() / "hwprofiles" / "catalog")) << data_root();
}

}  // namespace
}  // namespace microdc
