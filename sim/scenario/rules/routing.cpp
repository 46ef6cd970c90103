// Clouds, routing above pools, and the words of rules on data.
#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/lookup.hpp"
#include "sim/scenario/rules/rules.hpp"
#include "sim/scenario/targets.hpp"

namespace microdc::rules {
namespace {

void check_word(const std::string& word, const std::vector<std::string>& known, std::string place,
                std::string message, RuleFindings& findings) {
  if (word.empty() || known.empty()) return;
  if (std::find(known.begin(), known.end(), word) != known.end()) return;
  findings.unknown_name(std::move(place), std::move(message), word, known);
}

void check_words(const std::vector<std::string>& words, const std::vector<std::string>& known,
                 const std::string& place, const std::string& message, RuleFindings& findings) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    check_word(words[i], known, fmt::format("{}/{}", place, i), message, findings);
  }
}

std::vector<std::string> targets_of(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const PoolSpec& pool : scenario.pools) {
    if (pool.role != PoolSpec::Role::decode) names.push_back(pool.name);
  }
  for (const CloudSpec& cloud : scenario.clouds) names.push_back(cloud.name);
  return names;
}

/// A pool or cloud that takes requests.
void check_target(const Scenario& scenario, const std::string& name, const std::string& place,
                  RuleFindings& findings) {
  const std::vector<std::string> known = targets_of(scenario);
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  findings.unknown_name(place, "no pool or cloud of this name takes requests", name, known);
}

constexpr const char* unknown_jurisdiction = "this jurisdiction is not defined";
constexpr const char* unknown_class = "this data class is not defined";

}  // namespace

void cloud_places_known(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  for (std::size_t i = 0; i < scenario.clouds.size(); ++i) {
    const CloudSpec& cloud = scenario.clouds[i];
    const std::string place = fmt::format("/clouds/{}", i);
    check_word(cloud.jurisdiction, context.jurisdictions, place + "/jurisdiction",
               unknown_jurisdiction, findings);
    check_word(cloud.operator_jurisdiction, context.jurisdictions, place + "/operator_jurisdiction",
               unknown_jurisdiction, findings);
    check_words(cloud.attestations, context.conditions, place + "/attestations",
                "no rule knows this attestation", findings);
  }
}

void complexity_targets_exist(const Scenario& scenario, const CheckContext& context,
                              RuleFindings& findings) {
  if (!scenario.gateway.complexity) return;
  const ComplexitySpec& spec = *scenario.gateway.complexity;
  const std::string place = "/gateway/complexity";
  check_target(scenario, spec.small, place + "/small", findings);
  check_target(scenario, spec.large, place + "/large", findings);
  if (spec.small == spec.large) {
    findings.add({.place = place + "/large",
                  .message = "easy and hard requests have the same target",
                  .found = fmt::format("\"{}\"", spec.large),
                  .fix = "name another pool or cloud, or remove \"complexity\""});
  }
  check_word(spec.curve, context.routing_curves, place + "/curve", "this curve is not known",
             findings);
  const std::vector<std::string> judges{"learned", "random", "oracle"};
  check_word(spec.router, judges, place + "/router", "there is no such judge", findings);
  const bool used = std::any_of(
      scenario.workloads.begin(), scenario.workloads.end(),
      [&](const WorkloadSpec& workload) { return routed_by_complexity(scenario, workload); });
  if (!used) {
    findings.add({.place = place,
                  .message = "it has no effect: every workload names its pool and stays there",
                  .fix = "remove \"pool\" from the workloads that it should route"});
  }
}

void spill_target_exists(const Scenario& scenario, const CheckContext&, RuleFindings& findings) {
  if (!scenario.gateway.spill) return;
  const std::string& to = scenario.gateway.spill->to;
  check_target(scenario, to, "/gateway/spill/to", findings);
  const auto target = target_index(scenario, to);
  if (!target) return;
  const bool used = std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                                [&](const WorkloadSpec& workload) {
                                  const auto own = first_targets(scenario, workload);
                                  return std::any_of(own.begin(), own.end(), [&](std::size_t one) {
                                    return one != *target && !is_cloud(scenario, one);
                                  });
                                });
  if (!used) {
    findings.add({.place = "/gateway/spill/to",
                  .message = "it has no effect: no workload goes to another pool first",
                  .found = fmt::format("\"{}\"", to),
                  .fix = "name a cloud or pool that is not the first choice already"});
  }
}

void policy_words_known(const Scenario& scenario, const CheckContext& context,
                        RuleFindings& findings) {
  const OrganisationSpec& own = scenario.organisation;
  check_word(own.jurisdiction, context.jurisdictions, "/organisation/jurisdiction",
             unknown_jurisdiction, findings);
  check_word(own.sector, context.sectors, "/organisation/sector", "this sector is not defined",
             findings);
  check_words(own.conditions, context.conditions, "/organisation/conditions",
              "no rule knows this condition", findings);
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const SiteSpec& site = scenario.sites[i];
    check_word(site.jurisdiction, context.jurisdictions, fmt::format("/sites/{}/jurisdiction", i),
               unknown_jurisdiction, findings);
    check_word(site.operator_jurisdiction, context.jurisdictions,
               fmt::format("/sites/{}/operator_jurisdiction", i), unknown_jurisdiction, findings);
  }
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    check_words(scenario.workloads[i].data_classes, context.data_classes,
                fmt::format("/workloads/{}/data_classes", i), unknown_class, findings);
  }
  for (std::size_t i = 0; i < scenario.knowledge_bases.size(); ++i) {
    check_words(scenario.knowledge_bases[i].data_classes, context.data_classes,
                fmt::format("/knowledge_bases/{}/data_classes", i), unknown_class, findings);
  }
}

/// What would be silently ignored without an organisation's law.
void policy_has_a_jurisdiction(const Scenario& scenario, const CheckContext&,
                               RuleFindings& findings) {
  const OrganisationSpec& own = scenario.organisation;
  if (!own.jurisdiction.empty()) return;
  const auto without = [&](bool there, std::string place) {
    if (!there) return;
    findings.add({.place = std::move(place),
                  .message = "it has no effect while no law binds the organisation",
                  .fix = "add \"organisation\": {\"jurisdiction\": …}"});
  };
  without(!own.sector.empty(), "/organisation/sector");
  without(!own.conditions.empty(), "/organisation/conditions");
  without(!own.date.empty(), "/organisation/date");
  for (std::size_t i = 0; i < scenario.sites.size(); ++i) {
    const SiteSpec& site = scenario.sites[i];
    without(!site.jurisdiction.empty(), fmt::format("/sites/{}/jurisdiction", i));
    without(!site.operator_jurisdiction.empty(), fmt::format("/sites/{}/operator_jurisdiction", i));
  }
  for (std::size_t i = 0; i < scenario.workloads.size(); ++i) {
    without(!scenario.workloads[i].data_classes.empty(),
            fmt::format("/workloads/{}/data_classes", i));
  }
  for (std::size_t i = 0; i < scenario.knowledge_bases.size(); ++i) {
    without(!scenario.knowledge_bases[i].data_classes.empty(),
            fmt::format("/knowledge_bases/{}/data_classes", i));
  }
}

}  // namespace microdc::rules
