#include <fmt/format.h>

#include <map>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"

namespace microdc::rules {
namespace {

struct Named {
  std::string place;  ///< of the object
  const std::string* name;
};

template <class T>
std::vector<Named> named(const std::vector<T>& items, const std::string& place) {
  std::vector<Named> all;
  for (std::size_t i = 0; i < items.size(); ++i) {
    all.push_back({fmt::format("{}/{}", place, i), &items[i].name});
  }
  return all;
}

/// Everything with a name, by what it is; names need to differ within one kind.
std::vector<std::pair<std::string, std::vector<Named>>> all_named(const Scenario& scenario) {
  std::vector<Named> racks;
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const auto here = named(scenario.sites[i].racks, fmt::format("/sites/{}/racks", i));
    racks.insert(racks.end(), here.begin(), here.end());
  }
  std::vector<Named> groups;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    groups.push_back({placed.place(), &placed.group->name});
  }
  std::vector<Named> targets = named(scenario.pools, "/pools");
  const auto clouds = named(scenario.clouds, "/clouds");
  targets.insert(targets.end(), clouds.begin(), clouds.end());
  return {{"workload", named(scenario.workloads, "/workloads")},
          {"site", named(scenario.sites, "/sites")},
          {"rack", std::move(racks)},
          {"server group", std::move(groups)},
          {"pool or cloud", std::move(targets)},
          {"knowledge base", named(scenario.knowledge_bases, "/knowledge_bases")}};
}

}  // namespace

void something_everywhere(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  const auto need = [&](bool there, std::string place, std::string_view what) {
    if (there) return;
    findings.add({.place = std::move(place),
                  .message = fmt::format("there is no {}", what),
                  .allowed = fmt::format("at least one {}", what)});
  };
  need(!scenario.workloads.empty(), "/workloads", "workload");
  need(!scenario.pools.empty(), "/pools", "pool");
  need(!scenario.sites.empty(), "/sites", "site");
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const auto& racks = scenario.sites[i].racks;
    need(!racks.empty(), fmt::format("/sites/{}/racks", i), "rack");
    for (std::size_t k = 0; k < racks.size(); ++k) {
      need(!racks[k].servers.empty(), fmt::format("/sites/{}/racks/{}/servers", i, k),
           "server group");
    }
  }
}

void names_given(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  if (scenario.name.empty()) findings.add({.place = "/name", .message = "the name is empty"});
  for (const auto& [kind, items] : all_named(scenario)) {
    for (const Named& item : items) {
      if (item.name->empty()) {
        findings.add({.place = item.place + "/name",
                      .message = fmt::format("the name of this {} is empty", kind)});
      }
    }
  }
}

void names_unique(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  for (const auto& [kind, items] : all_named(scenario)) {
    std::map<std::string, std::string> first;
    for (const Named& item : items) {
      if (item.name->empty()) continue;
      const auto [at, is_new] = first.emplace(*item.name, item.place);
      if (is_new) continue;
      findings.add({.place = item.place + "/name",
                    .message = fmt::format("another {} has this name already", kind),
                    .found = fmt::format("\"{}\", as at {}/name", *item.name, at->second),
                    .fix = "give one of the two another name"});
    }
  }
}

}  // namespace microdc::rules
