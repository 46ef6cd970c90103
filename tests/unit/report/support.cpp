#include "support.hpp"

#include <unistd.h>

#include <fstream>
#include <iterator>

namespace microdc::testing {
namespace {

constexpr std::int64_t second = 1'000'000'000;

SimulationResult made_up_result() {
  SimulationResult result;
  result.duration = 100 * second;
  result.has_slo = true;
  result.counts = {.offered = 200, .completed = 200, .within_slo = 190};
  result.counts.input_tokens = 100'000;
  result.counts.output_tokens = 20'000;
  for (int i = 0; i < 200; ++i) {
    result.latency.ttft.add(second / 4);
    result.latency.tpot.add(second / 50);
    result.latency.itl.add(second / 50);
    result.latency.e2e.add(2 * second);
    result.latency.intake.add(second / 20);
    result.latency.queue.add(0);
    result.latency.prefill.add(second / 5);
  }
  result.streams.push_back({"chat", result.counts, {}, result.latency});
  ReplicaResult& replica = result.replicas.emplace_back();
  replica.pool = "pool";
  replica.model = "model";
  replica.servers = {"server-1"};
  replica.accelerators = 1;
  replica.device = "gpu";
  replica.counters.busy = 50 * second;
  replica.counters.steps = 1000;
  replica.counters.peak_blocks = 10;
  replica.counters.prefill_tokens = 75'000;
  replica.counters.cached_tokens = 25'000;
  replica.kv_blocks = 40;
  replica.kv_capacity_tokens = 640;
  replica.mean_batch = 4;
  result.energy.accelerators = Joules(40'000);
  result.energy.it = Joules(0.02 * joules_per_kwh);
  result.energy.facility = Joules(0.03 * joules_per_kwh);
  result.energy.it_peak = Watts(900);
  result.energy.it_idle = Watts(300);
  result.energy.carbon_grams = 12;
  result.sites.push_back({"site", result.energy.facility});
  result.caveats = {"one caveat"};
  result.engine = {.steps = 1000, .macro_steps = 100, .events = 700, .cpu_seconds = 0.5};
  return result;
}

}  // namespace

namespace {

/// One server and a rack for 12,000 EUR, running costs of 5,000 EUR a year.
Economics made_up_economics() {
  Economics economics;
  Part server{.item = "server", .label = "a server", .group = "gpus", .quantity = 1};
  server.unit_price = server.price = Cents(1'000'000);
  server.kind = Provenance::market;
  server.source = "a shop";
  Part ups{.item = "ups", .label = "UPS", .quantity = 2.5, .unit = "kW"};
  ups.unit_price = Cents(80'000);
  ups.price = Cents(200'000);
  ups.from = Part::From::quote;
  ups.source = "a vendor";
  PartsList& parts = economics.parts;
  parts.parts = {server, ups};
  parts.servers = server.price;
  parts.facility = ups.price;
  parts.total = parts.servers + parts.facility;
  economics.inputs.terms = {.equipment = 12'000, .discount_rate = 0.06, .residual_share = 0.1};
  economics.inputs.use = {.energy = 1000, .staff = 4000, .requests = 1e6, .output_tokens = 1e8};
  economics.inputs.employees = 100;
  economics.inputs.basis = {{CostKind::staff, "0.1 full-time equivalents", "the scenario"}};
  economics.inputs.not_counted = {"floor space", "carbon"};
  economics.ownership = ownership(economics.inputs.terms, {&economics.inputs.use, 1});
  economics.per_employee_month = Money(economics.ownership->totals.per_year / 1200);
  Baseline cloud{.kind = Baseline::Kind::cloud_api, .name = "mini", .label = "cloud API, mini"};
  cloud.per_year = Money(900);
  cloud.per_1000_requests = Money(0.9);
  cloud.jurisdiction = "US";
  cloud.operator_jurisdiction = "US";
  Baseline nothing{.name = "nothing", .label = "do nothing", .requests_undone = 1e6};
  economics.baselines.baselines = {cloud, nothing};
  return economics;
}

}  // namespace

Report made_up_report() {
  Report report;
  report.scenario.name = "made-up";
  report.scenario.seed = 7;
  report.scenario.workloads.push_back({.name = "chat", .kind = "poisson"});
  report.scenario.sites.push_back({.name = "site"});
  report.scenario.sites[0].carbon_intensity = 1e-4;
  report.scenario.sites[0].electricity_price = MoneyPerJoule(0.25 / joules_per_kwh);
  report.scenario.slo = {.ttft = Seconds(1), .e2e = Seconds(10)};
  report.scenario.pools.push_back({.name = "pool", .model = "model"});
  report.result = made_up_result();
  report.cost.currency = "EUR";
  report.cost.capex = Money(10'000);
  report.cost.depreciation_years = 5;
  report.cost.simulated = {.time = Seconds(100),
                           .amortisation = Money(0.5),
                           .energy = Money(0.25),
                           .clouds = Money(0),
                           .total = Money(0.75),
                           .requests = 200,
                           .output_tokens = 20'000,
                           .per_1000_requests = Money(3.75),
                           .per_million_output_tokens = Money(37.5)};
  report.cost.year = {.time = Seconds(seconds_per_year),
                      .amortisation = Money(2000),
                      .energy = Money(1000),
                      .clouds = Money(0),
                      .total = Money(3000),
                      .requests = 1e6,
                      .output_tokens = 1e8,
                      .per_1000_requests = Money(3),
                      .per_million_output_tokens = Money(30)};
  report.cost.year_basis = "all year as in the simulated time";
  report.cost.sites = {{"site", Money(0.25)}};
  report.economics = made_up_economics();
  report.scenario.economics.currency = "EUR";
  report.inputs_sha256 = "abc";
  return report;
}

BusyHour made_up_hour() {
  BusyHour hour{.begin = 10 * 3600 * second, .end = 11 * 3600 * second, .requests = 72};
  for (int i = 0; i < 72; ++i) hour.ttft.add(second / 2);
  hour.it_energy = Joules(500.0 * 3600);
  return hour;
}

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "microdc-report-XXXXXX").string();
  path_ = ::mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() { std::filesystem::remove_all(path_); }

std::string content_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace microdc::testing
