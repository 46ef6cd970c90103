#include "sim/planning/plan/bounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "sim/planning/plan/evaluation.hpp"
#include "sim/platform/power.hpp"
#include "sim/policy/residency.hpp"
#include "sim/report/number_text.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/serving/deployment.hpp"

namespace microdc {
namespace {

constexpr std::int64_t large_chunk = 8192;  // tokens

double seconds(Ticks ticks) { return static_cast<double>(ticks) / ticks_per_second; }

/// Prefixes may be cached: what a stream shares, and the first of the documents before a prompt,
/// are not computed again. Empty: a whole conversation may be cached, unless other documents stand
/// before each of its prompts.
std::optional<std::int64_t> most_cached(const Scenario& scenario) {
  std::int64_t most = 0;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const KnowledgeBaseSpec* base = knowledge_base_of(scenario, workload);
    const bool always = base != nullptr && workload.retrieval->share >= 1;
    if (workload.turns_mean > 1 && !always) return std::nullopt;
    most =
        std::max(most, workload.shared_prefix_tokens + (base != nullptr ? base->chunk_tokens : 0));
  }
  return most;
}

const ServerType& type_of(const Catalogs& catalogs, const Candidate& candidate) {
  return *catalogs.hardware.server(candidate.server);
}

}  // namespace

std::string_view text_of(Need need) {
  static constexpr std::array<std::string_view, need_count> names{"price",
                                                                  "memory",
                                                                  "data residency",
                                                                  "quality",
                                                                  "purchase price",
                                                                  "rack units",
                                                                  "power",
                                                                  "availability",
                                                                  "time to first token",
                                                                  "time per token",
                                                                  "throughput of the busiest hour",
                                                                  "time of an answer",
                                                                  "cost per year"};
  return names[static_cast<std::size_t>(need)];
}

std::string ruled_out_text(Need need) {
  if (need == Need::price_known) return "a price that is not known";
  if (need == Need::budget) return "a purchase price above needs.budget";
  return std::string(text_of(need));
}

std::string rack_units_text(std::int64_t units) {
  return units == 1 ? "1 rack unit" : fmt::format("{} rack units", units);
}

std::string value_text(Need need, double value, const std::string& currency) {
  switch (need) {
    case Need::budget: return money_text(value, currency);
    case Need::budget_per_year: return money_text(value, currency) + " a year";
    case Need::power: return power_text(value);
    case Need::rack_units: return rack_units_text(std::llround(value));
    case Need::ttft:
    case Need::tpot:
    case Need::e2e: return duration_text(value);
    case Need::quality: return fmt::format("{:.1f} points", value);
    case Need::availability: return availability_share_text(value);
    case Need::throughput: return fmt::format("{:.0f} % busy", 100 * value);
    case Need::price_known:
    case Need::residency:
    case Need::memory: break;
  }
  return rounded_text(value);
}

double Miss::excess() const {
  if (!text.empty()) return std::numeric_limits<double>::infinity();
  if (need == Need::availability) {  // in hours without service
    return std::max(0.0, (1 - value) / std::max(1 - limit, 1e-12) - 1);
  }
  if (limit == 0) return value == 0 ? 0 : std::numeric_limits<double>::infinity();
  return std::max(0.0, at_most ? value / limit - 1 : limit / std::max(value, 1e-12) - 1);
}

Bounds::Bounds(const Demand& demand, const Catalogs& catalogs, const PlanKnowledge& knowledge)
    : demand_(demand), catalogs_(catalogs), knowledge_(knowledge) {}

Result<PlanKnowledge> load_plan_knowledge(const std::filesystem::path& root) {
  auto quality = QualityCatalog::load(root / "models/quality/mmlu.json");
  auto failures = load_failure_figures(root / "sim/planning/catalog/failures.json");
  Diagnostics findings = quality.diagnostics();
  findings.append(failures.diagnostics());
  if (!quality || !failures) return findings;
  return PlanKnowledge{std::move(*quality), std::move(*failures)};
}

std::optional<double> Bounds::quality_of(const Candidate& candidate) const {
  std::optional<double> worst;
  for (const PoolChoice& pool : candidate.pools) {
    const ModelCard* card = catalogs_.models.find(pool.model);
    if (card == nullptr) return std::nullopt;
    const auto format = parse_number_format(pool.weights);
    const auto score = knowledge_.quality.score(card->name, format ? *format : card->native_format,
                                                card->native_format);
    if (!score) return std::nullopt;
    worst = std::min(worst.value_or(*score), *score);
  }
  return worst;
}

double Bounds::availability_of(const Candidate& candidate) const {
  const double up = server_availability(type_of(catalogs_, candidate), demand_.scenario.failures,
                                        knowledge_.failures);
  return availability_of_servers(up, candidate.servers_needed(),
                                 candidate.all_servers() - candidate.servers_needed());
}

std::int64_t Bounds::rack_units_of(const Candidate& candidate) const {
  return candidate.all_servers() * type_of(catalogs_, candidate).rack_units;
}

void Bounds::check_limits(const Candidate& candidate, std::vector<Miss>& misses) const {
  const NeedsSpec& needs = demand_.scenario.needs;
  const ServerType& type = type_of(catalogs_, candidate);
  const auto at_most = [&](Need need, double value, double limit) {
    if (value > limit) misses.push_back({need, value, limit, true, ""});
  };
  const auto outlay = least_outlay(scenario_of(demand_.scenario, candidate), catalogs_.hardware,
                                   *economics_catalog(), demand_.clouds);
  if (!outlay) misses.push_back({.need = Need::price_known, .text = "its price is not known"});
  if (needs.budget && outlay) at_most(Need::budget, outlay->purchase, needs.budget->value());
  if (needs.budget_per_year && outlay) {
    at_most(Need::budget_per_year, outlay->per_year, needs.budget_per_year->value());
  }
  const auto units = static_cast<double>(rack_units_of(candidate));
  if (needs.rack_units) at_most(Need::rack_units, units, static_cast<double>(*needs.rack_units));
  const ServerPowerModel power =
      make_server_power(type, catalogs_.hardware, type.accelerator.empty());
  const Accelerator* accelerator = catalogs_.hardware.accelerator(type.accelerator);
  const double idle_devices =
      accelerator != nullptr && accelerator->idle_power
          ? accelerator->idle_power->value * static_cast<double>(type.accelerators)
          : 0;
  const double idle = power.missing.empty() ? power.it_power(Watts(idle_devices), 0).value() : 0;
  const auto bought = static_cast<double>(candidate.all_servers());
  if (needs.power) at_most(Need::power, idle * bought, needs.power->value());
  check_rooms(candidate, idle, misses);
  if (needs.quality) {
    const auto quality = quality_of(candidate);
    if (!quality) {
      misses.push_back({.need = Need::quality, .text = "nobody measured the quality of its model"});
    } else if (*quality < *needs.quality) {
      misses.push_back({Need::quality, *quality, *needs.quality, false, ""});
    }
  }
  if (needs.availability) {
    const double available = availability_of(candidate);
    if (available < *needs.availability) {
      misses.push_back({Need::availability, available, *needs.availability, false, ""});
    }
  }
}

void Bounds::check_rooms(const Candidate& candidate, double idle_power,
                         std::vector<Miss>& misses) const {
  const auto at_most = [&](Need need, double value, double limit) {
    if (value > limit) misses.push_back({need, value, limit, true, ""});
  };
  const double per_site = static_cast<double>(candidate.servers + candidate.spare);
  const auto height = static_cast<double>(type_of(catalogs_, candidate).rack_units);
  for (const std::size_t index : candidate.sites) {
    const RoomSpec& room = demand_.scenario.sites[index].room;
    if (room.power) at_most(Need::power, idle_power * per_site, room.power->value());
    if (room.cooling) at_most(Need::power, idle_power * per_site, room.cooling->value());
    if (room.rack_units) {
      at_most(Need::rack_units, per_site * height, static_cast<double>(*room.rack_units));
    }
  }
}

/// Every pool stands at all sites of the candidate, and a request may be answered at any of them.
void Bounds::check_law(const Candidate& candidate, std::vector<Miss>& misses) {
  auto known = forbidden_.find(candidate.sites);
  if (known == forbidden_.end()) {
    std::string why;
    if (policy_catalog()) {
      const auto residency =
          residency_of(scenario_of(demand_.scenario, candidate), *policy_catalog());
      for (const Diagnostic& finding : residency.diagnostics().items()) {
        if (why.empty() && finding.severity == Severity::error) why = finding.message;
      }
    }
    known = forbidden_.emplace(candidate.sites, why).first;
  }
  if (!known->second.empty()) misses.push_back({.need = Need::residency, .text = known->second});
}

Bounds::Speed Bounds::measure(const Candidate& candidate, std::size_t index) const {
  Candidate alone = candidate;
  for (PoolChoice& pool : alone.pools) pool.replicas = 1;
  alone.sites = {candidate.sites.front()};
  alone.spare = 0;
  Scenario scenario = scenario_of(demand_.scenario, alone);
  scenario.pools = {scenario.pools[index]};
  const Diagnostics layout =
      check_layout(*catalogs_.models.find(alone.pools[index].model), layout_of(scenario.pools[0]));
  if (layout.has_errors()) return {.failure = layout.items().front().message};
  std::vector<PlacedServer> servers;
  for (std::int64_t i = 0; i < alone.servers; ++i) {
    servers.push_back({.name = fmt::format("server-{}", i),
                       .group = "servers",
                       .type = catalogs_.hardware.server(candidate.server)});
  }
  const auto deployed = deploy(scenario, catalogs_, servers, std::nullopt);
  if (!deployed) return {.failure = deployed.diagnostics().items().front().message};
  const DeployedPool& pool = deployed->front();
  const PoolDemand& demand = demand_.pools[index];
  Speed speed;
  const double context = std::max(1.0, demand.prompt_quantile(0.5));
  const auto prompt = static_cast<std::int64_t>(std::max(
      1.0, demand.prompt_quantile(demand.least_attainment(demand_.scenario.needs.attainment))));
  if (prompt > pool.limits.kv_blocks * pool.limits.block_tokens) {
    return {.failure = "the KV cache does not hold one long prompt"};
  }
  const auto kv = static_cast<std::int64_t>(context);
  speed.tpot = seconds(pool.cost->decode_segment(1, kv).duration);
  const auto prefill = [&](std::int64_t tokens) {
    const PrefillChunk chunk{tokens, tokens, 0};
    return seconds(pool.cost->mixed_step({.sampled_sequences = 1, .chunks = {&chunk, 1}}).duration);
  };
  const std::optional<std::int64_t> cached = most_cached(demand_.scenario);
  speed.ttft = cached ? prefill(std::max<std::int64_t>(1, prompt - *cached)) : 0;
  for (std::size_t w = 0; w < demand_.lookups.size(); ++w) {
    speed.lookup_prefill.push_back(0);
    const PoolDemand& lookups = demand_.lookups[w];
    if (lookups.prompts.empty() || lookups.clouds_may_answer) continue;
    const WorkloadSpec& workload = demand_.scenario.workloads[w];
    const double length =
        lookups.prompt_quantile(lookups.least_attainment(demand_.scenario.needs.attainment));
    const std::int64_t found =
        workload.shared_prefix_tokens + knowledge_base_of(demand_.scenario, workload)->chunk_tokens;
    speed.lookup_prefill.back() =
        prefill(std::max<std::int64_t>(1, static_cast<std::int64_t>(length) - found));
  }
  speed.prefill_per_token = prefill(large_chunk) / static_cast<double>(large_chunk);
  speed.decode_per_token = speed.tpot;
  const std::int64_t most = std::min<std::int64_t>(
      pool.limits.max_num_seqs,
      pool.limits.kv_blocks * pool.limits.block_tokens / std::max<std::int64_t>(1, kv));
  for (std::int64_t batch = 2; batch <= most; batch *= 2) {
    const double step = seconds(pool.cost->decode_segment(batch, batch * kv).duration);
    speed.decode_per_token = std::min(speed.decode_per_token, step / static_cast<double>(batch));
  }
  return speed;
}

const Bounds::Speed& Bounds::speed_of(const Candidate& candidate, std::size_t pool) {
  const PoolChoice& choice = candidate.pools[pool];
  const std::string key = fmt::format("{}/{}/{}/{}/{}/{}/{}", pool, candidate.server,
                                      choice.pp > 1 ? candidate.servers : 1, choice.model,
                                      choice.weights, choice.engine, choice.tp * 1000 + choice.pp);
  const auto known = speeds_.find(key);
  if (known != speeds_.end()) return known->second;
  return speeds_.emplace(key, measure(candidate, pool)).first->second;
}

void Bounds::check_speed(const Candidate& candidate, std::vector<Miss>& misses) {
  const SloSpec& slo = demand_.scenario.slo;
  for (std::size_t i = 0; i < candidate.pools.size(); ++i) {
    const Speed& speed = speed_of(candidate, i);
    if (!speed.failure.empty()) {
      misses.push_back({.need = Need::memory, .text = speed.failure});
      return;
    }
    const PoolDemand& demand = demand_.pools[i];
    // Of a pool with few requests all may be late.
    const bool in_time = demand.least_attainment(demand_.scenario.needs.attainment) > 0;
    if (in_time && slo.tpot && speed.tpot > slo.tpot->value()) {
      misses.push_back({Need::tpot, speed.tpot, slo.tpot->value(), true, ""});
    }
    if (in_time && slo.ttft && speed.ttft > slo.ttft->value()) {
      misses.push_back({Need::ttft, speed.ttft, slo.ttft->value(), true, ""});
    }
    // Cached prefixes spare work, so that only answers count for certain.
    const double work = demand.busy_hour_output * speed.decode_per_token;
    const double share =
        work / (hour_with_slack * static_cast<double>(candidate.pools[i].replicas));
    if (share > 1) misses.push_back({Need::throughput, share, 1, true, ""});
  }
  check_lookups(candidate, misses);
}

std::vector<Miss> Bounds::misses(const Candidate& candidate) {
  std::vector<Miss> misses;
  check_law(candidate, misses);
  check_limits(candidate, misses);
  check_speed(candidate, misses);
  return misses;
}

}  // namespace microdc
