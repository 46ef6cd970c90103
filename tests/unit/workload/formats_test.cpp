// Every format with a small sample of our own.
#include <set>

#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

constexpr Nanoseconds second = 1'000'000'000;

TEST(Formats, NamesAreUniqueAndDescribed) {
  std::set<std::string> names;
  for (const TraceFormat& format : trace_formats()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_FALSE(format.description.empty());
  }
  EXPECT_EQ(names, (std::set<std::string>{"azure", "burstgpt", "csv", "jsonl", "microdc",
                                          "mooncake", "servegen"}));
}

TEST(Formats, AzureTimesCountFromTheFirstRequest) {
  const auto read = read_text(
      "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
      "2031-02-28 23:59:59.5000000,100,10\r\n"
      "2031-03-01 00:00:01.2500001,200,20\r\n"
      "2031-03-01 01:00:02+01:00,300,30\r\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "azure");
  const auto& requests = read->trace.requests;
  ASSERT_EQ(requests.size(), 3u);
  EXPECT_EQ(requests[0].arrival, 0);
  EXPECT_EQ(requests[1].arrival, 1'750'000'100);
  EXPECT_EQ(requests[2].arrival, 2'500'000'000);
  EXPECT_EQ(requests[1].input_tokens, 200);
  EXPECT_EQ(requests[2].output_tokens, 30);
  EXPECT_EQ(read->trace.duration, 2'500'000'000);
}

TEST(Formats, BurstGptFailuresAreDroppedAndCounted) {
  const auto read = read_text(
      "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log "
      "Type\n"
      "5,,0.7,Small,40,8,48,API log\n"
      "6.5,s1,0,Large,50,0,50,Conversation log\n"
      "9,s1,2,Large,60,12,72,Conversation log\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "burstgpt");
  EXPECT_EQ(read->report.rows_read, 3);
  EXPECT_EQ(read->report.kept, 2);
  ASSERT_EQ(read->report.dropped.size(), 1u);
  EXPECT_EQ(read->report.dropped[0].reason, "no output tokens: a failed request");
  EXPECT_EQ(read->report.dropped[0].first_line, 3);
  EXPECT_EQ(read->trace.requests[0].arrival, 5 * second);
  EXPECT_EQ(read->trace.clients, (std::vector<std::string>{"Small", "Large"}));
  EXPECT_EQ(read->trace.requests[1].client, 1);
}

TEST(Formats, BurstGptFirstVersionHasFewerColumns) {
  const auto read = read_text(
      "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,Small,40,8,48,API "
      "log\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "burstgpt");
  EXPECT_EQ(read->trace.requests[0].output_tokens, 8);
}

TEST(Formats, CsvKnowsNamesAndUnits) {
  const struct {
    const char* text;
    Nanoseconds arrival;
  } cases[] = {
      {"arrived_at,num_prefill_tokens,num_decode_tokens\n1.5,10,20\n", 1'500'000'000},
      {"arrival_s;input_tokens;output_tokens\n1.5;10;20\n", 1'500'000'000},
      {"Arrival ms,prompt tokens,completion-tokens\n1500,10,20\n", 1'500'000'000},
      {"other\tarrival_us\tinput_length\toutput_length\nx\t1500000\t10\t20.0\n", 1'500'000'000},
      {"arrival_time_ns,input_toks,output_toks\n1500000000,\"10\",20\n", 1'500'000'000},
      {"\xEF\xBB\xBFtimestamp_s,ContextTokens,GeneratedTokens\n1.5,10,20\n", 1'500'000'000},
      {"timestamp,input_tokens,output_tokens\n2031-01-01T00:00:00Z,10,20\n", 0},
      {"timestamp_s,input_tokens,output_tokens\n1900000000.25,10,20\n", 0},  // Unix time
  };
  for (const auto& item : cases) {
    const auto read = read_text(item.text);
    ASSERT_TRUE(read.ok()) << item.text << to_text(read.diagnostics());
    EXPECT_EQ(read->report.format, "csv");
    ASSERT_EQ(read->trace.requests.size(), 1u);
    EXPECT_EQ(read->trace.requests[0].arrival, item.arrival) << item.text;
    EXPECT_EQ(read->trace.requests[0].input_tokens, 10);
    EXPECT_EQ(read->trace.requests[0].output_tokens, 20);
  }
}

TEST(Formats, PlainNumbersInAColumnTimeAreSeconds) {
  for (const char* text : {"time,input_tokens,output_tokens\n2,10,20\n3.5,10,20\n",
                           "{\"time\": 2, \"input_tokens\": 10, \"output_tokens\": 20}\n"
                           "{\"time\": 3.5, \"input_tokens\": 10, \"output_tokens\": 20}\n"}) {
    const auto read = read_text(text);
    ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
    EXPECT_EQ(read->trace.requests[0].arrival, 2 * second);
    EXPECT_EQ(read->trace.requests[1].arrival, 3'500'000'000);
    ASSERT_EQ(read->report.notes.size(), 1U);
    EXPECT_NE(read->report.notes[0].find("seconds"), std::string::npos);
  }
  const auto dates = read_text("time,input_tokens,output_tokens\n2031-01-01T00:00:09Z,10,20\n");
  ASSERT_TRUE(dates.ok()) << to_text(dates.diagnostics());
  EXPECT_EQ(dates->trace.requests[0].arrival, 0);
  // Neither the one nor the other.
  EXPECT_FALSE(
      read_text("time,input_tokens,output_tokens\n2,1,1\n2031-01-01T00:00:09Z,1,1\n").ok());
  EXPECT_FALSE(
      read_text("time,input_tokens,output_tokens\n2031-01-01T00:00:09Z,1,1\n2,1,1\n").ok());
}

TEST(Formats, JsonLinesKnowTheSameNames) {
  const auto read = read_text(
      "{\"arrival_ms\": 250, \"prompt_tokens\": 10, \"completion_tokens\": 2, \"tenant\": "
      "\"a\"}\n\n"
      "{\"arrival_ms\": 750.5, \"prompt_tokens\": 11, \"completion_tokens\": 3, \"tenant\": "
      "\"b\"}");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "jsonl");
  EXPECT_EQ(read->trace.requests[1].arrival, 750'500'000);
  EXPECT_EQ(read->trace.requests[1].client, 1);
}

TEST(Formats, RowsOutOfOrderAreSortedAndCounted) {
  const auto read = read_text("arrival_s,input_tokens,output_tokens\n3,1,1\n1,2,2\n2,3,3\n4,4,4\n");
  ASSERT_TRUE(read.ok());
  ASSERT_EQ(read->report.changed.size(), 1u);
  EXPECT_EQ(read->report.changed[0].count, 2);
  EXPECT_EQ(read->report.changed[0].first_line, 3);
  EXPECT_EQ(read->trace.requests[0].input_tokens, 2);
  EXPECT_EQ(read->trace.requests[2].input_tokens, 1);
}

TEST(Formats, WindowKeepsItsPartAndCountsTheRest) {
  const auto read = read_text("arrival_s,input_tokens,output_tokens\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n",
                              "", {.start = Seconds(2), .duration = Seconds(2)});
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->report.kept, 2);
  EXPECT_EQ(read->report.dropped[0].count, 2);
  EXPECT_EQ(read->trace.requests[0].arrival, 0);
  EXPECT_EQ(read->trace.duration, 2 * second);
}

TEST(Formats, MooncakeHasPrefixBlocks) {
  const auto read = read_text(
      "{\"timestamp\": 0, \"input_length\": 1000, \"output_length\": 5, \"hash_ids\": [70, 80]}\n"
      "{\"timestamp\": 40, \"input_length\": 1025, \"output_length\": 6, \"hash_ids\": [70, 90, "
      "91]}\n"
      "{\"timestamp\": 90, \"input_length\": 512, \"output_length\": 6, \"hash_ids\": [70, 90, "
      "91]}\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "mooncake");
  const Trace& trace = read->trace;
  EXPECT_EQ(trace.prefix_block_tokens, 512);
  EXPECT_EQ(trace.requests[1].prefix_count, 3);
  EXPECT_EQ(trace.prefix_hashes[trace.requests[0].prefix_begin],
            trace.prefix_hashes[trace.requests[1].prefix_begin]);
  EXPECT_NE(trace.prefix_hashes[trace.requests[0].prefix_begin + 1],
            trace.prefix_hashes[trace.requests[1].prefix_begin + 1]);
  EXPECT_EQ(trace.requests[2].prefix_count, 1);  // 512 tokens have one block
  EXPECT_EQ(read->report.changed.at(0).first_line, 3);
  EXPECT_EQ(trace.requests[1].arrival, 40'000'000);  // no grid: times stay
}

TEST(Formats, MooncakeGridIsSpreadAsAPoissonProcessWouldBe) {
  std::string text;
  for (int i = 0; i < 4000; ++i) {
    text += "{\"timestamp\": " + std::to_string(3000 * (i / 10)) +
            ", \"input_length\": 100, \"output_length\": 5, \"hash_ids\": [1]}\n";
  }
  const auto read = read_text(text);
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.changed.at(0).count, 4000);
  EXPECT_NE(read->report.changed.at(0).reason.find("rounded down to 3 s"), std::string::npos);
  const auto& requests = read->trace.requests;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    EXPECT_EQ(requests[i].arrival / (3 * second), static_cast<Nanoseconds>(i / 10));
  }
  const GapMoments gaps = gap_moments(read->trace);
  EXPECT_NEAR(gaps.mean, 0.3, 0.01);
  // Ten arrivals in every interval are a little more even than Poisson (CV 1); the raw file has 3.
  EXPECT_NEAR(gaps.cv, 0.95, 0.06);
  EXPECT_EQ(read_text(text)->trace.requests[17].arrival, requests[17].arrival);
}

TEST(Formats, OwnFormatKeepsEverything) {
  const auto read = read_text(
      "#microdc-trace 1 duration_ns=9000 prefix_block_tokens=16\n"
      "arrival_ns,input_tokens,output_tokens,client,prefix_hashes\n"
      "10,33,4,a,7 8\n4000,5,6,b,\n");
  ASSERT_TRUE(read.ok()) << to_text(read.diagnostics());
  EXPECT_EQ(read->report.format, "microdc");
  EXPECT_EQ(read->trace.duration, 9000);
  EXPECT_EQ(read->trace.prefix_block_tokens, 16);
  EXPECT_EQ(read->trace.prefix_hashes, (std::vector<std::uint32_t>{7, 8}));
  EXPECT_EQ(read->trace.requests[1].arrival, 4000);
}

}  // namespace
}  // namespace microdc
