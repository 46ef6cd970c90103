#include "sim/policy/gaps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace microdc {
namespace {

bool share_a_name(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) {
    return std::find(b.begin(), b.end(), name) != b.end();
  });
}

/// Rules of the subject's home that are in force and demand something.
std::vector<const Regulation*> rules_at_home(const PolicyCatalog& catalog,
                                             const DataSubject& subject) {
  const std::string& day = subject.day.empty() ? catalog.as_of : subject.day;
  const std::vector<std::string> home = catalog.around(subject.jurisdiction);
  std::vector<const Regulation*> rules;
  for (const Regulation& rule : catalog.regulations) {
    if (!rule.from.empty() && day < rule.from) continue;
    if (!rule.until.empty() && day >= rule.until) continue;
    if (rule.strength == Regulation::Strength::none) continue;
    if (rule.strength == Regulation::Strength::exposure) continue;
    if (rule.jurisdiction.empty() || share_a_name({rule.jurisdiction}, home)) {
      rules.push_back(&rule);
    }
  }
  return rules;
}

/// Of rules on a class, the sectors they bind; none if one of them binds the subject.
void add_ruled(const Regulation& rule, bool binds, const std::string& name, RuleGap& gap) {
  const auto [at, is_new] = gap.ruled.emplace(name, rule.sectors);
  if (binds) at->second.clear();
  if (is_new || at->second.empty()) return;
  for (const std::string& sector : rule.sectors) {
    if (!share_a_name({sector}, at->second)) at->second.push_back(sector);
  }
}

}  // namespace

std::vector<RuleGap> rule_gaps(const PolicyCatalog& catalog, const DataSubject& subject) {
  const std::vector<const Regulation*> rules = rules_at_home(catalog, subject);
  const std::vector<std::string> sectors = catalog.sectors_of(subject.sector);
  const auto binds = [&](const Regulation& rule) {
    return rule.sectors.empty() || share_a_name(rule.sectors, sectors);
  };
  const Jurisdiction* home = catalog.jurisdiction(subject.jurisdiction);
  std::vector<RuleGap> gaps;
  std::set<std::string> seen;
  for (const std::string& word : subject.classes) {
    const std::vector<std::string> family = catalog.implied({word});
    if (!seen.insert(family.front()).second) continue;
    RuleGap gap{.data_class = family.front(),
                .place = home == nullptr ? subject.jurisdiction : home->label};
    const bool ruled = std::any_of(rules.begin(), rules.end(), [&](const Regulation* rule) {
      return binds(*rule) &&
             (rule->data_classes.empty() || share_a_name(rule->data_classes, family));
    });
    if (ruled) continue;
    for (const Regulation* rule : rules) {
      for (const std::string& name : rule->data_classes) {
        if (share_a_name(catalog.implied({name}), family))
          add_ruled(*rule, binds(*rule), name, gap);
      }
    }
    if (!gap.ruled.empty()) gaps.push_back(std::move(gap));
  }
  return gaps;
}

std::string gap_text(const RuleGap& gap) {
  std::vector<std::string> ruled;
  for (const auto& [name, sectors] : gap.ruled) {
    ruled.push_back(sectors.empty() ? name
                                    : fmt::format("{} (of {})", name, fmt::join(sectors, ", ")));
  }
  return fmt::format("the catalog has no rule on \"{}\" in {}; it has rules there on: {}",
                     gap.data_class, gap.place, fmt::join(ruled, ", "));
}

}  // namespace microdc
