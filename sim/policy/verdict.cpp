#include "sim/policy/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace microdc {
namespace {

using ClassNames = std::vector<std::string>;

bool holds(const ClassNames& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool meet(const ClassNames& a, const ClassNames& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) { return holds(b, name); });
}

std::string joined(const ClassNames& names) { return fmt::format("{}", fmt::join(names, " and ")); }

std::string way_text(const Way& way) {
  std::string text =
      way.places.empty() ? "anywhere" : fmt::format("in {}", fmt::join(way.places, ", "));
  if (!way.operators.empty()) {
    text += fmt::format(", operator of {},", fmt::join(way.operators, ", "));
  }
  if (!way.conditions.empty()) text += " if " + joined(way.conditions);
  if (text.ends_with(',')) text.pop_back();
  return text;
}

class Judge {
 public:
  Judge(const PolicyCatalog& catalog, const DataSubject& subject, const DataLocation& location)
      : catalog_(catalog),
        location_(location),
        day_(subject.day.empty() ? catalog.as_of : subject.day),
        home_(catalog.around(subject.jurisdiction)),
        here_(catalog.around(location.jurisdiction)),
        operator_(catalog.around(location.operator_jurisdiction)),
        sectors_(catalog.sectors_of(subject.sector)),
        classes_(catalog.implied(subject.classes)),
        fulfilled_(subject.conditions) {
    fulfilled_.insert(fulfilled_.end(), location.attestations.begin(), location.attestations.end());
  }

  Verdict run() {
    Verdict verdict;
    for (const Regulation& rule : catalog_.regulations) {
      if (!applies(rule)) continue;
      if (rule.strength == Regulation::Strength::exposure) {
        if (meet(rule.reaches, operator_)) verdict.exposures.push_back(rule.name);
      } else if (rule.strength != Regulation::Strength::none) {
        weigh(rule, decision_of(rule, verdict));
      }
    }
    verdict.allowed = verdict.reason() == nullptr;
    return verdict;
  }

 private:
  [[nodiscard]] bool applies(const Regulation& rule) const {
    if (!rule.from.empty() && day_ < rule.from) return false;
    if (!rule.until.empty() && day_ >= rule.until) return false;
    if (rule.scope == Regulation::Scope::third_party && !location_.third_party) return false;
    if (!rule.jurisdiction.empty() && !holds(home_, rule.jurisdiction)) return false;
    if (!rule.sectors.empty() && !meet(rule.sectors, sectors_)) return false;
    return rule.data_classes.empty() || meet(rule.data_classes, classes_);
  }

  static Decision& decision_of(const Regulation& rule, Verdict& verdict) {
    for (Decision& decision : verdict.decisions) {
      if (decision.topic == rule.topic()) return decision;
    }
    verdict.decisions.push_back({.topic = rule.topic(),
                                 .strength = rule.strength,
                                 .rule = rule.name,
                                 .from_memory = rule.evidence != "sourced"});
    return verdict.decisions.back();
  }

  void weigh(const Regulation& rule, Decision& decision) const {
    for (const Way& way : rule.ways) {
      if (decision.satisfied) return;
      const auto needed = needed_here(way);
      if (!needed) continue;
      ClassNames missing;
      for (const std::string& condition : *needed) {
        if (!holds(fulfilled_, condition)) missing.push_back(condition);
      }
      if (missing.empty()) {
        decision.satisfied = true;
        decision.rule = rule.name;
        decision.how = way_text(way);
        decision.from_memory = rule.evidence != "sourced";
        decision.open.clear();
      } else {
        decision.open.push_back(std::move(missing));
      }
    }
  }

  /// Conditions of the way and of the list that brings in the place; empty if it does not lead
  /// here.
  [[nodiscard]] std::optional<ClassNames> needed_here(const Way& way) const {
    if (!way.operators.empty() && !meet(way.operators, operator_)) return std::nullopt;
    ClassNames needed = way.conditions;
    if (way.places.empty() || meet(way.places, here_)) return needed;
    for (const std::string& name : way.places) {
      const PlaceList* list = catalog_.list(name);
      if (list == nullptr) continue;
      for (const PlaceList::Member& member : list->members) {
        if (!holds(here_, member.place)) continue;
        if (!member.condition.empty()) needed.push_back(member.condition);
        return needed;
      }
    }
    return std::nullopt;
  }

  const PolicyCatalog& catalog_;
  const DataLocation& location_;
  std::string day_;
  ClassNames home_, here_, operator_, sectors_, classes_, fulfilled_;
};

}  // namespace

const Decision* Verdict::reason() const {
  for (const Decision& decision : decisions) {
    if (!decision.satisfied && decision.strength != Regulation::Strength::soft) return &decision;
  }
  return nullptr;
}

std::vector<const Decision*> Verdict::unmet() const {
  std::vector<const Decision*> found;
  for (const Decision& decision : decisions) {
    if (!decision.satisfied && decision.strength != Regulation::Strength::soft) {
      found.push_back(&decision);
    }
  }
  return found;
}

bool Verdict::forbidden() const {
  const std::vector<const Decision*> all = unmet();
  return std::any_of(all.begin(), all.end(),
                     [](const Decision* decision) { return decision->open.empty(); });
}

std::vector<const Decision*> Verdict::breaches() const {
  std::vector<const Decision*> found;
  for (const Decision& decision : decisions) {
    if (!decision.satisfied && decision.strength == Regulation::Strength::soft) {
      found.push_back(&decision);
    }
  }
  return found;
}

Verdict judge(const PolicyCatalog& catalog, const DataSubject& subject,
              const DataLocation& location) {
  return Judge(catalog, subject, location).run();
}

void Verdict::add(Verdict other) {
  if (!other.allowed && allowed) std::swap(*this, other);
  for (const Decision& decision : other.decisions) {
    const auto same = std::find_if(decisions.begin(), decisions.end(), [&](const Decision& own) {
      return own.topic == decision.topic;
    });
    if (same == decisions.end()) {
      decisions.push_back(decision);
    } else if ((same->satisfied && !decision.satisfied) ||
               (!decision.satisfied && decision.open.empty())) {
      *same = decision;
    }
  }
  for (const std::string& rule : other.exposures) {
    if (!holds(exposures, rule)) exposures.push_back(rule);
  }
}

Needs needs_of(const Verdict& verdict) {
  Needs needs;
  for (const Decision* decision : verdict.unmet()) {
    if (!decision->open.empty()) needs.push_back(decision->open);
  }
  // What another question demands in any case answers this one too.
  ClassNames demanded;
  for (const auto& question : needs) {
    if (question.size() == 1) {
      demanded.insert(demanded.end(), question[0].begin(), question[0].end());
    }
  }
  std::erase_if(needs, [&](const auto& question) {
    return question.size() > 1 &&
           std::any_of(question.begin(), question.end(), [&](const ClassNames& names) {
             return std::all_of(names.begin(), names.end(),
                                [&](const std::string& name) { return holds(demanded, name); });
           });
  });
  return needs;
}

std::string needs_text(const PolicyCatalog& catalog, const Needs& needs,
                       const std::vector<std::string>& stated) {
  std::vector<std::string> questions;
  for (const auto& question : needs) {
    std::vector<std::string> ways;
    for (const ClassNames& names : question) {
      ClassNames words;
      for (const std::string& name : names) {
        const Condition* condition = catalog.condition(name);
        const bool attested =
            condition != nullptr && condition->held_by == Condition::Holder::operator_of_place;
        words.push_back(condition == nullptr || condition->label.empty()
                            ? name
                            : fmt::format("{} ({})", condition->label, name));
        if (!attested) continue;
        words.back() +=
            holds(stated, name) ? " (attestation)" : " (attestation: the catalog knows of none)";
      }
      ways.push_back(joined(words));
    }
    questions.push_back(fmt::format("{}", fmt::join(ways, ", or ")));
  }
  return fmt::format("{}", fmt::join(questions, "; "));
}

std::string asked_text(const Decision& decision) {
  std::vector<std::string> ways;
  for (const auto& missing : decision.open) ways.push_back(joined(missing));
  return fmt::format("{}", fmt::join(ways, ", or "));
}

std::string ways_text(const Regulation& rule) {
  std::vector<std::string> ways;
  for (const Way& way : rule.ways) ways.push_back(way_text(way));
  return ways.empty() ? "nowhere" : fmt::format("{}", fmt::join(ways, "; or "));
}

}  // namespace microdc
