#include "sim/policy/residency.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "sim/policy/gaps.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/targets.hpp"

namespace microdc {
namespace {

DataLocation location_of(const Scenario& scenario, const SiteSpec& site) {
  const std::string& home = scenario.organisation.jurisdiction;
  return {.jurisdiction = site.jurisdiction.empty() ? home : site.jurisdiction,
          .operator_jurisdiction =
              site.operator_jurisdiction.empty() ? home : site.operator_jurisdiction,
          .third_party = !site.operator_jurisdiction.empty()};
}

/// Sites that hold servers of this group; of all groups if the name is empty.
std::set<std::size_t> sites_of_group(const Scenario& scenario, const std::string& group) {
  std::set<std::size_t> sites;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    if (group.empty() || placed.group->name == group) sites.insert(placed.site);
  }
  return sites;
}

DataPlace place_of(const Scenario& scenario, const PoolSpec& pool) {
  std::set<std::size_t> sites = sites_of_group(scenario, pool.servers);
  if (const PoolSpec* decode = find_pool(scenario, pool.decode_pool)) {
    sites.merge(sites_of_group(scenario, decode->servers));
  }
  DataPlace place{.name = pool.name};
  for (const std::size_t site : sites) {
    place.locations.push_back(location_of(scenario, scenario.sites[site]));
  }
  return place;
}

DataPlace place_of(const CloudSpec& cloud) {
  return {.name = cloud.name,
          .cloud = true,
          .locations = {{.jurisdiction = cloud.jurisdiction,
                         .operator_jurisdiction = cloud.operator_jurisdiction,
                         .third_party = true,
                         .attestations = cloud.attestations}}};
}

/// Of several places the worst; what applies at any of them applies.
Verdict judge_all(const PolicyCatalog& catalog, const DataSubject& subject,
                  const std::vector<DataLocation>& locations) {
  Verdict worst;
  for (const DataLocation& location : locations) worst.add(judge(catalog, subject, location));
  return worst;
}

bool on_own_premises(const std::vector<DataLocation>& locations) {
  return std::none_of(locations.begin(), locations.end(),
                      [](const DataLocation& location) { return location.third_party; });
}

/// "\"agent_agreement\" (contract that makes the provider an agent), …".
std::string quoted_list(const PolicyCatalog& catalog, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    text += fmt::format("{}\"{}\"{}", text.empty() ? "" : ", ", name, catalog.meaning_of(name));
  }
  return text;
}

/// "When it is so, add … to organisation.conditions; or name a place that may take it …".
std::string fix_of(const PolicyCatalog& catalog, const Decision& decision,
                   const std::vector<std::string>& lawful, bool own_premises) {
  std::string text;
  for (const auto& missing : decision.open) {
    std::vector<std::string> own, theirs;
    for (const std::string& name : missing) {
      const Condition* condition = catalog.condition(name);
      const bool of_operator =
          condition != nullptr && condition->held_by == Condition::Holder::operator_of_place;
      (of_operator ? theirs : own).push_back(name);
    }
    text += text.empty() ? "when it is done or true, add " : ", or ";
    if (!own.empty()) text += quoted_list(catalog, own) + " to organisation.conditions";
    if (!own.empty() && !theirs.empty()) text += " and ";
    if (!theirs.empty()) text += quoted_list(catalog, theirs) + " to the cloud's attestations";
  }
  if (!lawful.empty()) {
    return text + (text.empty() ? "" : "; or ") +
           "name a place that may take it: " + join_names(lawful);
  }
  if (own_premises && !text.empty()) return text;
  return text + (text.empty() ? "" : "; or ") +
         (own_premises ? "serve it where the rule allows"
                       : "serve it in a pool on own premises where the rule allows");
}

/// "EU-GDPR-35 (GDPR Art.35) forbids "api"", or what it asks for first.
std::string ruling_text(const Regulation& rule, const Decision& decision,
                        const std::string& place) {
  const std::string name = fmt::format("{} ({} {})", rule.name, rule.law, rule.article);
  if (decision.open.empty()) {
    return fmt::format("{} forbids \"{}\" ({})", name, place, policy_disclaimer);
  }
  return fmt::format("for \"{}\" {} asks for {} first ({})", place, name, asked_text(decision),
                     policy_disclaimer);
}

/// Of what would satisfy a question, the shortest that the organisation alone can fulfil.
std::vector<std::string> shortest_of_own(const PolicyCatalog& catalog, const Decision& decision) {
  const std::vector<std::string>* best = nullptr;
  for (const auto& missing : decision.open) {
    const bool own = std::all_of(missing.begin(), missing.end(), [&](const std::string& name) {
      const Condition* condition = catalog.condition(name);
      return condition != nullptr && condition->held_by == Condition::Holder::organisation;
    });
    if (own && (best == nullptr || missing.size() < best->size())) best = &missing;
  }
  return best == nullptr ? std::vector<std::string>{} : *best;
}

class Assessment {
 public:
  Assessment(const Scenario& scenario, const PolicyCatalog& catalog)
      : scenario_(scenario), catalog_(catalog) {}

  Result<std::optional<Residency>> run() {
    check_words();
    if (findings_.has_errors()) return findings_;
    Residency found{.places = data_places(scenario_),
                    .verdicts = {},
                    .table = PlacementTable(scenario_.workloads.size(), target_count(scenario_))};
    for (std::size_t w = 0; w < scenario_.workloads.size(); ++w) {
      const DataSubject subject = subject_of(scenario_, scenario_.workloads[w]);
      auto& verdicts = found.verdicts.emplace_back();
      for (std::size_t p = 0; p < found.places.size(); ++p) {
        verdicts.push_back(judge_all(catalog_, subject, found.places[p].locations));
        if (verdicts.back().allowed) found.table.allow(w, p);
      }
      warn_of_gaps(w, subject);
      check_targets(w, found);
      check_knowledge(w, subject);
    }
    if (findings_.has_errors()) return findings_;
    return {std::optional(std::move(found)), std::move(findings_)};
  }

 private:
  void need(bool known, const std::string& place, const char* what, const std::string& name) {
    if (known || name.empty()) return;
    findings_.add({.place = place,
                   .message = fmt::format("this {} is not defined", what),
                   .found = fmt::format("\"{}\"", name)});
  }

  /// Checks of the scenario find these too, if they were made with the catalog's names.
  void check_words() {
    const OrganisationSpec& own = scenario_.organisation;
    const auto jurisdiction = [&](const std::string& name, const std::string& place) {
      need(catalog_.jurisdiction(name) != nullptr, place, "jurisdiction", name);
    };
    jurisdiction(own.jurisdiction, "/organisation/jurisdiction");
    need(catalog_.sector(own.sector) != nullptr, "/organisation/sector", "sector", own.sector);
    need(is_day(own.date), "/organisation/date", "day (YYYY-MM-DD)", own.date);
    const bool classified = std::any_of(
        scenario_.workloads.begin(), scenario_.workloads.end(),
        [&](const WorkloadSpec& workload) { return !classes_of(scenario_, workload).empty(); });
    if (own.sector.empty() && classified) {
      findings_.add({.severity = Severity::warning,
                     .place = "/organisation",
                     .message = "no sector is stated, so rules that bind some sectors only are "
                                "left out",
                     .fix = "add \"sector\"; `microdc list sectors` shows them"});
    }
    for (std::size_t i = 0; i < own.conditions.size(); ++i) {
      need(catalog_.condition(own.conditions[i]) != nullptr,
           fmt::format("/organisation/conditions/{}", i), "condition", own.conditions[i]);
    }
    for (std::size_t i = 0; i < scenario_.sites.size(); ++i) {
      jurisdiction(scenario_.sites[i].jurisdiction, fmt::format("/sites/{}/jurisdiction", i));
      jurisdiction(scenario_.sites[i].operator_jurisdiction,
                   fmt::format("/sites/{}/operator_jurisdiction", i));
    }
    for (std::size_t i = 0; i < scenario_.clouds.size(); ++i) check_cloud(i);
    for (std::size_t i = 0; i < scenario_.workloads.size(); ++i) {
      for (const std::string& name : classes_of(scenario_, scenario_.workloads[i])) {
        need(catalog_.data_class(name) != nullptr, fmt::format("/workloads/{}/data_classes", i),
             "data class", name);
      }
    }
  }

  void check_cloud(std::size_t index) {
    const CloudSpec& cloud = scenario_.clouds[index];
    const auto check = [&](const std::string& name, const char* key) {
      const std::string place = fmt::format("/clouds/{}/{}", index, key);
      need(catalog_.jurisdiction(name) != nullptr, place, "jurisdiction", name);
      if (!name.empty()) return;
      findings_.add({.place = place,
                     .message = "neither the scenario nor the offer says it, and rules ask for it",
                     .found = fmt::format("cloud \"{}\"", cloud.name),
                     .fix = fmt::format("add \"{}\"", key)});
    };
    check(cloud.jurisdiction, "jurisdiction");
    check(cloud.operator_jurisdiction, "operator_jurisdiction");
  }

  /// Data that may go anywhere because the catalog does not know them, not because the law says so.
  void warn_of_gaps(std::size_t index, const DataSubject& subject) {
    for (const RuleGap& gap : rule_gaps(catalog_, subject)) {
      findings_.add({.severity = Severity::warning,
                     .place = fmt::format("/workloads/{}/data_classes", index),
                     .message = gap_text(gap),
                     .found = fmt::format("sector {}, {}",
                                          subject.sector.empty() ? "not stated" : subject.sector,
                                          policy_disclaimer),
                     .fix =
                         "name the class and sector that fit best; where the catalog has no rule, "
                         "the law may have one"});
    }
  }

  /// Of what a workload is meant for, one target at least may serve it.
  void check_targets(std::size_t index, const Residency& found) {
    const WorkloadSpec& workload = scenario_.workloads[index];
    const auto& verdicts = found.verdicts[index];
    const std::vector<std::size_t> targets = first_targets(scenario_, workload);
    const bool any = std::any_of(targets.begin(), targets.end(),
                                 [&](std::size_t target) { return verdicts[target].allowed; });
    for (const std::size_t target : targets) {
      const Verdict& verdict = verdicts[target];
      if (!any) {
        for (const Decision* decision : verdict.unmet()) forbid(index, found, target, *decision);
      }
      if (!verdict.allowed) continue;
      for (const Decision* breach : verdict.breaches()) {
        findings_.add(
            {.severity = Severity::warning,
             .place = fmt::format("/workloads/{}", index),
             .message = fmt::format("\"{}\" in \"{}\" breaches the policy {}, which has "
                                    "no force of law",
                                    workload.name, found.places[target].name, breach->rule),
             .allowed = ways_text(*catalog_.regulation(breach->rule))});
      }
    }
  }

  void forbid(std::size_t index, const Residency& found, std::size_t target,
              const Decision& decision) {
    const WorkloadSpec& workload = scenario_.workloads[index];
    std::vector<std::string> lawful;
    for (std::size_t p = 0; p < found.places.size(); ++p) {
      if (found.verdicts[index][p].allowed) lawful.push_back(found.places[p].name);
    }
    const Regulation& rule = *catalog_.regulation(decision.rule);
    const DataPlace& place = found.places[target];
    const DataLocation& location = place.locations.front();
    findings_.add(
        {.problem = Problem::infeasible,
         .place = fmt::format("/workloads/{}{}", index, workload.pool.empty() ? "" : "/pool"),
         .message = fmt::format("no request of \"{}\" may go where it should{}: {}", workload.name,
                                decision.open.empty() ? "" : " yet",
                                ruling_text(rule, decision, place.name)),
         .found =
             fmt::format("{} in {}, operator of {}", join_names(classes_of(scenario_, workload)),
                         location.jurisdiction, location.operator_jurisdiction),
         .allowed = ways_text(rule),
         .fix = fix_of(catalog_, decision, lawful, on_own_premises(place.locations))});
  }

  /// Documents, and queries put to them, are held where the knowledge base runs.
  void check_knowledge(std::size_t index, const DataSubject& subject) {
    const KnowledgeBaseSpec* base = knowledge_base_of(scenario_, scenario_.workloads[index]);
    if (base == nullptr) return;
    const auto groups = server_groups(scenario_);
    std::vector<DataLocation> locations;
    for (const PlacedGroup& placed : groups) {
      const bool here =
          base->servers.empty() ? locations.empty() : placed.group->name == base->servers;
      if (here) locations.push_back(location_of(scenario_, scenario_.sites[placed.site]));
    }
    const Verdict verdict = judge_all(catalog_, subject, locations);
    for (const Decision* decision : verdict.unmet()) {
      const Regulation& rule = *catalog_.regulation(decision->rule);
      findings_.add(
          {.problem = Problem::infeasible,
           .place = fmt::format("/workloads/{}/retrieval/knowledge_base", index),
           .message = fmt::format("these data may not be held where the knowledge base runs{}: {}",
                                  decision->open.empty() ? "" : " yet",
                                  ruling_text(rule, *decision, base->name)),
           .found =
               fmt::format("{} in {}", join_names(subject.classes), locations.front().jurisdiction),
           .allowed = ways_text(rule),
           .fix = fix_of(catalog_, *decision, {}, on_own_premises(locations))});
    }
  }

  const Scenario& scenario_;
  const PolicyCatalog& catalog_;
  Diagnostics findings_;
};

}  // namespace

std::vector<DataPlace> data_places(const Scenario& scenario) {
  std::vector<DataPlace> places;
  for (const PoolSpec& pool : scenario.pools) places.push_back(place_of(scenario, pool));
  for (const CloudSpec& cloud : scenario.clouds) places.push_back(place_of(cloud));
  return places;
}

std::vector<std::string> classes_of(const Scenario& scenario, const WorkloadSpec& workload) {
  std::vector<std::string> classes = workload.data_classes;
  const KnowledgeBaseSpec* base = knowledge_base_of(scenario, workload);
  if (base == nullptr) return classes;
  for (const std::string& name : base->data_classes) {
    if (std::find(classes.begin(), classes.end(), name) == classes.end()) classes.push_back(name);
  }
  return classes;
}

DataSubject subject_of(const Scenario& scenario, const WorkloadSpec& workload) {
  const OrganisationSpec& own = scenario.organisation;
  return {.jurisdiction = own.jurisdiction,
          .sector = own.sector,
          .conditions = own.conditions,
          .day = own.date,
          .classes = classes_of(scenario, workload)};
}

std::optional<Verdict> verdict_of_all(const Scenario& scenario, const PolicyCatalog& catalog,
                                      const DataLocation& location) {
  if (scenario.organisation.jurisdiction.empty()) return std::nullopt;
  Verdict worst;
  for (const WorkloadSpec& workload : scenario.workloads) {
    worst.add(judge(catalog, subject_of(scenario, workload), location));
  }
  return worst;
}

std::vector<std::string> conditions_to_fulfil(const Scenario& scenario,
                                              const PolicyCatalog& catalog) {
  std::vector<std::string> names;
  if (scenario.organisation.jurisdiction.empty()) return names;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const DataSubject subject = subject_of(scenario, workload);
    for (const DataPlace& place : data_places(scenario)) {
      if (place.cloud) continue;
      const Verdict verdict = judge_all(catalog, subject, place.locations);
      for (const Decision* decision : verdict.unmet()) {
        for (const std::string& name : shortest_of_own(catalog, *decision)) {
          if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
      }
    }
  }
  return names;
}

Result<std::optional<Residency>> residency_of(const Scenario& scenario,
                                              const PolicyCatalog& catalog) {
  if (scenario.organisation.jurisdiction.empty()) return std::optional<Residency>();
  return Assessment(scenario, catalog).run();
}

PlacementTable lawful_placements(const Scenario& scenario) {
  if (scenario.organisation.jurisdiction.empty()) return {};
  const PlacementTable nothing(scenario.workloads.size(), target_count(scenario));
  if (!policy_catalog()) return nothing;
  const auto residency = residency_of(scenario, *policy_catalog());
  return residency ? (*residency)->table : nothing;
}

}  // namespace microdc
