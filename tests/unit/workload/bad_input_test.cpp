// Every bad input is refused with its place, what was found and what is allowed.
#include <cstdio>
#include <fstream>

#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

constexpr const char* good_header = "arrival_s,input_tokens,output_tokens\n";

Diagnostic error_in(const std::string& rows) {
  const auto read = read_text(good_header + rows);
  EXPECT_FALSE(read.ok()) << rows;
  return first_error(read);
}

TEST(BadTrace, TokensThatAreNoCounts) {
  for (const char* bad :
       {"-5", "nan", "NaN", "inf", "1e300", "2.5", "", "x", "99999999999999999999"}) {
    const Diagnostic error = error_in(std::string("0,1,1\n1,") + bad + ",1\n");
    EXPECT_EQ(error.file, "t.csv");
    EXPECT_EQ(error.place, "line 3") << bad;
    EXPECT_EQ(error.message, "the number of input tokens cannot be read");
    EXPECT_EQ(error.found, bad);
    EXPECT_EQ(error.allowed, "a whole number from 0 to 100000000");
    EXPECT_FALSE(error.fix.empty());
  }
  const Diagnostic large = error_in("0,1,100000001\n");
  EXPECT_EQ(large.message, "the number of output tokens is out of range");
  EXPECT_EQ(large.allowed, "0 to 100000000");
}

TEST(BadTrace, TimesThatAreNone) {
  for (const char* bad : {"nan", "inf", "1e30", "99999999999999999999", "", "noon"}) {
    const Diagnostic error = error_in(std::string(bad) + ",1,1\n");
    EXPECT_EQ(error.place, "line 2");
    EXPECT_EQ(error.message, "the arrival time cannot be read") << bad;
    EXPECT_EQ(error.found, bad);
    EXPECT_EQ(error.allowed, "seconds from the start of the trace, at least 0");
  }
  EXPECT_EQ(error_in("-1,1,1\n").message, "the arrival is negative");
  for (const char* bad : {"2031-02-30 00:00:00", "2031-01-01 25:00:00", "1031-01-01 00:00:00",
                          "2031-01-01", "2031-01-01 00:00:00.", "2031-01-01 00:00:00+9"}) {
    const auto read =
        read_text(std::string("TIMESTAMP,ContextTokens,GeneratedTokens\n") + bad + ",1,1\n");
    ASSERT_FALSE(read.ok()) << bad;
    EXPECT_EQ(first_error(read).allowed, "a date and time such as 2023-11-16 18:15:46.6805900");
  }
}

TEST(BadTrace, TimesTooFarApart) {
  const Diagnostic error = error_in("0,1,1\n400000000,1,1\n");
  EXPECT_EQ(error.message, "the requests are further apart than any observation");
  EXPECT_EQ(error.found, "4630 days");
}

TEST(BadTrace, WrongColumns) {
  const Diagnostic row = error_in("0,1,1\n0,1\n");
  EXPECT_EQ(row.place, "line 3");
  EXPECT_EQ(row.found, "2 columns: 0,1");
  EXPECT_EQ(row.allowed, "3 columns: arrival_s,input_tokens,output_tokens");
  const auto missing = read_text("arrival_s,input_tokens,speed\n0,1,1\n");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(first_error(missing).place, "line 1");
  EXPECT_EQ(first_error(missing).message, "the table has no column for the output tokens");
  EXPECT_EQ(first_error(missing).allowed.rfind("output_tokens, num_decode_tokens", 0), 0u);
}

TEST(BadTrace, AmbiguousUnitIsRefused) {
  const auto read = read_text("timestamp,input_tokens,output_tokens\n12,1,1\n");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(first_error(read).found, "12");
}

TEST(BadTrace, AllMistakesOfAPassAreListedUpToALimit) {
  EXPECT_EQ(read_text(std::string(good_header) + "x,-1,1\n0,1\n").diagnostics().items().size(), 3u);
  std::string rows = good_header;
  for (int i = 0; i < 1000; ++i) rows += "bad\n";
  const auto many = read_text(rows);
  EXPECT_EQ(many.diagnostics().items().size(), 21u);
  EXPECT_EQ(many.diagnostics().items().back().message, "reading stopped after 20 errors");
}

TEST(BadTrace, NoUsableRequest) {
  const Diagnostic error = error_in("0,5,0\n1,0,5\n2,7,0\n");
  EXPECT_EQ(error.message, "the trace has no usable request");
  EXPECT_EQ(
      error.found,
      "3 data rows; 2 dropped: no output tokens: a failed request; 1 dropped: no input tokens");
  EXPECT_FALSE(read_text(good_header).ok());
}

TEST(BadTrace, EmptyBinaryAndUnknown) {
  EXPECT_EQ(first_error(read_text("")).message, "the file is empty");
  const auto binary =
      read_text(std::string_view("\x7f"
                                 "ELF\0\0\1\2\3",
                                 9));
  ASSERT_FALSE(binary.ok());
  EXPECT_EQ(first_error(binary).message, "this is no trace in a known format");
  EXPECT_EQ(first_error(binary).found, "binary data");
  EXPECT_EQ(first_error(read_text("a,b,c\n1,2,3\n")).found, "a,b,c");
  const auto named = read_text("a", "azur");
  ASSERT_FALSE(named.ok());
  EXPECT_EQ(first_error(named).message, "there is no such trace format");
  EXPECT_EQ(first_error(named).fix, "did you mean azure?");
  EXPECT_EQ(first_error(read_text("a,b\n", "azure")).place, "line 1");
}

TEST(BadTrace, FilesThatCannotBeRead) {
  const auto missing = read_trace("no-such-trace.csv");
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(first_error(missing).message, "cannot open the file: No such file or directory");
  EXPECT_EQ(missing.diagnostics().exit_code(), 2);
  const auto folder = read_trace(::testing::TempDir());
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(first_error(folder).message, "this is a folder, not a trace file");
}

TEST(BadTrace, EndlessLineIsRefusedEarly) {
  // A sparse file of 4 GiB without a line end behind a good header.
  const std::string path = ::testing::TempDir() + "/endless.csv";
  {
    std::ofstream file(path, std::ios::binary);
    file << good_header;
    file.seekp(std::streamoff{4} << 30);
    file << 'x';
  }
  const auto read = read_trace(path);
  std::remove(path.c_str());
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(first_error(read).message, "the line is too long for a trace");
  EXPECT_EQ(first_error(read).place, "line 2");
  EXPECT_EQ(first_error(read).allowed, "at most 1048576 bytes a line");
}

TEST(BadTrace, MoreRequestsThanTheLimit) {
  const auto read =
      read_text(std::string(good_header) + "0,1,1\n1,1,1\n2,1,1\n", "", {.max_requests = 2});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(first_error(read).place, "line 4");
  EXPECT_EQ(first_error(read).allowed, "at most 2 requests");
}

TEST(BadTrace, JsonLines) {
  const auto broken =
      read_text("{\"arrival_s\": 0, \"input_tokens\": 1, \"output_tokens\": 1}\n{\"arr", "jsonl");
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(first_error(broken).place, "line 2");
  EXPECT_EQ(first_error(broken).message, "the line is no JSON object");
  const auto member = read_text("{\"arrival_s\": 0, \"input_tokens\": 1}\n");
  ASSERT_FALSE(member.ok());
  EXPECT_EQ(first_error(member).message, "the objects have no member for the output tokens");
  const auto ids = read_text(
      "{\"timestamp\": 0, \"input_length\": 10, \"output_length\": 5, \"hash_ids\": [\"a\"]}\n");
  ASSERT_FALSE(ids.ok());
  EXPECT_EQ(first_error(ids).message, "the prefix hash ids cannot be read");
  EXPECT_EQ(first_error(ids).found, "[\"a\"]");
}

}  // namespace
}  // namespace microdc
