// Compressed traces and ServeGen archives.
#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

const std::string text = "arrival_s,input_tokens,output_tokens\n0,1,2\n1,3,4\n";

TEST(Packed, GzipIsReadLikePlainText) {
  const auto read = read_text(gzip_bytes(text));
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_TRUE(read->report.compressed);
  EXPECT_EQ(read->trace.requests.size(), 2u);
}

TEST(Packed, MembersOfAGzipFileAreJoined) {
  const auto read = read_text(gzip_bytes(text) + gzip_bytes("2,5,6\n"));
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->trace.requests.size(), 3u);
}

TEST(Packed, TruncatedGzipNamesTheByte) {
  std::string rows = text;
  for (int i = 2; i < 20000; ++i)
    rows += std::to_string(i) + ",1," + std::to_string(i % 97 + 1) + "\n";
  const std::string whole = gzip_bytes(rows);
  const std::string cut = whole.substr(0, whole.size() / 2);
  const auto read = read_text(cut);
  ASSERT_FALSE(read.ok());
  const Diagnostic error = first_error(read);
  EXPECT_EQ(error.message, "the gzip file is truncated");
  EXPECT_EQ(error.place, "byte " + std::to_string(cut.size()));
  EXPECT_EQ(error.found, "end of file after " + std::to_string(cut.size()) + " bytes");
  // Without the last bytes (length and checksum) all rows are there, but it is truncated all the
  // same.
  EXPECT_FALSE(read_text(whole.substr(0, whole.size() - 3)).ok());
}

TEST(Packed, DamagedGzipNamesTheByte) {
  std::string bytes = gzip_bytes(text);
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 0x55);
  const auto read = read_text(bytes);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(first_error(read).message, "the gzip file is damaged");
  EXPECT_EQ(first_error(read).found, "incorrect data check");
  EXPECT_EQ(first_error(read).place.rfind("byte ", 0), 0u);
}

/// A ustar member as POSIX describes it.
std::string tar_member(const std::string& name, const std::string& content) {
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  char size[12];
  std::snprintf(size, sizeof size, "%011o", static_cast<unsigned>(content.size()));
  header.replace(124, 11, size);
  header[156] = '0';
  header.replace(257, 5, "ustar");
  header.replace(148, 8, "        ");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  char check[8];
  std::snprintf(check, sizeof check, "%06o", sum);
  header.replace(148, 6, check);
  header[154] = '\0';
  std::string padded = content;
  padded.resize((content.size() + 511) / 512 * 512, '\0');
  return header + padded;
}

std::string archive_of(const std::string& windows, const std::string& lengths) {
  return tar_member("data/chunk-3-trace.csv", windows) +
         tar_member("data/chunk-3-dataset.json", lengths) + std::string(1024, '\0');
}

const std::string lengths =
    "{\"0\": {\"input_tokens\": \"{10: 0.25, 20: 0.75}\", "
    "\"output_tokens\": \"{7: 1.0}\"}}";

TEST(Servegen, DrawsRequestsAtThePublishedRates) {
  for (const char* pattern : {"Gamma,0.2", "Weibull,0.4", "Gamma,3", ","}) {
    const std::string shape = std::string(pattern) == "," ? ",0" : pattern;
    const std::string windows = "0,4,1," + shape + ",1\n600,0,0,,0,0\n1200,12,1," + shape + ",1\n";
    double count = 0, late = 0, inputs = 0;
    constexpr int seeds = 12;
    for (int seed = 0; seed < seeds; ++seed) {
      const auto read = read_text(gzip_bytes(archive_of(windows, lengths)), "",
                                  {.seed = static_cast<std::uint64_t>(seed)});
      ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
      EXPECT_EQ(read->report.format, "servegen");
      EXPECT_EQ(read->report.rows_read, 3);
      EXPECT_EQ(read->trace.duration, Nanoseconds{1800} * 1'000'000'000);
      for (const TraceRequest& request : read->trace.requests) {
        const double at = static_cast<double>(request.arrival) * 1e-9;
        EXPECT_TRUE(at < 600 || at >= 1200) << at;
        late += at >= 1200;
        inputs += request.input_tokens;
        EXPECT_EQ(request.output_tokens, 7);
      }
      count += static_cast<double>(read->trace.requests.size());
    }
    EXPECT_NEAR(count / seeds, 600 * 16, 400) << pattern;
    EXPECT_NEAR(late / count, 0.75, 0.04) << pattern;
    EXPECT_NEAR(inputs / count, 17.5, 0.2) << pattern;
  }
}

TEST(Servegen, RefusesMoreThanTheLimitBeforeDrawing) {
  const auto read = read_text(archive_of("0,1000,1,Gamma,1,1\n600,1000,1,Gamma,1,1\n", lengths), "",
                              {.max_requests = 1000});
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(first_error(read).message, "the clients send more requests than the limit");
  EXPECT_EQ(first_error(read).found, "about 1.2e+06");
}

TEST(Servegen, BadArchives) {
  const auto window = read_text(archive_of("0,-4,1,Gamma,1,1\n", lengths));
  ASSERT_FALSE(window.ok());
  EXPECT_EQ(first_error(window).place, "data/chunk-3-trace.csv line 1");
  const auto pdf =
      read_text(archive_of("0,4,1,Gamma,1,1\n", "{\"0\": {\"input_tokens\": \"{10\"}}"));
  ASSERT_FALSE(pdf.ok());
  EXPECT_EQ(first_error(pdf).place, "data/chunk-3-dataset.json at \"0\"");
  const std::string whole = archive_of("0,4,1,Gamma,1,1\n", lengths);
  const auto cut = read_text(whole.substr(0, 900));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(first_error(cut).message, "the archive is truncated");
  std::string damaged = whole;
  damaged[3] = 'X';
  EXPECT_EQ(first_error(read_text(damaged)).message, "the archive is damaged");
  const auto other = read_text(tar_member("readme", "x") + std::string(1024, '\0'));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(first_error(other).message, "the archive holds no ServeGen client");
}

}  // namespace
}  // namespace microdc
