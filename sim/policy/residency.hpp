// Which requests of a scenario may go where: decided once, before anything is simulated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/policy/verdict.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/placement.hpp"

namespace microdc {

/// A pool or cloud. A pool stands wherever its servers do, and those of the pool that decodes for
/// it: all of these places have to be lawful.
struct DataPlace {
  std::string name;
  bool cloud = false;
  std::vector<DataLocation> locations;
};

/// Places of all targets, pools first (sim/scenario/targets.hpp).
std::vector<DataPlace> data_places(const Scenario& scenario);

/// What each request of a workload touches: the classes of its prompts and of the documents it may
/// read. Logs and caches hold the same and stay where the request is served.
std::vector<std::string> classes_of(const Scenario& scenario, const WorkloadSpec& workload);

/// What rules are asked about a workload: whose data it is, of which classes, what is arranged.
DataSubject subject_of(const Scenario& scenario, const WorkloadSpec& workload);

/// What the rules say of the data of all workloads at one place; nullopt if no law binds the
/// organisation.
std::optional<Verdict> verdict_of_all(const Scenario& scenario, const PolicyCatalog& catalog,
                                      const DataLocation& location);

/// What the organisation has to fulfil before its own pools may take all workloads: of each
/// question that is open there the shortest answer that it has in hand. Empty if no law binds it.
std::vector<std::string> conditions_to_fulfil(const Scenario& scenario,
                                              const PolicyCatalog& catalog);

struct Residency {
  std::vector<DataPlace> places;
  std::vector<std::vector<Verdict>> verdicts;  ///< by workload, then by place
  PlacementTable table;                        ///< the same for the gateway
};

/// Nullopt if no law binds the organisation (no jurisdiction). Errors: a day that is none, names
/// that the catalog does not define, a workload that no target of its own may serve, a knowledge
/// base at a place that may not hold its documents. Warnings: policies without force of law that
/// are breached; no sector, so that some rules are left out.
Result<std::optional<Residency>> residency_of(const Scenario& scenario,
                                              const PolicyCatalog& catalog);

/// The table of a scenario that has passed residency_of before, by the program's own catalog: empty
/// if no law binds, nothing allowed if the rules cannot be applied.
PlacementTable lawful_placements(const Scenario& scenario);

}  // namespace microdc
