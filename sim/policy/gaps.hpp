// Data that no rule of the catalog concerns, though it has rules there on data of the same kind:
// what a catalog does not know is no permission. Planning aid, not legal advice.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/policy/verdict.hpp"

namespace microdc {

struct RuleGap {
  std::string data_class;  ///< that the subject states, by the catalog's name
  std::string place;       ///< "Ontario"
  /// Classes of the same family (both are a third one, or one is the other) that rules of the place
  /// concern, with the sectors which these rules bind; none: they bind the subject's as well.
  std::map<std::string, std::vector<std::string>> ruled;
};

/// One per class of the subject without a rule in force that binds it and demands something.
std::vector<RuleGap> rule_gaps(const PolicyCatalog& catalog, const DataSubject& subject);

/// 'the catalog has no rule on "customer_data" in Ontario; it has rules there on: health_data'
std::string gap_text(const RuleGap& gap);

}  // namespace microdc
