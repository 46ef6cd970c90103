// Checks afterwards that every request went where the rules allow. It shares no code with the mask
// that the gateway obeys (verdict.cpp, residency.cpp): it reads the log of placements and the files
// of the catalog by itself, so that a mistake in one of the two shows. Planning aid, not legal
// advice.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/results.hpp"

namespace microdc {

/// Requests of one kind at one place.
struct AuditedPlace {
  std::string name;  ///< pool or cloud
  std::string site;  ///< of a pool
  bool cloud = false;
  std::string jurisdiction;
  std::string operator_jurisdiction;
  std::int64_t requests = 0;  ///< that data of which were there
  bool lawful = true;
  std::vector<std::string> allowed_by;  ///< rules, one per question that applies
  std::vector<std::string> violated;    ///< rules that forbid it
  std::vector<std::string> breached;    ///< policies without force of law
  std::vector<std::string> exposed_by;  ///< rules by which others can order the data out
  std::vector<std::string> unverified;  ///< of all these, rules whose text is from memory
};

/// A stated class that no rule concerns, though rules of the organisation's place concern its kind.
struct AuditedGap {
  std::string data_class;
  std::vector<std::string> ruled;  ///< classes that rules there concern
};

/// What became of the requests that touch the same data.
struct AuditedClass {
  std::vector<std::string> workloads;
  std::vector<std::string> data_classes;  ///< as stated; empty: none
  std::int64_t requests = 0;
  std::vector<AuditedPlace> places;
  std::vector<AuditedGap> without_rule;
  /// Whether some, and all clouds of the scenario may take them; empty: it has no clouds.
  std::optional<bool> some_cloud_may, all_clouds_may;
};

struct ResidencyAudit {
  std::int64_t requests = 0;    ///< that were sent anywhere
  std::int64_t placements = 0;  ///< more, if requests moved
  std::int64_t violations = 0;  ///< placements that a rule forbids
  std::vector<AuditedClass> classes;
  /// Share of the requests that no cloud of the scenario may take; empty: it has none.
  std::optional<double> no_cloud_share;
  std::string day;         ///< on which the rules are in force
  std::string catalog_of;  ///< day that the catalog describes
};

/// Nullopt if no law binds the organisation. Needs a result with placements. Errors: files of the
/// catalog that cannot be read, names that it does not define.
Result<std::optional<ResidencyAudit>> audit_residency(const Scenario& scenario,
                                                      const SimulationResult& result,
                                                      const std::filesystem::path& catalog_folder);

}  // namespace microdc
