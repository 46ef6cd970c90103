// A scenario: the typed tree that a user's JSON file fills. Each leaf is described once
// (describe functions in scenario_fields.cpp) for parser, checks, schema, help, --set and the GUI.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/base/json_io.hpp"
#include "sim/scenario/decision.hpp"
#include "sim/scenario/organisation.hpp"

namespace microdc {

inline constexpr std::int64_t scenario_schema_version = 1;

// ---- what arrives -------------------------------------------------------------------------------

/// How many tokens a prompt or an answer has.
struct LengthSpec {
  enum class Kind { fixed, uniform, lognormal, table };
  Kind kind = Kind::fixed;
  double mean = 512;  ///< fixed: the length; uniform, lognormal: the mean [tokens]
  double spread =
      0;  ///< uniform: half width as a fraction of the mean; lognormal: sigma of the log
  std::string table;       ///< quantile table in sim/workload/catalog/lengths.json
  double table_scale = 1;  ///< table: lengths of the data times this
  std::int64_t min = 1;    ///< [tokens]
  std::int64_t max = 131072;
};

/// One stream of requests. Several streams are merged by arrival time.
struct WorkloadSpec {
  std::string name = "requests";
  std::string kind =
      "poisson";     ///< registry: trace, poisson, gamma, office_day, closed_loop, burst, constant
  std::string pool;  ///< pool or cloud that serves it; empty: the only one (besides decode pools)
  std::vector<std::string> data_classes;  ///< in its prompts: "personal_health_information"
  std::optional<RetrievalSpec> retrieval;
  std::string trace_file;         ///< kind trace: path, relative to the scenario file
  std::string trace_format;       ///< empty: recognised from the content
  double time_scale = 1;          ///< kind trace: >1 stretches time (less load)
  std::optional<PerSecond> rate;  ///< poisson, gamma, constant: mean arrival rate
  double burstiness = 1;          ///< gamma: coefficient of variation of the gaps between arrivals
  std::optional<Seconds> duration;                ///< generators: observation window
  std::optional<std::int64_t> requests;           ///< limit on the number of requests
  std::int64_t concurrency = 1;                   ///< closed_loop: requests in flight
  std::int64_t users = 0;                         ///< office_day: employees
  double active_share = 0.5;                      ///< office_day: share of users active on a day
  double prompts_per_active_user = 10.3;          ///< office_day: mean per day
  std::string day_profile = "sharp_single_site";  ///< office_day: hour weights
  double minute_rate_cv = 0.13;                   ///< office_day: modulation of the rate by minute
  double turns_mean = 1;    ///< sessions: mean number of turns; 1: no sessions
  Seconds think_time{125};  ///< sessions: median gap between answer and next prompt
  LengthSpec input;
  LengthSpec output;
  std::int64_t shared_prefix_tokens = 0;  ///< tokens that all prompts of the stream share
  std::int64_t priority = 0;              ///< for the priority scheduler: lower goes first
  std::optional<Seconds> client_timeout;  ///< the client gives up waiting for the whole answer
};

// ---- what stands where --------------------------------------------------------------------------

struct ServerGroupSpec {
  std::string name;
  std::string type;  ///< server in hwprofiles/catalog/servers
  std::int64_t count = 1;
  std::int64_t owned = 0;  ///< of these, bought before: they cost no purchase
};

struct RackSpec {
  std::string name;
  std::string switch_link = "ethernet-100g";  ///< link of each server to the rack's switch
  std::vector<ServerGroupSpec> servers;
  bool owned = false;  ///< it stands already, with power distribution and switch
};

struct SiteSpec {
  std::string name;
  std::vector<RackSpec> racks;
  std::string jurisdiction;  ///< where it stands; empty: the organisation's
  std::string
      operator_jurisdiction;  ///< whose courts reach its operator; empty: the organisation's
  RoomSpec room;
  double pue = 1.54;  ///< facility energy / IT energy
  std::optional<MoneyPerJoule> electricity_price;
  std::optional<double> carbon_intensity;  ///< [g CO2e / J]
  /// From which replications draw; empty: the figure is certain.
  std::optional<Range> pue_range, electricity_price_range, carbon_intensity_range;
  std::string backbone_link = "ethernet-100g";  ///< between racks
  std::string wan_link = "wan-1g";              ///< to other sites and users elsewhere
};

// ---- what serves --------------------------------------------------------------------------------

struct SpeculativeSpec {
  std::int64_t draft_tokens = 3;  ///< proposed per step
  double acceptance = 0.7;        ///< probability that a proposed token is accepted, each in turn
  double draft_cost = 0.05;       ///< cost of one draft token relative to a step of the target
};

/// Replicas of one model on one group of servers, or on all groups if they are of one server type.
struct PoolSpec {
  enum class Role { mixed, prefill, decode };
  std::string name;
  std::string model;
  std::string weights;          ///< number format; empty: the model's native one
  std::string kv_cache;         ///< number format; empty: the engine's default for these weights
  std::string engine = "vllm";  ///< serving engine in sim/serving/catalog/engines
  std::string servers;          ///< server group; empty: all of them
  std::int64_t replicas = 1;
  std::int64_t tp = 1, pp = 1, dp = 1, ep = 1;
  Role role = Role::mixed;
  std::string decode_pool;                   ///< role prefill: where its KV caches go
  std::optional<std::int64_t> max_num_seqs;  ///< engine's default if empty
  std::optional<std::int64_t> max_num_batched_tokens;
  std::optional<std::int64_t> max_model_len;    ///< longest prompt and answer [tokens]
  std::optional<double> memory_utilization;     ///< share of GPU memory the engine may use
  std::optional<std::int64_t> kv_cache_tokens;  ///< overrides the capacity by memory
  std::int64_t block_tokens = 16;
  bool prefix_caching = true;
  /// A step takes all that arrived at its moment; false: a server begins with the first of them.
  bool gathers_arrivals = false;
  std::string scheduler = "fcfs";  ///< registry
  std::optional<SpeculativeSpec> speculative;
};

struct GatewaySpec {
  std::string router = "least_loaded";  ///< registry: round_robin, least_loaded, prefix_affinity
  Seconds latency{0.0002};              ///< added to each request on its way in
  std::optional<ComplexitySpec> complexity;
  std::optional<SpillSpec> spill;
};

struct FailureSpec {
  std::optional<Seconds> server_mtbf;  ///< mean time between failures of one server; empty: none
  Seconds repair_time{4 * 3600};
};

struct SloSpec {
  std::optional<Seconds> ttft, tpot, e2e;
};

struct EconomicsSpec {
  std::string currency = "USD";
  std::string purchase_date;  ///< "2026-11-27", the day of the order; empty: organisation.date
  double depreciation_years = 5;
  std::optional<Money> capex;          ///< overrides the sum of catalog prices
  double exchange_rate = 1;            ///< scenario currency per USD, for catalog prices
  double server_price_factor = 1;      ///< on catalog prices of servers and what is in them
  double working_days_per_year = 250;  ///< office_day scenarios: days like this one
  double years = 5;                    ///< over which a purchase is judged
  double discount_rate = 0.06;         ///< nominal, per year
  double residual_share = 0.1;         ///< of the purchase price, left after `years`
  std::optional<Money>
      facility_capex;    ///< rack, power distribution, UPS, network, installation; empty: catalog
  double sales_tax = 0;  ///< on the purchase, if it cannot be reclaimed
  FinancingSpec financing;
  OperationSpec operation;
  std::vector<QuoteSpec> quotes;
  /// From which replications draw; empty: the figure is certain.
  std::optional<Range> capex_range, exchange_rate_range;
};

struct Scenario {
  std::int64_t schema_version = scenario_schema_version;
  std::string name;
  std::string description;
  std::int64_t seed = 1;
  std::vector<WorkloadSpec> workloads;
  std::vector<SiteSpec> sites;
  std::vector<PoolSpec> pools;
  GatewaySpec gateway;
  FailureSpec failures;
  SloSpec slo;
  EconomicsSpec economics;
  OrganisationSpec organisation;
  std::vector<CloudSpec> clouds;
  std::vector<KnowledgeBaseSpec> knowledge_bases;
  NeedsSpec needs;
  ChoicesSpec choices;
  ForecastSpec forecast;
  std::optional<Seconds> horizon;  ///< stop here; empty: when the last request is done
};

void describe(FieldVisitor& visitor, LengthSpec& spec);
void describe(FieldVisitor& visitor, WorkloadSpec& spec);
void describe(FieldVisitor& visitor, ServerGroupSpec& spec);
void describe(FieldVisitor& visitor, RackSpec& spec);
void describe(FieldVisitor& visitor, SiteSpec& spec);
void describe(FieldVisitor& visitor, SpeculativeSpec& spec);
void describe(FieldVisitor& visitor, PoolSpec& spec);
void describe(FieldVisitor& visitor, GatewaySpec& spec);
void describe(FieldVisitor& visitor, FailureSpec& spec);
void describe(FieldVisitor& visitor, SloSpec& spec);
void describe(FieldVisitor& visitor, EconomicsSpec& spec);
void describe(FieldVisitor& visitor, Scenario& scenario);

/// A `--set path=value` of the command line: "pools/0/replicas=4" or "pools.chat.replicas=4" (list
/// items by index or by their name).
struct Override {
  std::string path;
  std::string value;
};

/// Reads a scenario file, applies overrides, checks every field and every rule across fields
/// (see checks.hpp). `folder` of relative paths is that of the file.
Result<Scenario> load_scenario(const std::filesystem::path& file,
                               const std::vector<Override>& overrides = {});
Result<Scenario> parse_scenario(const Json& document, const std::string& file);

}  // namespace microdc
