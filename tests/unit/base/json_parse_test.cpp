// JSON text in: the place of every mistake, repeated keys, depth, and files that are none.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

Diagnostic only_error(const Result<Json>& result) {
  EXPECT_FALSE(result.ok());
  if (result.diagnostics().items().size() == 1) return result.diagnostics().items().front();
  ADD_FAILURE() << "expected one error:\n" << to_text(result.diagnostics());
  return {};
}

std::string nested_lists(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

TEST(ParseJson, ReadsValues) {
  const auto json = parse_json(R"({"a": [1, 2.5, "x", null, true]})", "f");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["a"].size(), 5u);
  EXPECT_EQ((*json)["a"][1].get<double>(), 2.5);
}

TEST(ParseJson, NamesLineAndColumn) {
  const Diagnostic missing_comma = only_error(parse_json("{\n  \"a\": 1\n  \"b\": 2\n}", "f.json"));
  EXPECT_EQ(missing_comma.file, "f.json");
  EXPECT_EQ(missing_comma.place.substr(0, 7), "line 3,");
  const Diagnostic first_line = only_error(parse_json("?", "f"));
  EXPECT_EQ(first_line.place, "line 1, column 1");
  const Diagnostic cut_short = only_error(parse_json("{\"a\":\n\n", "f"));
  EXPECT_EQ(cut_short.place.substr(0, 7), "line 3,");
}

TEST(ParseJson, SaysWhatTheParserExpected) {
  const Diagnostic error = only_error(parse_json("{\"a\" 1}", "f"));
  EXPECT_EQ(error.message.substr(0, 18), "this is not JSON: ");
  EXPECT_EQ(error.message.find("json.exception"), std::string::npos);
}

TEST(ParseJson, RefusesTextThatIsNotUtf8) {
  EXPECT_FALSE(parse_json("{\"a\": \"\xff\xfe\"}", "f").ok());
}

TEST(ParseJson, RefusesNumbersThatNoDoubleHolds) {
  EXPECT_FALSE(parse_json("{\"a\": 1e999}", "f").ok());
}

TEST(ParseJson, RefusesAnEmptyText) {
  EXPECT_EQ(only_error(parse_json("", "f")).message, "the file is empty");
  EXPECT_EQ(only_error(parse_json(" \n\t", "f")).message, "the file is empty");
}

TEST(ParseJson, NamesEveryRepeatedKey) {
  const auto result = parse_json(R"({"a": 1, "b": {"c": 1, "c": 2}, "a": 3})", "f");
  ASSERT_EQ(result.diagnostics().items().size(), 2u);
  EXPECT_EQ(result.diagnostics().items()[0].message, "key \"a\" appears twice in one object");
  EXPECT_EQ(result.diagnostics().items()[1].message, "key \"c\" appears twice in one object");
}

TEST(ParseJson, AllowsOneKeyInSeveralObjects) {
  EXPECT_TRUE(parse_json(R"([{"a": 1}, {"a": {"a": [{"a": 1}]}}])", "f").ok());
}

TEST(ParseJson, LimitsTheDepth) {
  EXPECT_TRUE(parse_json(nested_lists(99), "f").ok());
  EXPECT_EQ(only_error(parse_json(nested_lists(200), "f")).message,
            "the JSON is nested too deeply");
  // Deep enough to exhaust the stack of a parser or a destructor that recurses.
  EXPECT_FALSE(parse_json(nested_lists(1'000'000), "f").ok());
}

class JsonFile : public ::testing::Test {
 protected:
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                  ("microdc-json-" + std::to_string(::getpid()));
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
};

TEST_F(JsonFile, IsRead) {
  std::ofstream(folder_ / "a.json") << R"({"a": 1})";
  const auto json = read_json_file(folder_ / "a.json");
  ASSERT_TRUE(json.ok());
  EXPECT_EQ((*json)["a"], 1);
}

TEST_F(JsonFile, ThatIsNotThereOrAFolderIsAnError) {
  const Diagnostic missing = only_error(read_json_file(folder_ / "none.json"));
  EXPECT_EQ(missing.message, "there is no such file");
  EXPECT_EQ(missing.file, (folder_ / "none.json").string());
  EXPECT_EQ(only_error(read_json_file(folder_)).message, "this is a folder, not a file");
}

TEST_F(JsonFile, WithAMistakeNamesFileAndPlace) {
  std::ofstream(folder_ / "a.json") << "{\n\"a\": }";
  const Diagnostic error = only_error(read_json_file(folder_ / "a.json"));
  EXPECT_EQ(error.file, (folder_ / "a.json").string());
  EXPECT_EQ(error.place.substr(0, 7), "line 2,");
}

}  // namespace
}  // namespace microdc
