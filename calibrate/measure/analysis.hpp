// From the results of a measured machine to its profile: everything that the report says is
// computed here, from the results alone.
#pragma once

#include <string>
#include <vector>

#include "calibrate/calibration.hpp"
#include "calibrate/measure/device_entry.hpp"
#include "calibrate/measure/result_store.hpp"

namespace microdc {

/// One law point: both passes, the law, and what the device could at best.
struct LawPoint {
  MeasuredPoint point;             ///< of the first pass that has it
  double seconds = 0;              ///< geometric mean of the passes
  std::optional<double> repeat;    ///< log(second pass / first pass)
  std::optional<double> eager;     ///< [s] launched one by one
  std::optional<double> fitted;    ///< [s] by the law of its source and format
  std::optional<double> interval;  ///< half-width of the law's 90 % interval, in the logarithm
  double light = 0;                ///< [s] at the measured limits
};

/// How near kernels of one operation and format come to a limit.
struct ReachedShare {
  std::string operation, format, source;
  std::string of;     ///< "copy bandwidth", "arithmetic peak", "cublaslt"
  double median = 0;  ///< of the largest points
  double best = 0;
  std::int64_t points = 0;
};

struct MeasurementAnalysis {
  MeasuredMachine machine;
  DeviceEntry entry;
  DeviceLimits limits;
  CalibrationReport calibration;  ///< with one profile, complete with variants and measurement
  std::vector<LawPoint> points;
  std::vector<ReachedShare> reached;
  std::vector<MeasuredPoint> refused;       ///< what could not be verified or had no memory
  std::vector<MeasuredPoint> limit_points;  ///< memory curve, peaks, launches
  std::vector<MeasuredPoint> loads;         ///< idle, bursts, sustained load

  [[nodiscard]] const DeviceProfile& profile() const { return calibration.profiles.front(); }
};

/// Law points of the results as rows of a table of kernels of `device`; passes become one row.
/// Points that only the race, the curve or an eager launch needs are no rows; what was refused is
/// counted as dropped.
KernelTable law_rows(const std::vector<MeasuredPoint>& points, const std::string& device);

/// Fits everything. Errors: no limits yet, no law with enough points.
Result<MeasurementAnalysis> analyse_measurements(const ResultStore& store,
                                                 const HardwareCatalog& catalog);

}  // namespace microdc
