#include "sim/report/json.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "support.hpp"
#include "tests/support/json_schema.hpp"

namespace microdc {
namespace {

using testing::made_up_report;

std::vector<std::string> keys_of(const OrderedJson& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

using Keys = std::vector<std::string>;

TEST(ResultJson, HasTheKeysOfTheContract) {
  const OrderedJson json = result_json(made_up_report());
  EXPECT_EQ(keys_of(json),
            (Keys{"schema_version", "scenario",   "seed",     "inputs_sha256", "interrupted",
                  "objectives",     "duration_s", "requests", "latency",       "throughput",
                  "energy",         "power",      "cost",     "utilisation",   "busiest_hour",
                  "residency",      "routing",    "clouds",   "streams",       "replicas",
                  "caveats",        "missing",    "engine"}));
  const Keys statistics{"mean", "p50", "p90", "p95", "p99"};
  EXPECT_EQ(keys_of(json["latency"]),
            (Keys{"ttft_s", "tpot_s", "itl_s", "e2e_s", "queue_s", "intake_s", "prefill_s"}));
  for (const auto& [name, latency] : json["latency"].items())
    EXPECT_EQ(keys_of(latency), statistics);
  for (const char* key : {"offered", "completed", "rejected", "cloud", "local",
                          "residency_violations", "timed_out", "unfinished", "retried"}) {
    EXPECT_TRUE(json["requests"].contains(key)) << key;
  }
  EXPECT_EQ(keys_of(json["throughput"]),
            (Keys{"requests_per_s", "output_tokens_per_s", "goodput_requests_per_s"}));
  EXPECT_EQ(keys_of(json["energy"]), (Keys{"accelerator_kwh", "it_kwh", "facility_kwh",
                                           "accelerator_j_per_output_token", "carbon_kg"}));
  EXPECT_EQ(keys_of(json["power"]), (Keys{"mean_w", "peak_w", "idle_w"}));
  EXPECT_EQ(keys_of(json["engine"]), (Keys{"steps", "macro_steps", "events", "cpu_s",
                                           "requests_per_cpu_s", "peak_rss_bytes"}));
}

TEST(ResultJson, IsOfThePublishedSchemaWithAndWithoutEverything) {
  using testing::JsonSchema;
  JsonSchema schema = JsonSchema::published("simulate");
  EXPECT_EQ(schema.violations(result_json(Report{})), "");
  Report report = made_up_report();
  report.result.busiest_hour = testing::made_up_hour();
  report.result.clouds = {{.name = "cloud"}};
  report.result.knowledge_bases = {{.name = "guidelines"}};
  report.residency = ResidencyAudit{.classes = {{.places = {{.name = "pool"}}}}};
  report.routing = RoutingOutcome{.small = "pool", .large = "cloud"};
  report.bands = Bands{.samples = 2, .figures = {{"latency.ttft_s.p50", {1, 2, 3}}}};
  report.measured = MeasuredComparison{};
  report.measured->metrics = {{.measured = {.path = "latency.ttft_s.p50", .value = 1}}};
  const OrderedJson whole = result_json(report);
  ASSERT_EQ(schema.violations(whole), "");
  for (const char* place : {"/cost/ownership/per_year", "/replicas/0/steps", "/engine/events",
                            "/residency/classes/0/places/0/lawful", "/streams/0/latency/e2e_s/p99",
                            "/cost/baselines/1/requests_undone", "/measured/0/metric"}) {
    const OrderedJson::json_pointer pointer(place);
    OrderedJson changed = whole;
    changed[pointer] = "text";
    if (whole[pointer].is_string()) changed[pointer] = 1;
    EXPECT_NE(schema.violations(changed), "") << place;
    changed = whole;
    changed[pointer.parent_pointer()].erase(pointer.back());
    EXPECT_NE(schema.violations(changed), "") << place;
    changed = whole;
    changed[pointer.parent_pointer()]["surplus"] = nullptr;
    EXPECT_NE(schema.violations(changed), "") << place;
  }
}

TEST(ResultJson, CarriesTheFigures) {
  const OrderedJson json = result_json(made_up_report());
  EXPECT_EQ(json["scenario"], "made-up");
  EXPECT_EQ(json["seed"], 7);
  EXPECT_EQ(json["requests"]["local"], 200);
  EXPECT_EQ(json["requests"]["cloud"], 0);
  EXPECT_TRUE(json["requests"]["residency_violations"].is_null());
  EXPECT_NEAR(json["latency"]["ttft_s"]["p50"], 0.25, 0.002);
  EXPECT_DOUBLE_EQ(json["throughput"]["requests_per_s"], 2);
  EXPECT_DOUBLE_EQ(json["throughput"]["output_tokens_per_s"], 200);
  EXPECT_DOUBLE_EQ(json["throughput"]["goodput_requests_per_s"], 1.9);
  EXPECT_DOUBLE_EQ(json["energy"]["accelerator_j_per_output_token"], 2);
  EXPECT_DOUBLE_EQ(json["power"]["mean_w"], 720);  // 0.02 kWh in 100 s
  EXPECT_DOUBLE_EQ(json["cost"]["per_1000_requests"], 3.75);
  EXPECT_DOUBLE_EQ(json["cost"]["per_year"]["total"], 3000);
  EXPECT_DOUBLE_EQ(json["utilisation"]["busy_share"], 0.5);
  EXPECT_DOUBLE_EQ(json["utilisation"]["cached_prompt_share"], 0.25);
  EXPECT_DOUBLE_EQ(json["replicas"][0]["kv_peak_share"], 0.25);
  EXPECT_DOUBLE_EQ(json["engine"]["requests_per_cpu_s"], 400);
}

TEST(ResultJson, SaysWhatGoodputAndAmortisationRestOn) {
  const OrderedJson json = result_json(made_up_report());
  EXPECT_EQ(json["objectives"]["ttft_s"], 1.0);
  EXPECT_TRUE(json["objectives"]["tpot_s"].is_null());
  EXPECT_EQ(json["objectives"]["e2e_s"], 10.0);
  EXPECT_EQ(json["cost"]["depreciation_years"], 5.0);
  EXPECT_EQ(json["cost"]["capex_from"], "catalog");
}

TEST(ResultJson, CarriesPartsOwnershipAndBaselines) {
  Report report = made_up_report();
  OrderedJson cost = result_json(report)["cost"];
  EXPECT_EQ(cost["parts_total"]["total"], 12'000.0);
  EXPECT_EQ(cost["parts"][0]["server_group"], "gpus");
  EXPECT_TRUE(cost["parts"][1]["server_group"].is_null());
  EXPECT_EQ(cost["parts"][1]["price_from"], "quote");
  EXPECT_EQ(cost["parts"][1]["unit"], "kW");
  const OrderedJson& ownership = cost["ownership"];
  EXPECT_EQ(ownership["total"], 12'000.0 + 5 * 5000 - 1200);
  EXPECT_EQ(ownership["cash_flow"].size(), 6U);
  EXPECT_EQ(ownership["cash_flow"][5]["residual"], -1200.0);
  EXPECT_DOUBLE_EQ(ownership["per_1000_requests"], ownership["per_year"].get<double>() / 1000);
  EXPECT_DOUBLE_EQ(ownership["per_employee_month"], ownership["per_year"].get<double>() / 1200);
  EXPECT_EQ(cost["baselines"][0]["kind"], "cloud_api");
  EXPECT_TRUE(cost["baselines"][0]["lawful"].is_null());
  EXPECT_EQ(cost["baselines"][1]["requests_undone"], 1e6);
  report.economics.ownership.reset();
  report.economics.parts.missing = {"price of a part"};
  cost = result_json(report)["cost"];
  EXPECT_TRUE(cost["ownership"].is_null());
  EXPECT_TRUE(cost["parts_total"]["total"].is_null());
}

TEST(ResultJson, BusiestHour) {
  Report report = made_up_report();
  EXPECT_TRUE(result_json(report)["busiest_hour"].is_null());
  report.result.busiest_hour = testing::made_up_hour();
  const OrderedJson hour = result_json(report)["busiest_hour"];
  EXPECT_EQ(hour["begin_s"], 36000.0);
  EXPECT_EQ(hour["end_s"], 39600.0);
  EXPECT_EQ(hour["requests"], 72);
  EXPECT_DOUBLE_EQ(hour["requests_per_s"], 0.02);
  EXPECT_NEAR(hour["ttft_s"]["p95"], 0.5, 0.002);
  EXPECT_DOUBLE_EQ(hour["mean_w"], 500);
  report.result.busiest_hour->it_energy.reset();
  report.result.busiest_hour->ttft = {};
  EXPECT_TRUE(result_json(report)["busiest_hour"]["mean_w"].is_null());
  EXPECT_TRUE(result_json(report)["busiest_hour"]["ttft_s"]["p95"].is_null());
}

TEST(ResultJson, NullForWhatIsNotKnown) {
  Report report = made_up_report();
  report.result.has_slo = false;
  report.result.energy = {};
  report.result.energy.missing = {"server: fan_power"};
  report.cost.simulated = {};
  report.result.latency = {};
  for (int i = 0; i < 50; ++i) report.result.latency.ttft.add(1000);
  const OrderedJson json = result_json(report);
  EXPECT_TRUE(json["throughput"]["goodput_requests_per_s"].is_null());
  EXPECT_TRUE(json["requests"]["within_slo"].is_null());
  for (const auto& [key, value] : json["energy"].items()) EXPECT_TRUE(value.is_null()) << key;
  for (const auto& [key, value] : json["power"].items()) EXPECT_TRUE(value.is_null()) << key;
  EXPECT_TRUE(json["cost"]["total"].is_null());
  EXPECT_TRUE(json["latency"]["ttft_s"]["p50"].is_number());
  EXPECT_TRUE(json["latency"]["ttft_s"]["p99"].is_null());  // 50 samples support no p99
  EXPECT_TRUE(json["latency"]["e2e_s"]["mean"].is_null());
  EXPECT_EQ(json["missing"][0], "server: fan_power");
}

TEST(ResultJson, EqualButForTheEngine) {
  Report report = made_up_report();
  OrderedJson first = result_json(report);
  report.result.engine.cpu_seconds = 99;
  report.result.engine.peak_rss_bytes = 1;
  OrderedJson second = result_json(report);
  EXPECT_NE(first.dump(), second.dump());
  first.erase("engine");
  second.erase("engine");
  EXPECT_EQ(first.dump(), second.dump());
}

TEST(ResultJson, BandsMirrorEveryScalar) {
  Report report = made_up_report();
  report.bands = Bands{.samples = 3};
  for (const auto& [path, value] : result_figures(report)) {
    report.bands->figures[path] = {value * 0.9, value, value * 1.1};
  }
  report.bands->figures.erase("latency.ttft_s.p99");
  const OrderedJson json = result_json(report);
  const OrderedJson& bands = json["bands"];
  EXPECT_EQ(json["samples"], 3);
  for (const char* part : {"requests", "latency", "throughput", "energy", "power", "cost",
                           "utilisation", "streams", "replicas"}) {
    ASSERT_TRUE(bands.contains(part)) << part;
    EXPECT_EQ(bands[part].size(), json[part].size()) << part;
  }
  EXPECT_DOUBLE_EQ(bands["throughput"]["requests_per_s"]["p50"], 2);
  EXPECT_DOUBLE_EQ(bands["replicas"][0]["busy_share"]["p10"], 0.45);
  EXPECT_EQ(bands["replicas"][0]["pool"], "pool");
  EXPECT_TRUE(bands["latency"]["ttft_s"]["p99"].is_null());
  EXPECT_FALSE(bands.contains("engine"));
}

TEST(ResultJson, InterruptedRunsSaySo) {
  Report report = made_up_report();
  report.result.interrupted = true;
  const OrderedJson json = result_json(report);
  EXPECT_EQ(json["interrupted"], true);
  EXPECT_NE(json["caveats"][0].get<std::string>().find("interrupted"), std::string::npos);
}

TEST(ResultJson, SaysWhereDataWentAndWhatRoutingKept) {
  Report report = made_up_report();
  EXPECT_TRUE(result_json(report)["requests"]["residency_violations"].is_null());
  EXPECT_TRUE(result_json(report)["residency"].is_null());
  AuditedPlace place{.name = "api", .cloud = true, .jurisdiction = "US"};
  place.requests = 3;
  place.violated = {"RULE"};
  report.residency = ResidencyAudit{.requests = 3, .placements = 3, .violations = 3};
  report.residency->classes.push_back({.data_classes = {"phi"}, .requests = 3, .places = {place}});
  report.residency->no_cloud_share = 1;
  report.routing = RoutingOutcome{.small = "a", .large = "b", .requests = 10, .to_large = 3};
  report.result.counts.cloud = 3;
  const OrderedJson json = result_json(report);
  EXPECT_EQ(json["requests"]["residency_violations"], 3);
  EXPECT_EQ(json["requests"]["cloud"], 3);
  EXPECT_EQ(json["requests"]["local"], 197);
  EXPECT_EQ(json["residency"]["classes"][0]["places"][0]["violated"][0], "RULE");
  EXPECT_EQ(json["residency"]["note"], "planning aid, not legal advice");
  EXPECT_EQ(json["routing"]["to_large"], 3);
  EXPECT_TRUE(json["routing"]["quality_retained"].is_null());
}

}  // namespace
}  // namespace microdc
