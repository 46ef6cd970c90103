// Whether an organisation's data may be processed at a place, and which rules say so.
#pragma once

#include <string>
#include <vector>

#include "sim/policy/catalog.hpp"

namespace microdc {

/// Whose data, and what has been arranged.
struct DataSubject {
  std::string jurisdiction;             ///< of the organisation
  std::string sector;                   ///< empty: rules that bind some sectors only are left out
  std::vector<std::string> conditions;  ///< that it fulfils
  std::string day;                      ///< rules in force then; empty: PolicyCatalog::as_of
  std::vector<std::string> classes;     ///< everything that a request touches
};

/// Where data would be.
struct DataLocation {
  std::string jurisdiction;
  std::string operator_jurisdiction;
  bool third_party = true;                ///< somebody else than the organisation runs it
  std::vector<std::string> attestations;  ///< of the operator
};

/// What the rules of one question say about a place.
struct Decision {
  std::string topic;  ///< Regulation::topic
  Regulation::Strength strength = Regulation::Strength::conditional;
  bool satisfied = false;
  std::string rule;  ///< that is satisfied; if none is, the first of the question
  std::string how;   ///< "in CA", "anywhere if agent_agreement"
  /// Sets of conditions any of which would satisfy it; empty: none does at this place.
  std::vector<std::vector<std::string>> open;
  bool from_memory = false;  ///< the rule's text has not been verified
};

struct Verdict {
  bool allowed = true;
  std::vector<Decision> decisions;     ///< one per question that applies, hard and soft ones
  std::vector<std::string> exposures;  ///< rules by which others can order the data out

  /// The first hard question that is not satisfied; null if allowed.
  [[nodiscard]] const Decision* reason() const;
  /// Hard questions that are not satisfied.
  [[nodiscard]] std::vector<const Decision*> unmet() const;
  /// Whatever the organisation and the operator fulfil. If neither this nor `allowed`, it is not
  /// allowed as things are described: conditions or attestations are missing.
  [[nodiscard]] bool forbidden() const;
  /// Takes in what is said of other data or of another place: of both the worse.
  void add(Verdict other);
  /// Soft questions that are not satisfied.
  [[nodiscard]] std::vector<const Decision*> breaches() const;
};

/// Rules that are in force, bind the subject and concern its data are all applied: of each question
/// one rule has to be satisfied.
Verdict judge(const PolicyCatalog& catalog, const DataSubject& subject,
              const DataLocation& location);

/// Of each question that is not satisfied, the sets of names any of which would satisfy it.
using Needs = std::vector<std::vector<std::vector<std::string>>>;
/// Left out: questions that nothing opens, and those that what another one demands answers too.
Needs needs_of(const Verdict& verdict);
/// "agent_agreement; hds (attestation: the catalog knows of none), or …". `stated`: attestations
/// that some operator is known to hold.
std::string needs_text(const PolicyCatalog& catalog, const Needs& needs,
                       const std::vector<std::string>& stated);

/// What a question that is not satisfied asks for: "agent_agreement, or patient_consent".
std::string asked_text(const Decision& decision);

/// "CA, or anywhere if agent_agreement"
std::string ways_text(const Regulation& rule);

}  // namespace microdc
