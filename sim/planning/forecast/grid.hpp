// What a rack reaches under other loads, with models of other sizes, on hardware of other years:
// simulated at the points of a grid, interpolated in the logarithm between them.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/planning/forecast/next_rack.hpp"
#include "sim/planning/plan/demand.hpp"
#include "sim/planning/run_store.hpp"
#include "sim/serving/catalogs.hpp"

namespace microdc {

/// One week on one rack, and what a year of such weeks takes.
struct OperatingPoint {
  std::string failure;                ///< it cannot be deployed; empty otherwise
  double within = 0;                  ///< share of the requests within every latency target
  std::optional<double> ttft;         ///< at the quantile of needs.attainment [s]
  std::optional<double> tpot;         ///< the same
  std::optional<double> energy;       ///< facility, per year [kWh]
  std::optional<double> energy_cost;  ///< per year, today's tariff [currency]
  std::optional<double> carbon;       ///< per year [t CO2e]
  std::optional<double> cloud_cost;   ///< of requests that the scenario itself sends to clouds, per
                                      ///< year at today's prices [currency]
  double requests = 0, input_tokens = 0, output_tokens = 0;  ///< per year
};
/// One line of text, for pipes and the store; and back. Numbers keep every bit.
std::string to_line(const OperatingPoint& point);
std::optional<OperatingPoint> operating_point_of_line(const std::string& line);

/// Simulates one week in this process, which must not have simulated before: `load` times the
/// week's demand, models of `size` times their parameters, hardware better by `factors`. Draw 0 is
/// the best estimate, draw i that of `simulate --samples`: laws, overheads, powers, tariff, PUE.
OperatingPoint operate(const Demand& week, const Catalogs& catalogs, double load, double size,
                       const HardwareFactors& factors, const std::filesystem::path& base_folder,
                       std::uint64_t draw = 0);

/// Coordinates; each axis ascends and has at least one point.
struct GridAxes {
  std::vector<double> loads;  ///< multiples of today's demand
  std::vector<double> sizes;  ///< of the models, as shares of today's
  /// Hardware of the present rack first, then that of later ones.
  std::vector<HardwareFactors> hardware;
  std::vector<double> progress;  ///< one number per hardware, ascending; the first is 1
  std::size_t draws = 0;         ///< of the present rack with today's models, under every load
};

/// Index of today's load or size, 1, on an axis that holds it.
std::size_t index_of_today(const std::vector<double>& axis);

/// A point between those of the grid.
struct Operation {
  double within = 0;
  std::optional<double> ttft, tpot;  ///< empty where a neighbour has none
  std::optional<double> energy, energy_cost, carbon, cloud_cost;
};

struct GridSettings {
  int jobs = 1;
  std::filesystem::path base_folder = ".";
  const std::atomic<bool>* interrupt = nullptr;
  std::function<void(double share)> progress = {};
};

class OperatingGrid {
 public:
  /// Simulates what the store does not know, loads ascending. A rack that serves less than half of
  /// `attainment` in time is not simulated under more load: its share within targets counts as
  /// zero there, its latencies are not known and its energy stays. Larger models than today's are
  /// simulated on the present rack only. Null if interrupted. Errors: today's models under today's
  /// load cannot be deployed.
  static Result<std::optional<OperatingGrid>> simulate(const Demand& week, const Catalogs& catalogs,
                                                       GridAxes axes, double attainment,
                                                       RunStore& store,
                                                       const GridSettings& settings);
  /// From known points, in the order load, size, hardware (the last runs fastest): for tests.
  /// `drawn`: points of the draws, in the order draw, load.
  OperatingGrid(GridAxes axes, double attainment, std::vector<OperatingPoint> points,
                std::vector<OperatingPoint> drawn = {});

  /// Coordinates beyond the axes are taken at their ends. Latencies, energy, cost and carbon are
  /// interpolated linearly in their logarithms over the logarithms of the coordinates, the share
  /// within targets in its log odds. Draw 0 is the best estimate; draw i changes times, energy and
  /// cost by the factor, and log odds by the difference, that it makes on the present rack with
  /// today's models under this load.
  [[nodiscard]] Operation at(double load, double size, double progress, std::size_t draw = 0) const;
  /// Largest load up to which at least `attainment` of the requests are within targets; zero if
  /// none; the largest of the axis if it is more.
  [[nodiscard]] double capacity(double size, double progress, std::size_t draw = 0) const;
  /// Largest size of a model on the present rack that meets the targets under this load; empty if
  /// not even the smallest does.
  [[nodiscard]] std::optional<double> largest_size(double load, std::size_t draw = 0) const;
  /// Of today's models on the present rack; draw 0 is the best estimate.
  [[nodiscard]] const OperatingPoint& present(std::size_t load, std::size_t draw = 0) const;

  [[nodiscard]] const GridAxes& axes() const { return axes_; }
  [[nodiscard]] const OperatingPoint& point(std::size_t load, std::size_t size,
                                            std::size_t hardware) const;
  [[nodiscard]] std::size_t simulated() const { return simulated_; }
  [[nodiscard]] std::size_t remembered() const { return remembered_; }

 private:
  void carry_energy();
  void apply(std::size_t draw, double load, Operation& operation) const;

  GridAxes axes_;
  double attainment_ = 0;
  std::vector<OperatingPoint> points_;
  std::vector<OperatingPoint> drawn_;  ///< by draw and load
  std::size_t simulated_ = 0;
  std::size_t remembered_ = 0;
};

}  // namespace microdc
