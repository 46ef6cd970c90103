// How much slower or faster an engine is here than its catalog entry says: one factor on its times,
// from measured runs of a scenario.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/report/measured/measured.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

/// One measurement of a run of the scenario.
struct EndToEndMeasurement {
  std::string file;
  MeasuredFigures figures;
};

struct CorrectedFigure {
  std::string file, path;
  double measured = 0;
  double before = 0, after = 0;  ///< predicted without and with the correction
};

struct EngineCorrection {
  /// The engine with kernel factor and all overheads of a step multiplied, named NAME-measured.
  ServingEngine engine;
  double factor = 1;
  double low = 1, high = 1;              ///< central 90 %
  std::vector<CorrectedFigure> figures;  ///< all that can be compared, also those not fitted
};

/// Finds the factor with which the times between tokens (mean and median of TPOT or ITL; without
/// them, of throughput) agree on average. Its range comes from how much the figures disagree, and
/// is never narrower than the spread between machines in `catalogs.profiles`. Errors: pools with
/// several engines, nothing to compare, a factor beyond 1/3 to 3, requests or output tokens per
/// second beyond 1/1.5 to 1.5 even on the corrected engine: the scenario is not that run.
Result<EngineCorrection> correct_engine(const Scenario& scenario,
                                        const std::filesystem::path& base_folder,
                                        const Catalogs& catalogs,
                                        const std::vector<EndToEndMeasurement>& measurements);

/// An engine whose kernels and step overheads take `factor` as long.
ServingEngine slowed(ServingEngine engine, double factor);

}  // namespace microdc
