// What may be bought: server type, number, spare servers, site, and what each pool runs on it.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

/// How one pool of the scenario is served.
struct PoolChoice {
  std::string model;
  std::string weights;  ///< empty: the model's native format
  std::string engine;
  std::int64_t tp = 1;
  std::int64_t pp = 1;
  std::int64_t replicas = 1;
  bool operator==(const PoolChoice&) const = default;
};

struct Candidate {
  std::string server;              ///< type
  std::int64_t servers = 1;        ///< that serve, per site
  std::int64_t spare = 0;          ///< more, that stand by; per site
  std::vector<std::size_t> sites;  ///< of the scenario, that get them
  std::vector<PoolChoice> pools;   ///< one for each pool of the scenario
  /// Of these sites, so many may fail: the servers of the others serve everything.
  std::int64_t spare_sites = 0;
  [[nodiscard]] std::int64_t servers_needed() const {
    return servers * (static_cast<std::int64_t>(sites.size()) - spare_sites);
  }
  /// All of them; some may be owned already.
  [[nodiscard]] std::int64_t all_servers() const {
    return (servers + spare) * static_cast<std::int64_t>(sites.size());
  }
  bool operator==(const Candidate&) const = default;
};

/// "2 × hgx-h100-8 + 1 spare: 4 × llama-3.1-70b (fp8, tp 4)"
std::string text_of(const Candidate& candidate);
/// What people call its servers: "NVIDIA DGX H100"; the name of the type if the catalog has no
/// label.
std::string server_label(const Candidate& candidate, const HardwareCatalog& hardware);
/// The same for every candidate that serves alike, whatever its spare servers.
std::string serving_key(const Candidate& candidate);

/// Accelerators of the servers that are needed (of `type`) that no pool uses.
std::int64_t free_accelerators(const Candidate& candidate, const ServerType& type);

/// Whether requests read documents that are found on accelerators: then pools leave some free.
bool looks_up_on_accelerators(const Scenario& scenario);

/// The scenario with this candidate in place of its racks and pools' layouts.
Scenario scenario_of(const Scenario& scenario, const Candidate& candidate);

/// Every combination that `choices` allow, in an order that depends on these alone.
/// Errors: a name that no catalog has; more than choices.max_candidates (counted, not made); pools
/// with roles other than mixed, which plan does not arrange.
Result<std::vector<Candidate>> enumerate_candidates(const Scenario& scenario,
                                                    const Catalogs& catalogs);

}  // namespace microdc
