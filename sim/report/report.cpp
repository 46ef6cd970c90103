#include "sim/report/report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace microdc {
namespace {

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// Below this share of the time a replica is called idle.
constexpr double idle_share = 0.02;

/// Pools with replicas that had next to nothing to do.
void add_idle_replicas(const SimulationResult& result, std::vector<std::string>& caveats) {
  std::map<std::string, std::pair<int, int>> pools;  // replicas of a pool, and idle ones among them
  for (const ReplicaResult& replica : result.replicas) {
    auto& [all, idle] = pools[replica.pool];
    ++all;
    if (static_cast<double>(replica.counters.busy) <
        idle_share * static_cast<double>(result.duration)) {
      ++idle;
    }
  }
  for (const auto& [pool, counts] : pools) {
    const auto& [all, idle] = counts;
    if (idle == 0) continue;
    const char* remedy = all > 1 ? "fewer replicas may do" : "smaller hardware may do";
    caveats.push_back(fmt::format(
        "{} of {} of pool {} {} busy less than {:g} % of the time; unless "
        "there for failures or peaks, {}",
        idle, plural(all, "replica"), pool, idle > 1 ? "were" : "was", 100 * idle_share, remedy));
  }
}

}  // namespace

const Band* Bands::find(const std::string& path) const {
  const auto at = figures.find(path);
  return at == figures.end() ? nullptr : &at->second;
}

bool is_overloaded(const SimulationResult& result) {
  const auto queue = result.latency.queue.percentile_seconds(0.5);
  const auto e2e = result.latency.e2e.percentile_seconds(0.5);
  return queue && e2e && *queue > *e2e / 2;
}

std::string overload_text(const SimulationResult& result) {
  if (!is_overloaded(result)) return "";
  return "OVERLOADED, too little hardware for this load: half of the requests waited longer for a "
         "place than they were then served, and waits grow with the length of the run. ";
}

std::string shortfall_text(const Report& report) {
  const RequestCounts& counts = report.result.counts;
  const double needed = report.scenario.needs.attainment;
  if (!report.result.has_slo || counts.offered == 0 ||
      static_cast<double>(counts.within_slo) >= needed * static_cast<double>(counts.offered)) {
    return "";
  }
  return fmt::format("; {:g} % are needed", 100 * needed);
}

std::vector<std::string> caveats_of(const Report& report) {
  const SimulationResult& result = report.result;
  const RequestCounts& counts = result.counts;
  std::vector<std::string> caveats;
  if (result.interrupted) {
    caveats.emplace_back("interrupted: the figures cover only the time simulated so far");
  }
  if (is_overloaded(result)) {
    caveats.emplace_back(
        "overloaded: half of the requests waited longer for a place than they were then served; "
        "waiting times grow with the length of the run, so read them as \"too little hardware\"");
  }
  if (counts.rejected > 0) {
    caveats.push_back(fmt::format(
        "{} ({:.2g} % of all) did not fit the KV cache or the context and never ran: raise "
        "max_model_len or kv_cache_tokens, or serve on more memory",
        plural(counts.rejected, "request"),
        100.0 * static_cast<double>(counts.rejected) / static_cast<double>(counts.offered)));
  }
  if (result.has_slo && counts.offered > 0 && counts.within_slo == 0) {
    caveats.emplace_back(
        "no request met every objective: more or faster hardware, a smaller model, or other "
        "objectives are needed");
  }
  // Idle replicas are no advice to buy less where objectives are missed.
  const bool enough = !is_overloaded(result) && shortfall_text(report).empty();
  if (!result.interrupted && enough) add_idle_replicas(result, caveats);
  for (const KnowledgeBaseResult& base : result.knowledge_bases) {
    if (!base.beside_model) continue;
    caveats.push_back(fmt::format(
        "lookups in {} run beside a model on the same sockets, for {:.2g} % of their time; they "
        "are slowed down, the steps of the model are not",
        base.name,
        100 * static_cast<double>(base.busy) /
            std::max(1.0, static_cast<double>(base.devices * result.duration))));
  }
  for (const UnusedDevices& unused : report.unused_devices) {
    caveats.push_back(text_of(unused) + "; they are paid for and draw idle power all the same");
  }
  for (const std::string& caveat : result.caveats) add_once(caveats, caveat);
  if (counts.unfinished > 0) {
    caveats.push_back(
        fmt::format("{} had not ended when the simulation stopped; latencies leave them "
                    "out, so they are too good",
                    plural(counts.unfinished, "request")));
  }
  if (counts.completed > 0 && counts.completed < 100) {
    caveats.push_back(
        fmt::format("{} completed: too few for the upper percentiles, which are left out",
                    plural(counts.completed, "request")));
  }
  return caveats;
}

std::vector<std::string> missing_of(const Report& report) {
  std::vector<std::string> missing;
  for (const std::string& item : report.result.energy.missing) add_once(missing, item);
  if (report.result.energy.accelerators.value() <= 0) {
    add_once(missing, "power of the accelerators (laws)");
  }
  for (const SiteSpec& site : report.scenario.sites) {
    if (!site.carbon_intensity) {
      add_once(missing, fmt::format("carbon intensity of site {} (scenario)", site.name));
    }
  }
  for (const std::string& item : report.cost.missing) add_once(missing, item);
  if (!report.cost.year_known) return missing;  // nothing more of a year can be known
  for (const std::string& item : report.economics.inputs.missing) add_once(missing, item);
  for (const std::string& item : report.economics.baselines.missing) add_once(missing, item);
  return missing;
}

}  // namespace microdc
