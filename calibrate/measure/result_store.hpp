// Results on disk as they come: an interruption loses at most the point being measured.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "calibrate/measure/measured_point.hpp"
#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// What the results of a folder belong to (machine.json); a run that differs may not go on there.
struct MeasuredMachine {
  std::string name;  ///< as the device calls itself
  bool is_cpu = false;
  std::int64_t multiprocessors = 0;
  double memory = 0;  ///< [byte]
  double cache = 0;   ///< last level [byte]
  bool quick = false;
  std::int64_t seed = 1;
  std::string energy_gap;  ///< why energy is not measured; empty if it is
  /// Further tiles of the GEMM kernel that were asked for: "128x192x64-4-4x2,…".
  std::string tiles;
  std::string date;       ///< of the first point: "2026-11-27"
  std::int64_t plan = 1;  ///< plan_version of the program that began
};
void describe(FieldVisitor& visitor, MeasuredMachine& machine);

/// The results of one folder: kernels.csv, one line per point, and machine.json.
class ResultStore {
 public:
  /// Opens or creates the folder. Errors: not writable; results of another machine, or of another
  /// kind of run; a file of results that is damaged elsewhere than at its end.
  static Result<ResultStore> open(const std::filesystem::path& folder,
                                  const MeasuredMachine& machine);
  /// Reads without intending to go on. Errors: no results there; damaged ones.
  static Result<ResultStore> read(const std::filesystem::path& folder);

  /// Appends a point and waits until the disk has it. Error: it cannot be written.
  Diagnostics add(MeasuredPoint point);
  /// Null if it has not been measured.
  [[nodiscard]] const MeasuredPoint* find(const std::string& key) const;
  [[nodiscard]] const std::vector<MeasuredPoint>& points() const { return points_; }
  [[nodiscard]] const MeasuredMachine& machine() const { return machine_; }
  [[nodiscard]] std::filesystem::path results_file() const { return folder_ / results_name; }

  static constexpr const char* results_name = "kernels.csv";
  static constexpr const char* machine_name = "machine.json";

 private:
  std::filesystem::path folder_;
  MeasuredMachine machine_;
  std::vector<MeasuredPoint> points_;
  std::map<std::string, std::size_t> index_;

  Diagnostics load();
};

}  // namespace microdc
