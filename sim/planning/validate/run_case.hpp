// A measured run as a scenario that can be simulated.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "models/step_work.hpp"
#include "sim/planning/validate/conventions.hpp"
#include "sim/planning/validate/measured_requests.hpp"
#include "sim/planning/validate/measured_run.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/workload/generators.hpp"

namespace microdc {

/// Why a run cannot be predicted: a few words that are the same for all runs of a kind.
struct Skip {
  std::string reason;
};

/// Degrees of one pool.
struct PoolLayout {
  ParallelLayout layout;
  std::int64_t replicas = 1;
};

struct RunLayout {
  PoolLayout serving;                 ///< the only pool, or the decode pool
  std::optional<PoolLayout> prefill;  ///< disaggregated: the prefill pool
  std::int64_t gpus = 1;              ///< all together
};

/// What the run was loaded with.
struct RunTraffic {
  RequestStream stream;
  /// Requests that may run at once; empty: the engine's limit.
  std::optional<std::int64_t> max_num_seqs;
  bool steady_state = false;  ///< measure with a full batch, while requests wait
  std::int64_t batch = 0;     ///< requests that shall run at once; 0: as the engine decides
  double mean_input = 0;      ///< tokens
  double mean_output = 0;
};

struct RunCase {
  Scenario scenario;
  ServerType server;
  RequestStream stream;
  bool steady_state = false;
  bool itl_is_per_request = false;
  std::int64_t polling_steps = 1;        ///< steps between two looks for new requests
  std::vector<std::string> assumptions;  ///< what was filled in
};

/// Degrees from the columns, or from the notes of a disaggregated run. Pure function of the row.
std::variant<RunLayout, Skip> run_layout(const MeasuredRun& run, const SourceConvention& source);

/// Requests of the run. `seed` of lengths and arrivals.
std::variant<RunTraffic, Skip> run_traffic(const MeasuredRun& run, const Conventions& conventions,
                                           const SourceConvention& source,
                                           const std::vector<TraceRequest>* requests,
                                           std::uint64_t seed);

/// The engine that a row means: one of that version if there is any, else the engine.
const ServingEngine* find_engine(const EngineCatalog& engines, const std::string& name,
                                 const std::string& version);
/// The model that a row means: by its id, or without a suffix that only names its number format.
const ModelCard* find_model(const ModelCatalog& models, const std::string& name);

/// Puts all together.
std::variant<RunCase, Skip> make_case(const MeasuredRun& run, const Catalogs& catalogs,
                                      const Conventions& conventions,
                                      const MeasuredRequests& requests, std::uint64_t seed);

}  // namespace microdc
