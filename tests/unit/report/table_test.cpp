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
within 251 ms. 95.0 % of all requests met every objective (TTFT ≤ 1.00 s, E2E ≤ 10.0 s).

Latency of completed requests
                                 mean      p50      p90      p95      p99
  first token (TTFT)           250 ms   250 ms   251 ms   251 ms   251 ms
    gateway, HTTP, tokeniser  50.0 ms  49.9 ms  50.0 ms  50.1 ms  50.1 ms
    waiting for a place           0 s      0 s      0 s      0 s      0 s
    reading the prompt         200 ms   200 ms   200 ms   200 ms   200 ms
  per token after it (TPOT)   20.0 ms  20.0 ms  20.0 ms  20.0 ms  20.1 ms
  gap between tokens (ITL)    20.0 ms  20.0 ms  20.0 ms  20.0 ms  20.1 ms
  whole answer (E2E)           2.00 s   2.00 s   2.00 s   2.00 s   2.00 s

Throughput
  requests       2.00 /s
  answer tokens  200 /s
  goodput        1.90 /s within TTFT ≤ 1.00 s, E2E ≤ 10.0 s

Use of the replicas
  replica   device    busy  mean batch  KV cache at most  preemptions
  pool #1  1 x gpu  50.0 %        4.00            25.0 %            0

Power and energy
  IT power, mean                 720 W
  IT power, highest              900 W
  IT power, on but idle          300 W
  energy, accelerators           11.1 Wh
  energy, servers                20.0 Wh
  energy, facility               30.0 Wh (servers × PUE 1.54)
  accelerators per answer token  2.00 J
  carbon                         0.0120 kg CO2e

Cost (servers and energy only)
  servers  10,000 EUR, catalog prices at 1 EUR per USD
                             these 100 s     a year
  amortisation                 0.500 EUR  2,000 EUR
  energy                       0.250 EUR  1,000 EUR
  total                        0.750 EUR  3,000 EUR
  per 1000 requests             3.75 EUR   3.00 EUR
  per million answer tokens     37.5 EUR   30.0 EUR
  Amortisation: the servers over 5 years in equal parts, no residual value.
  Energy: 0.250 EUR/kWh (the scenario).
  A year: all year as in the simulated time.

Parts list [EUR]
            number       each        sum   price
  a server       1  10,000.00  10,000.00  market
  UPS       2.5 kW     800.00   2,000.00   quote
  purchase                     12,000.00

Total cost of ownership over 5 years (paid in cash; discounted at 6 %)
                                  over 5 years  at present value
  purchase                          12,000 EUR        12,000 EUR
  energy                             5,000 EUR         4,210 EUR
  staff                             20,000 EUR        16,800 EUR
  less residual value at the end    -1,200 EUR          -897 EUR
  total                             35,800 EUR        32,200 EUR
  a year, levelised          7,640 EUR
  per 1000 requests          7.64 EUR
  per million answer tokens  76.4 EUR
  per employee and month     6.36 EUR (100 employees)
  staff: 0.1 full-time equivalents (the scenario).
  Not counted: floor space, carbon.

The same requests elsewhere
                      a year  of it staff  per 1000 requests
  this rack        7,640 EUR    4,000 EUR           7.64 EUR
  cloud API, mini    900 EUR            –          0.900 EUR
  do nothing           0 EUR            –                  –
  Of a cloud API nobody's time is counted.
  do nothing leaves 1,000,000 requests a year undone.
  Whether the law lets the organisation's data go to a cloud was not checked for the amounts above.

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
  MeasuredFigures run{
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
        "5 requests had not ended", "1 request (0.5 % of all) did not fit",
        "and 5 more (--json has all)", "3 draws of all figures that have an uncertainty", "+25.0 %",
        "not predicted"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

bool says(const Report& report, const std::string& part) {
  return result_text(report).find(part) != std::string::npos;
}

TEST(ResultText, NamesTheBusiestHour) {
  Report report = testing::made_up_report();
  EXPECT_FALSE(says(report, "Busiest hour"));
  report.result.busiest_hour = testing::made_up_hour();
  EXPECT_TRUE(says(report,
                   "\nBusiest hour: 10 h to 11 h from the start\n"
                   "  requests          72, 0.0200 /s\n"
                   "  first token, p95  501 ms\n"
                   "  IT power, mean    500 W\n"))
      << result_text(report);
  report.scenario.workloads[0].kind = "office_day";
  EXPECT_TRUE(says(report, "Busiest hour: 10:00 to 11:00\n"));
  report.result.duration = 3 * 86400 * 1'000'000'000LL;
  report.result.busiest_hour->begin += 86400 * 1'000'000'000LL;
  report.result.busiest_hour->end += 86400 * 1'000'000'000LL;
  EXPECT_TRUE(says(report, "Busiest hour: 10:00 to 11:00 of day 2\n"));
  report.result.busiest_hour->ttft = {};
  EXPECT_TRUE(says(report, "too few requests"));
}

TEST(ResultText, AllMeansAll) {
  Report report = testing::made_up_report();
  report.result.counts.offered = 100'000;
  report.result.counts.within_slo = 99'999;
  EXPECT_TRUE(says(report, "more than 99.9 % of all requests met every objective"));
  report.result.counts.within_slo = 100'000;
  EXPECT_TRUE(says(report, " 100 % of all requests met every objective"));
}

TEST(ResultText, SaysWhereThePurchasePriceComesFrom) {
  Report report = testing::made_up_report();
  report.scenario.economics.exchange_rate = 0.88;
  EXPECT_TRUE(says(report, "10,000 EUR, catalog prices at 0.88 EUR per USD"));
  report.cost.capex_from_scenario = true;
  EXPECT_TRUE(says(report, "10,000 EUR, given by the scenario"));
  report.cost.capex.reset();
  report.cost.missing = {"price of a server"};
  EXPECT_TRUE(says(report, "not known (price of a server)"));
  EXPECT_FALSE(says(report, "Amortisation:"));
}

TEST(ResultText, ShowsTheCostPerUserWhereThereAreUsers) {
  Report report = testing::made_up_report();
  EXPECT_FALSE(says(report, "per user"));
  report.cost.year_per_user = Money(12.5);
  EXPECT_TRUE(says(report, "per user"));
}

TEST(ResultText, SaysThatReplicasAreIdle) {
  Report report = testing::made_up_report();
  EXPECT_FALSE(says(report, "busy less than 2 %"));
  report.result.replicas.push_back(report.result.replicas[0]);
  report.result.replicas[1].counters.busy = report.result.duration / 100;
  EXPECT_TRUE(says(report, "1 of 2 replicas of pool pool was busy less than 2 % of the time"));
  EXPECT_TRUE(says(report, "fewer replicas may do"));
  report.result.replicas.erase(report.result.replicas.begin());
  EXPECT_TRUE(says(report, "smaller hardware may do"));
  report.result.has_slo = true;
  report.result.counts.within_slo = 0;
  EXPECT_FALSE(says(report, "smaller hardware may do")) << "objectives are missed";
}

TEST(ResultText, SaysThatNoRequestMetTheObjectives) {
  Report report = testing::made_up_report();
  EXPECT_FALSE(says(report, "no request met every objective"));
  report.result.counts.within_slo = 0;
  EXPECT_TRUE(says(report, "no request met every objective"));
}

TEST(ResultText, ShowsTheSpreadBesideTheHeadline) {
  const Report report = crowded_report();
  EXPECT_TRUE(says(report, "in the middle of 3 draws"));
  EXPECT_FALSE(says(testing::made_up_report(), "draws"));
}

TEST(ResultText, HugeErrorsAreFactors) {
  Report report = testing::made_up_report();
  MeasuredFigures run{.format = "vllm-bench",
                      .metrics = {{"latency.ttft_s.p50", 0.25 / 4852, "median_ttft_ms"}}};
  report.measured = compare_with_measured(run, "measured.json", result_figures(report));
  EXPECT_TRUE(says(report, "× 4,8"));
}

TEST(ResultText, CallsCpusByTheirName) {
  Report report = testing::made_up_report();
  report.result.replicas[0].cpu_serves = true;
  EXPECT_TRUE(says(report, "energy, CPUs"));
  EXPECT_FALSE(says(report, "accelerators"));
}

TEST(ResultText, WarnsOfUnusedAccelerators) {
  Report report = testing::made_up_report();
  report.unused_devices = {{"/sites/0/racks/0/servers/0", "gpus", "hgx", "h100", 8, 6}};
  EXPECT_TRUE(
      says(report, "- 6 of the 8 h100 of \"gpus\" (hgx) are used by no pool; they are paid"));
}

TEST(ResultText, WarnsOfAnOverloadedRack) {
  Report report = testing::made_up_report();
  report.result.latency.queue = {};
  for (int i = 0; i < 200; ++i) report.result.latency.queue.add(1'500'000'000);  // of 2 s
  EXPECT_TRUE(result_text(report).starts_with("OVERLOADED, too little hardware for this load: "));
  EXPECT_TRUE(says(report, "- overloaded: "));
  EXPECT_FALSE(says(testing::made_up_report(), "OVERLOADED"));
}

TEST(ResultText, SaysHowManyRequestsOughtToMeetTheObjectives) {
  Report report = testing::made_up_report();
  EXPECT_EQ(shortfall_text(report), "");
  report.result.counts.within_slo = 189;
  EXPECT_EQ(shortfall_text(report), "; 95 % are needed");
  EXPECT_TRUE(says(report, "needed."));
  report.scenario.needs.attainment = 0.9;
  EXPECT_FALSE(says(report, "needed."));
}

TEST(ResultText, ShoutsWhenDataWentWhereTheyMustNot) {
  Report report = testing::made_up_report();
  AuditedPlace place{.name = "api", .cloud = true, .jurisdiction = "US"};
  place.operator_jurisdiction = "US";
  place.requests = 3;
  place.violated = {"RULE"};
  report.residency = ResidencyAudit{.requests = 3, .placements = 3, .violations = 3};
  report.residency->classes.push_back(
      {.workloads = {"chat"}, .data_classes = {"phi"}, .requests = 3, .places = {place}});
  const std::string text = result_text(report);
  EXPECT_NE(text.find("Where data went (planning aid, not legal advice)"), std::string::npos);
  EXPECT_NE(text.find("3 WENT WHERE A RULE FORBIDS IT"), std::string::npos) << text;
  EXPECT_NE(text.find("cloud api (US): 3 requests; FORBIDDEN by RULE"), std::string::npos) << text;
}

}  // namespace
}  // namespace microdc
