#include "sim/report/table.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "sim/report/json.hpp"
#include "sim/report/text_layout.hpp"
#include "support.hpp"

namespace microdc {
namespace {

constexpr const char* golden =
    R"(
made-up: 200 of 200 requests answered in 100 s; half saw their first token within 250 ms, 95 %
within 251 ms. 95.0 % of all requests met every objective.

Latency of completed requests
                                mean      p50      p90      p95      p99
  first token (TTFT)          250 ms   250 ms   251 ms   251 ms   251 ms
  per token after it (TPOT)  20.0 ms  20.0 ms  20.0 ms  20.0 ms  20.1 ms
  gap between tokens (ITL)   20.0 ms  20.0 ms  20.0 ms  20.0 ms  20.1 ms
  whole answer (E2E)          2.00 s   2.00 s   2.00 s   2.00 s   2.00 s
  waiting for a place            0 s      0 s      0 s      0 s      0 s

Throughput
  requests           2.00 /s
  answer tokens      200 /s
  within objectives  1.90 requests/s

Use of the replicas
  replica   device    busy  mean batch  KV cache at most  preempted
  pool #1  1 x gpu  50.0 %        4.00            25.0 %          0

Power and energy
  IT power, mean                 720 W
  IT power, highest              900 W
  IT power, on but idle          300 W
  energy, accelerators           11.1 Wh
  energy, servers                20.0 Wh
  energy, facility               30.0 Wh
  accelerators per answer token  2.00 J
  carbon                         0.0120 kg CO2e

Cost (purchase and energy only)
  purchase  10,000 EUR
                             simulated time     a year
  amortisation                    0.500 EUR  2,000 EUR
  energy                          0.250 EUR  1,000 EUR
  total                           0.750 EUR  3,000 EUR
  per 1000 requests                3.75 EUR   3.00 EUR
  per million answer tokens        37.5 EUR   30.0 EUR
  A year: all year as in the simulated time.

What to keep in mind
  - one caveat
)";

TEST(ResultText, Golden) {
  EXPECT_EQ(result_text(testing::made_up_report()), std::string(golden).substr(1));
}

/// Everything that makes the answer longer.
Report crowded_report() {
  Report report = testing::made_up_report();
  report.result.interrupted = true;
  report.result.counts.unfinished = 5;
  report.result.counts.rejected = 1;
  report.result.energy.it.reset();
  report.result.energy.facility.reset();
  report.result.energy.missing = {"server: fan_power"};
  report.cost.year.total.reset();
  report.cost.missing = {"price of a-server-with-a-long-name (hardware catalog)",
                         "electricity price of the site with a long name (scenario)"};
  report.bands = Bands{.samples = 3};
  for (const auto& [path, value] : result_figures(report)) {
    report.bands->figures[path] = {value * 0.9, value, value * 1.1};
  }
  MeasuredRun run{
      .format = "vllm-bench",
      .metrics = {{"latency.ttft_s.p50", 0.2, "median_ttft_ms"}, {"power.mean_w", 500, "mean_w"}}};
  report.measured = compare_with_measured(run, "measured.json", result_figures(report));
  for (int i = 0; i < 20; ++i) report.result.replicas.push_back(report.result.replicas[0]);
  return report;
}

TEST(ResultText, FitsThePage) {
  std::istringstream lines(result_text(crowded_report()));
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(text_width(line), page_width) << line;
}

TEST(ResultText, SaysWhatIsNotKnownAndWhy) {
  const std::string text = result_text(crowded_report());
  for (const char* part :
       {"INTERRUPTED. made-up", "not known (server: fan_power)",
        "Not known for want of: price of a-server-with-a-long-name (hardware catalog);",
        "5 requests had not ended", "1 request (0.5 % of all) did not fit", "and 5 more (--json has all)",
        "3 draws of the hardware laws", "+25.0 %", "not predicted"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(ResultText, WarnsOfAnOverloadedRack) {
  Report report = testing::made_up_report();
  report.result.latency.queue = {};
  for (int i = 0; i < 200; ++i) report.result.latency.queue.add(1'500'000'000);  // of 2 s
  EXPECT_NE(result_text(report).find("overloaded"), std::string::npos);
}

}  // namespace
}  // namespace microdc
