// Every combination that a scenario's choices allow.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/planning/plan/candidate.hpp"
#include "sim/scenario/checks.hpp"
#include "sim/scenario/lookup.hpp"

namespace microdc {
namespace {

void check_names(const std::vector<std::string>& names, const std::vector<std::string>& known,
                 const char* field, const char* what, Diagnostics& findings) {
  RuleFindings found("", findings);
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(known.begin(), known.end(), names[i]) != known.end()) continue;
    found.unknown_name(fmt::format("/choices/{}/{}", field, i),
                       fmt::format("there is no such {}", what), names[i], known);
  }
}

Diagnostics check_choices(const Scenario& scenario, const Catalogs& catalogs) {
  Diagnostics findings;
  const ChoicesSpec& choices = scenario.choices;
  std::vector<std::string> types = keys_of(catalogs.hardware.servers());
  for (const std::string& name : choices.servers) {  // with a host CPU: "gpu-pcie-1x-l4@epyc-9575f"
    if (catalogs.hardware.server(name) != nullptr) types.push_back(name);
  }
  check_names(choices.servers, types, "servers", "server type", findings);
  check_names(choices.host_cpus, keys_of(catalogs.hardware.cpus()), "host_cpus", "CPU", findings);
  check_names(choices.models, keys_of(catalogs.models.cards()), "models", "model", findings);
  check_names(choices.engines, catalogs.engines.names(), "engines", "engine", findings);
  for (std::size_t i = 0; i < choices.weights.size(); ++i) {
    if (choices.weights[i].empty()) continue;  // the model's own
    const auto format = parse_number_format(choices.weights[i]);
    for (Diagnostic finding : format.diagnostics().items()) {
      finding.place = fmt::format("/choices/weights/{}", i);
      findings.add(std::move(finding));
    }
  }
  for (std::size_t i = 0; i < scenario.pools.size(); ++i) {
    if (scenario.pools[i].role == PoolSpec::Role::mixed) continue;
    findings.add({.place = fmt::format("/pools/{}/role", i),
                  .message = "plan arranges pools that do both, prefill and decode",
                  .fix = "leave \"role\" out; `simulate` takes disaggregated pools"});
  }
  return findings;
}

struct ServerOption {
  const ServerType* type = nullptr;
  std::int64_t devices = 0;  ///< that run models, in one server
};

std::vector<ServerOption> server_options(const Scenario& scenario, const Catalogs& catalogs) {
  std::vector<ServerOption> options;
  const auto add_type = [&](const ServerType& type) {
    const bool known = std::any_of(options.begin(), options.end(), [&](const ServerOption& option) {
      return option.type == &type;
    });
    if (known) return;
    const auto devices = serving_devices(catalogs.hardware, {.name = "servers", .type = type.name});
    if (devices && devices->count > 0) options.push_back({&type, devices->count});
  };
  const auto add = [&](const ServerType& type) {
    add_type(type);
    for (const std::string& cpu : scenario.choices.host_cpus) {
      const ServerType* other = catalogs.hardware.server(type.name + "@" + cpu);
      if (other != nullptr && other != &type) add_type(*other);
    }
  };
  if (scenario.choices.servers.empty()) {
    for (const auto& [name, type] : catalogs.hardware.servers()) add(type);
  }
  for (const std::string& name : scenario.choices.servers) add(*catalogs.hardware.server(name));
  // What stands already may stay, and be added to.
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* type = catalogs.hardware.server(placed.group->type);
    if (placed.group->owned > 0 && type != nullptr) add(*type);
  }
  return options;
}

std::vector<std::int64_t> tensor_parallel_degrees(const ChoicesSpec& choices,
                                                  std::int64_t devices) {
  std::vector<std::int64_t> degrees;
  if (choices.tp.empty()) {
    for (std::int64_t tp = 1; tp <= std::min<std::int64_t>(devices, 16); tp *= 2) {
      degrees.push_back(tp);
    }
  }
  for (const double tp : choices.tp) {
    if (tp <= static_cast<double>(devices)) degrees.push_back(std::llround(tp));
  }
  return degrees;
}

/// Engines that serve on a type of server. The scenario's own pool may stand on CPUs: on
/// accelerators its engine gives way to the one that a pool has by default.
std::vector<std::string> engines_of(const ChoicesSpec& choices, const PoolSpec& pool,
                                    bool cpu_serves) {
  if (cpu_serves) return {engine_for_cpus};
  std::vector<std::string> engines = choices.engines;
  if (engines.empty()) engines.push_back(pool.engine);
  std::erase(engines, engine_for_cpus);
  if (engines.empty()) engines.push_back(PoolSpec().engine);
  return engines;
}

/// Model, weights, engine and layout of one pool; replicas come later.
std::vector<PoolChoice> pool_options(const Scenario& scenario, const PoolSpec& pool,
                                     const ServerOption& server, std::int64_t servers) {
  const ChoicesSpec& choices = scenario.choices;
  const auto or_own = [](const std::vector<std::string>& list, const std::string& own) {
    return list.empty() ? std::vector{own} : list;
  };
  const auto engines = engines_of(choices, pool, server.type->accelerator.empty());
  std::vector<PoolChoice> options;
  for (const std::string& model : or_own(choices.models, pool.model)) {
    for (const std::string& weights : or_own(choices.weights, pool.weights)) {
      for (const std::string& engine : engines) {
        for (const std::int64_t tp : tensor_parallel_degrees(choices, server.devices)) {
          options.push_back({.model = model, .weights = weights, .engine = engine, .tp = tp});
          // Layers over all servers, for models that one server cannot hold.
          if (tp == server.devices && servers > 1) {
            options.back().pp = 1;
            PoolChoice over_servers = options.back();
            over_servers.pp = servers;
            options.push_back(over_servers);
          }
        }
      }
    }
  }
  return options;
}

struct SiteOption {
  std::vector<std::size_t> sites;
  std::int64_t spare = 0;  ///< of these, that may fail
};

/// Sites that get the servers: each alone, or all alike, of which some may fail.
std::vector<SiteOption> site_options(const Scenario& scenario) {
  std::vector<SiteOption> options;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    options.push_back({.sites = {i}});
    all.push_back(i);
  }
  if (all.size() < 2) return options;
  std::vector<double> spares = scenario.choices.spare_sites;
  for (std::size_t i = 0; scenario.choices.spare_sites.empty() && i < all.size(); ++i) {
    spares.push_back(static_cast<double>(i));
  }
  for (const double spare : spares) {
    if (spare < static_cast<double>(all.size())) options.push_back({all, std::llround(spare)});
  }
  return options;
}

/// Gives every pool one replica and the devices that are left, but for those `kept` free, to one
/// pool after the other: as many answers as pools. Empty if not even one replica of each fits.
std::vector<std::vector<PoolChoice>> with_replicas(const std::vector<PoolChoice>& pools,
                                                   std::int64_t devices_per_server,
                                                   std::int64_t servers, std::int64_t sites,
                                                   std::int64_t kept) {
  std::vector<std::vector<PoolChoice>> answers;
  // Tensor parallel groups stay within a server.
  std::int64_t needed = 0;
  for (const PoolChoice& pool : pools) needed += pool.tp * pool.pp;
  const std::int64_t room = devices_per_server * servers * sites - kept;
  if (needed > room) return answers;
  for (std::size_t favourite = 0; favourite < pools.size(); ++favourite) {
    std::vector<PoolChoice> choice = pools;
    PoolChoice& grown = choice[favourite];
    const std::int64_t each = grown.tp * grown.pp;
    const std::int64_t in_server = devices_per_server / grown.tp * grown.tp;  // packed by tp
    const std::int64_t usable = std::min(in_server * servers * sites, room) - (needed - each);
    grown.replicas = std::max<std::int64_t>(1, usable / each);
    if (std::find(answers.begin(), answers.end(), choice) == answers.end()) {
      answers.push_back(std::move(choice));
    }
  }
  return answers;
}

class Enumeration {
 public:
  Enumeration(const Scenario& scenario, const Catalogs& catalogs)
      : scenario_(scenario),
        servers_(server_options(scenario, catalogs)),
        lookups_(looks_up_on_accelerators(scenario)) {
    for (const double spare : scenario.choices.spare_servers) {
      spares_.push_back(std::llround(spare));
    }
    if (spares_.empty()) spares_ = {0, 1};
  }

  /// At most so many, by multiplication: nothing is made yet.
  [[nodiscard]] double bound() const {
    double count = 0;
    for (const ServerOption& server : servers_) {
      for (std::int64_t n = 1; n <= scenario_.choices.max_servers; ++n) {
        double pools = static_cast<double>(scenario_.pools.size());
        for (const PoolSpec& pool : scenario_.pools) {
          pools *= static_cast<double>(pool_options(scenario_, pool, server, n).size());
        }
        for (const SiteOption& sites : site_options(scenario_)) {
          const auto serving = static_cast<std::int64_t>(sites.sites.size()) - sites.spare;
          const auto kept = static_cast<double>(kept_free(server, n * serving).size());
          count += pools * kept * static_cast<double>(spares_.size());
        }
      }
    }
    return count;
  }

  std::vector<Candidate> all() const {
    std::vector<Candidate> candidates;
    for (const ServerOption& server : servers_) {
      for (std::int64_t n = 1; n <= scenario_.choices.max_servers; ++n) {
        for (const SiteOption& sites : site_options(scenario_)) add(server, n, sites, candidates);
      }
    }
    return candidates;
  }

 private:
  void add(const ServerOption& server, std::int64_t servers, const SiteOption& where,
           std::vector<Candidate>& candidates) const {
    std::vector<std::vector<PoolChoice>> combinations{{}};
    for (const PoolSpec& pool : scenario_.pools) {
      std::vector<std::vector<PoolChoice>> longer;
      for (const auto& begun : combinations) {
        for (const PoolChoice& option : pool_options(scenario_, pool, server, servers)) {
          longer.push_back(begun);
          longer.back().push_back(option);
        }
      }
      combinations = std::move(longer);
    }
    const auto serving = static_cast<std::int64_t>(where.sites.size()) - where.spare;
    for (const auto& pools : combinations) {
      for (const auto& choice : layouts(pools, server, servers, serving)) {
        for (const std::int64_t spare : spares_) {
          candidates.push_back(
              {server.type->name, servers, spare, where.sites, choice, where.spare});
        }
      }
    }
  }

  /// How many accelerators pools may leave free: none; one, two or four if documents are looked up
  /// there. Empty: so many servers have too few.
  [[nodiscard]] std::vector<std::int64_t> kept_free(const ServerOption& server,
                                                    std::int64_t servers) const {
    if (!lookups_) return {0};
    std::vector<std::int64_t> kept;
    if (server.type->accelerator.empty()) return kept;
    for (const std::int64_t count : {1, 2, 4}) {
      if (count < server.devices * servers) kept.push_back(count);
    }
    return kept;
  }

  [[nodiscard]] std::vector<std::vector<PoolChoice>> layouts(const std::vector<PoolChoice>& pools,
                                                             const ServerOption& server,
                                                             std::int64_t servers,
                                                             std::int64_t sites) const {
    std::vector<std::vector<PoolChoice>> all;
    for (const std::int64_t kept : kept_free(server, servers * sites)) {
      for (auto& choice : with_replicas(pools, server.devices, servers, sites, kept)) {
        if (std::find(all.begin(), all.end(), choice) == all.end())
          all.push_back(std::move(choice));
      }
    }
    return all;
  }

  const Scenario& scenario_;
  std::vector<ServerOption> servers_;
  bool lookups_;
  std::vector<std::int64_t> spares_;
};

}  // namespace

Result<std::vector<Candidate>> enumerate_candidates(const Scenario& scenario,
                                                    const Catalogs& catalogs) {
  Diagnostics findings = check_choices(scenario, catalogs);
  if (findings.has_errors()) return findings;
  const Enumeration enumeration(scenario, catalogs);
  const double bound = enumeration.bound();
  const auto most = static_cast<double>(scenario.choices.max_candidates);
  if (bound > most) {
    return Diagnostic{.place = "/choices",
                      .message = "there are too many combinations",
                      .found = fmt::format("up to {:.3g}", bound),
                      .allowed = fmt::format("{}", scenario.choices.max_candidates),
                      .fix =
                          "name fewer servers, models, weights or tp, lower max_servers, or "
                          "raise max_candidates and wait"};
  }
  return {enumeration.all(), std::move(findings)};
}

}  // namespace microdc
