// What the verb `calibrate` does, one file each.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "calibrate/calibration.hpp"
#include "sim/cli/verb.hpp"

namespace microdc::cli {

struct MeasureWords {
  std::string device;
  std::string limit;  ///< of time; empty: the device's own
  std::string tiles;  ///< further ones of the GEMM kernel, separated by commas
  bool quick = false;
  bool resume = false;
  bool quiet = false;
};
/// Measures a device of this machine, writes its profile and reports.
Answer measure(const MeasureWords& words, const CommonOptions& common, std::ostream& progress);

struct ImportWords {
  std::vector<std::string> files;
  std::string on;        ///< device, where files do not say
  std::string engine;    ///< kernel source, instead of the files'
  std::string scenario;  ///< that end-to-end measurements were taken of
  CalibrationOptions options;
};
/// Fits the laws of measured kernels, or corrects an engine by an end-to-end measurement.
Answer import_measurements(const ImportWords& words, const CommonOptions& common,
                           std::ostream& progress);
/// The part for end-to-end measurements: JSON of `vllm bench serve` or AIPerf.
Answer correct_engine(const ImportWords& words, const CommonOptions& common,
                      std::ostream& progress);

}  // namespace microdc::cli
