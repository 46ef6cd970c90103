// Which of a scenario's numbers an answer hangs on, and what it is over a grid of them. Every run
// has the same seed, so that a difference between two of them is no noise.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/economics/catalog.hpp"
#include "sim/planning/sensitivity/leaves.hpp"
#include "sim/planning/sensitivity/sweep.hpp"
#include "sim/report/bands.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

struct SensitivitySettings {
  int jobs = 1;
  /// Draws of laws, prices, powers and overheads for P10 to P90 of a sweep's points and of a
  /// tornado's base; draw i is the same for all points.
  std::size_t samples = 0;
  std::filesystem::path base_folder = ".";
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(double share)> progress = {};
};

/// What is varied by default: sim/planning/catalog/sensitivity.json.
struct MainAssumptions {
  double spread = 0.2;
  std::vector<std::string> variables;  ///< patterns of paths
  bool named = false;  ///< the user has named them: nothing else is turned, each has to fit
};
Result<MainAssumptions> load_main_assumptions(const std::filesystem::path& file);

/// Of each figure over draws; empty without draws, or where a draw does not tell it.
using FigureBands = std::vector<std::optional<Band>>;

/// One end of a variable's range and what it makes of each figure.
struct TurnedLeaf {
  double value = 0;  ///< base units
  std::string failure;
  std::vector<std::optional<double>> figures;  ///< as asked for
};
struct TornadoBar {
  ScenarioLeaf leaf;
  bool stated = false;  ///< the range is the scenario's (P10, P90), not the catalog's spread
  TurnedLeaf low, high;
  /// |figure at high - figure at low|; empty if one is missing.
  [[nodiscard]] std::optional<double> swing(std::size_t figure) const;
};

struct Tornado {
  bool interrupted = false;
  std::vector<std::string> figures;
  std::vector<std::optional<double>> base;
  FigureBands base_bands;
  std::vector<TornadoBar> bars;  ///< in the order of the scenario
  /// Bars by falling swing of a figure; ones without come last.
  [[nodiscard]] std::vector<std::size_t> order(std::size_t figure) const;
};

/// Turns each leaf with a range from one end to the other, and each main assumption by the spread,
/// all others as they are. `figures` are paths of result_figures. Errors: the scenario cannot be
/// simulated; a figure that its result lacks (with the nearest match); a
/// pattern of `assumptions` that must fit (`named`), but fits no number of the scenario.
Result<Tornado> make_tornado(const Scenario& scenario, const Catalogs& catalogs,
                             const EconomicsCatalog& economics, const MainAssumptions& assumptions,
                             const std::vector<std::string>& figures,
                             const SensitivitySettings& settings);

struct SweepPoint {
  std::string failure;  ///< why it has no figures; empty otherwise
  std::vector<std::optional<double>> figures;
  FigureBands bands;
};
struct Sweep {
  bool interrupted = false;
  std::vector<SweepAxis> axes;
  std::vector<std::string> figures;
  std::vector<SweepPoint> points;  ///< in the order of changes_of
  [[nodiscard]] bool has_bands() const { return !points.empty() && !points.front().bands.empty(); }
};

/// Reads the scenario with some changes; errors as of load_scenario.
using MakeScenario = std::function<Result<Scenario>(const std::vector<Override>&)>;

/// Simulates every point. Errors: those of the scenario at the first and last value of each axis; a
/// figure that no result has. A point that fails is no error, it says so.
Result<Sweep> make_sweep(const MakeScenario& make, const std::vector<SweepAxis>& axes,
                         const Catalogs& catalogs, const EconomicsCatalog& economics,
                         const std::vector<std::string>& figures,
                         const SensitivitySettings& settings);

}  // namespace microdc
