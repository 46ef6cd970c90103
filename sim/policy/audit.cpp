#include "sim/policy/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "sim/policy/audit_law.hpp"

namespace microdc {

using namespace audited;

namespace {

/// A place, with everything a rule asks about it.
struct Spot {
  AuditedPlace shown;
  bool own_premises = false;
  Names fulfilled;  // by the organisation and the operator
};

class Auditor {
 public:
  Auditor(const Law& law, const Scenario& scenario) : law_(law), scenario_(scenario) {
    day_ = scenario.organisation.date.empty() ? law.as_of : scenario.organisation.date;
    home_ = Law::all(law.jurisdictions, scenario.organisation.jurisdiction);
    sectors_ = Law::all(law.sectors, scenario.organisation.sector);
  }

  [[nodiscard]] const std::string& day() const { return day_; }

  [[nodiscard]] Names stated_classes(const WorkloadSpec& workload) const {
    Names classes(workload.data_classes.begin(), workload.data_classes.end());
    for (const KnowledgeBaseSpec& base : scenario_.knowledge_bases) {
      if (!workload.retrieval || workload.retrieval->knowledge_base != base.name) continue;
      if (workload.retrieval->share > 0) {
        classes.insert(base.data_classes.begin(), base.data_classes.end());
      }
    }
    return classes;
  }

  /// Classes without a rule, though rules of the organisation's place concern their kind.
  [[nodiscard]] std::vector<AuditedGap> gaps(const Names& stated) const {
    std::map<std::string, Names> ruled;  // by class as the catalog names it
    Names met;
    for (const std::string& word : stated) {
      const std::string& name = named(word);
      const Names own = Law::all(law_.classes, name);
      for (const Json& rule : law_.rules) {
        if (!of_home(rule) || rule.at("strength") == "none" || rule.at("strength") == "exposure") {
          continue;
        }
        const Names concerned = names_in(rule, "data_classes");
        if (of_sector(rule) && (concerned.empty() || overlap(concerned, own))) met.insert(name);
        for (const std::string& other : concerned) {
          if (overlap(Law::all(law_.classes, other), own)) ruled[name].insert(other);
        }
      }
    }
    std::vector<AuditedGap> found;
    for (const auto& [name, others] : ruled) {
      if (!met.contains(name)) found.push_back({name, {others.begin(), others.end()}});
    }
    return found;
  }

  /// Fills what the rules say about these data there.
  void examine(const Names& stated, Spot& spot) const {
    Names classes;
    for (const std::string& word : stated) classes.merge(Law::all(law_.classes, named(word)));
    AuditedPlace& place = spot.shown;
    std::map<std::string, std::vector<const Json*>> questions;
    for (const Json& rule : law_.rules) {
      if (!binds(rule, classes, spot)) continue;
      const std::string strength = rule.at("strength");
      if (strength == "exposure" && overlap(names_in(rule, "reaches"), operator_of(spot))) {
        note(rule, place.exposed_by, place);
      }
      if (strength == "exposure" || strength == "none") continue;
      const std::string question = text_in(rule, "question");
      questions[question.empty() ? text_in(rule, "name") : question].push_back(&rule);
    }
    for (const auto& [question, rules] : questions) {
      const auto yes = std::find_if(rules.begin(), rules.end(),
                                    [&](const Json* rule) { return satisfied(*rule, spot); });
      if (yes != rules.end()) {
        note(**yes, place.allowed_by, place);
      } else if (rules.front()->at("strength") == "soft") {
        note(*rules.front(), place.breached, place);
      } else {
        note(*rules.front(), place.violated, place);
      }
    }
    place.lawful = place.violated.empty();
  }

  [[nodiscard]] Spot spot_of(const SiteSpec& site, const std::string& pool) const {
    const std::string& home = scenario_.organisation.jurisdiction;
    Spot spot;
    spot.own_premises = site.operator_jurisdiction.empty();
    spot.shown = {.name = pool,
                  .site = site.name,
                  .jurisdiction = site.jurisdiction.empty() ? home : site.jurisdiction,
                  .operator_jurisdiction = spot.own_premises ? home : site.operator_jurisdiction};
    add_conditions(scenario_.organisation.conditions, spot);
    return spot;
  }

  [[nodiscard]] Spot spot_of(const CloudSpec& cloud) const {
    Spot spot;
    spot.shown = {.name = cloud.name,
                  .cloud = true,
                  .jurisdiction = cloud.jurisdiction,
                  .operator_jurisdiction = cloud.operator_jurisdiction};
    add_conditions(scenario_.organisation.conditions, spot);
    add_conditions(cloud.attestations, spot);
    return spot;
  }

 private:
  static void add_conditions(const std::vector<std::string>& names, Spot& spot) {
    spot.fulfilled.insert(names.begin(), names.end());
  }

  static void note(const Json& rule, std::vector<std::string>& list, AuditedPlace& place) {
    list.push_back(rule.at("name"));
    if (rule.at("evidence") != "sourced") place.unverified.push_back(rule.at("name"));
  }

  [[nodiscard]] Names operator_of(const Spot& spot) const {
    return Law::all(law_.jurisdictions, spot.shown.operator_jurisdiction);
  }

  /// The catalog's name of a class or synonym.
  [[nodiscard]] const std::string& named(const std::string& word) const {
    const auto synonym = law_.synonyms.find(word);
    return synonym == law_.synonyms.end() ? word : synonym->second;
  }

  /// In force, and binding organisations of this place.
  [[nodiscard]] bool of_home(const Json& rule) const {
    const std::string until = text_in(rule, "until");
    if (day_ < text_in(rule, "from") || (!until.empty() && day_ >= until)) return false;
    const std::string bound = text_in(rule, "jurisdiction");
    return bound.empty() || home_.contains(bound);
  }

  [[nodiscard]] bool of_sector(const Json& rule) const {
    const Names sectors = names_in(rule, "sectors");
    return sectors.empty() || overlap(sectors, sectors_);
  }

  [[nodiscard]] bool binds(const Json& rule, const Names& classes, const Spot& spot) const {
    if (!of_home(rule) || !of_sector(rule)) return false;
    if (spot.own_premises && rule.at("scope") == "third_party") return false;
    const Names concerned = names_in(rule, "data_classes");
    return concerned.empty() || overlap(concerned, classes);
  }

  [[nodiscard]] bool satisfied(const Json& rule, const Spot& spot) const {
    const auto ways = rule.find("ways");
    if (ways == rule.end()) return false;
    return std::any_of(ways->begin(), ways->end(),
                       [&](const Json& way) { return leads_to(way, spot); });
  }

  [[nodiscard]] bool leads_to(const Json& way, const Spot& spot) const {
    const Names operators = names_in(way, "operators");
    if (!operators.empty() && !overlap(operators, operator_of(spot))) return false;
    for (const std::string& condition : names_in(way, "conditions")) {
      if (!spot.fulfilled.contains(condition)) return false;
    }
    const Names places = names_in(way, "places");
    if (places.empty()) return true;
    const Names here = Law::all(law_.jurisdictions, spot.shown.jurisdiction);
    if (overlap(places, here)) return true;
    for (const std::string& name : places) {
      const auto list = law_.lists.find(name);
      if (list == law_.lists.end()) continue;
      for (const auto& [place, condition] : list->second) {
        if (here.contains(place) && (condition.empty() || spot.fulfilled.contains(condition))) {
          return true;
        }
      }
    }
    return false;
  }

  const Law& law_;
  const Scenario& scenario_;
  std::string day_;
  Names home_, sectors_;
};

/// (class, place, stream, request), each once: what was where.
using Presence = std::tuple<std::size_t, std::size_t, std::uint32_t, std::uint32_t>;

/// Places by what the log says about them: clouds, and pools by site.
class Spots {
 public:
  Spots(const Scenario& scenario, const SimulationResult& result, const Auditor& auditor)
      : scenario_(scenario), result_(result), auditor_(auditor) {}

  std::vector<std::size_t> of(const PlacedRequest& placed) {
    const auto key = std::pair(placed.cloud, placed.where);
    const auto [at, is_new] = known_.emplace(key, std::vector<std::size_t>());
    if (is_new) at->second = found(placed);
    return at->second;
  }
  [[nodiscard]] const Spot& at(std::size_t index) const { return spots_[index]; }

 private:
  std::vector<std::size_t> found(const PlacedRequest& placed) {
    if (placed.cloud) return {add(auditor_.spot_of(scenario_.clouds.at(placed.where)))};
    const ReplicaResult& replica = result_.replicas.at(placed.where);
    std::vector<std::size_t> places;
    for (const SiteSpec& site : scenario_.sites) {
      const auto& sites = replica.sites;
      if (std::find(sites.begin(), sites.end(), site.name) == sites.end()) continue;
      places.push_back(add(auditor_.spot_of(site, replica.pool)));
    }
    return places;
  }

  std::size_t add(Spot spot) {
    for (std::size_t i = 0; i < spots_.size(); ++i) {
      const AuditedPlace& known = spots_[i].shown;
      if (known.name == spot.shown.name && known.site == spot.shown.site) return i;
    }
    spots_.push_back(std::move(spot));
    return spots_.size() - 1;
  }

  const Scenario& scenario_;
  const SimulationResult& result_;
  const Auditor& auditor_;
  std::vector<Spot> spots_;
  std::map<std::pair<bool, std::uint32_t>, std::vector<std::size_t>> known_;
};

/// Which of the scenario's clouds might take data of these classes.
void ask_clouds(const Scenario& scenario, const Auditor& auditor, const Names& stated,
                AuditedClass& own) {
  for (const CloudSpec& cloud : scenario.clouds) {
    Spot spot = auditor.spot_of(cloud);
    auditor.examine(stated, spot);
    own.some_cloud_may = own.some_cloud_may.value_or(false) || spot.shown.lawful;
    own.all_clouds_may = own.all_clouds_may.value_or(true) && spot.shown.lawful;
  }
}

std::vector<Presence> presences(const SimulationResult& result,
                                const std::vector<std::size_t>& class_of_stream, Spots& spots) {
  std::vector<Presence> all;
  all.reserve(result.placements.size());
  for (const PlacedRequest& placed : result.placements) {
    for (const std::size_t spot : spots.of(placed)) {
      all.emplace_back(class_of_stream.at(placed.stream), spot, placed.stream, placed.request);
    }
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

/// Requests of each class that were sent anywhere, each once.
void count_requests(const SimulationResult& result, const std::vector<std::size_t>& class_of_stream,
                    ResidencyAudit& audit) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> sent;
  sent.reserve(result.placements.size());
  for (const PlacedRequest& placed : result.placements) {
    sent.emplace_back(placed.stream, placed.request);
  }
  std::sort(sent.begin(), sent.end());
  sent.erase(std::unique(sent.begin(), sent.end()), sent.end());
  for (const auto& [stream, request] : sent) ++audit.classes[class_of_stream[stream]].requests;
  audit.requests = static_cast<std::int64_t>(sent.size());
}

}  // namespace

Result<std::optional<ResidencyAudit>> audit_residency(const Scenario& scenario,
                                                      const SimulationResult& result,
                                                      const std::filesystem::path& catalog_folder) {
  if (scenario.organisation.jurisdiction.empty()) return std::optional<ResidencyAudit>();
  Diagnostics findings;
  const Law law = read_law(catalog_folder, findings);
  if (findings.has_errors()) return findings;
  const Auditor auditor(law, scenario);
  ResidencyAudit audit{.day = auditor.day(), .catalog_of = law.as_of};
  std::vector<Names> stated;
  std::vector<std::size_t> class_of_stream;
  for (const WorkloadSpec& workload : scenario.workloads) {
    const Names classes = auditor.stated_classes(workload);
    const auto at = std::find(stated.begin(), stated.end(), classes);
    class_of_stream.push_back(static_cast<std::size_t>(at - stated.begin()));
    if (at == stated.end()) {
      stated.push_back(classes);
      audit.classes.push_back({.data_classes = {classes.begin(), classes.end()},
                               .without_rule = auditor.gaps(classes)});
      ask_clouds(scenario, auditor, classes, audit.classes.back());
    }
    audit.classes[class_of_stream.back()].workloads.push_back(workload.name);
  }
  count_requests(result, class_of_stream, audit);
  Spots spots(scenario, result, auditor);
  for (const auto& [index, spot, stream, request] : presences(result, class_of_stream, spots)) {
    AuditedClass& own = audit.classes[index];
    const AuditedPlace& shown = spots.at(spot).shown;
    const bool is_new = own.places.empty() || own.places.back().name != shown.name ||
                        own.places.back().site != shown.site;
    if (is_new) {
      Spot examined = spots.at(spot);
      auditor.examine(stated[index], examined);
      own.places.push_back(std::move(examined.shown));
    }
    ++own.places.back().requests;
    ++audit.placements;
    if (!own.places.back().lawful) ++audit.violations;
  }
  if (scenario.clouds.empty() || audit.requests == 0) return std::optional(std::move(audit));
  std::int64_t never = 0;
  for (const AuditedClass& own : audit.classes) never += *own.some_cloud_may ? 0 : own.requests;
  audit.no_cloud_share = static_cast<double>(never) / static_cast<double>(audit.requests);
  return std::optional(std::move(audit));
}

}  // namespace microdc
