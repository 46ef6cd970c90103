// What somebody measured on a real machine, to stand beside the prediction.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/quantity_text.hpp"

namespace microdc {

/// One measured figure under the path of the figure that predicts it, in its unit.
struct MeasuredMetric {
  std::string path;        ///< in the result: "latency.ttft_s.p50"
  double value = 0;        ///< in base units: seconds, 1/s, joules
  std::string source_key;  ///< the file's name for it
};

struct MeasuredFigures {
  std::string format;
  std::vector<MeasuredMetric> metrics;
};

/// A registered format (one file each in sim/report/measured/).
struct MeasuredFormat {
  std::string_view name;
  std::string_view description;
  /// Whether a file with this content is of this format.
  std::function<bool(const std::string& content)> recognises;
  /// Keys that stand for no figure of a result are named in a note.
  std::function<Result<MeasuredFigures>(const std::string& content, const std::string& file)> read;
};
const std::vector<MeasuredFormat>& measured_formats();

/// Reads a file in the first format that recognises it. Errors: no such file, no format, a value
/// that is no number, nothing to compare.
Result<MeasuredFigures> read_measured(const std::filesystem::path& file);

struct ComparedMetric {
  MeasuredMetric measured;
  std::optional<double> predicted;
  std::optional<double> error;  ///< (predicted - measured) / measured; empty without prediction
};
struct MeasuredComparison {
  std::string file;
  std::string format;
  std::vector<ComparedMetric> metrics;
};

/// Puts measurements beside predictions (figures of a result by path), in the order of the paths.
MeasuredComparison compare_with_measured(const MeasuredFigures& run, const std::string& file,
                                         const std::map<std::string, double>& predicted);

/// How a figure of the result can be compared.
struct ComparableFigure {
  std::string_view path;
  Dimension dimension = Dimension::none;
};
/// All figures that a measurement may have, percentiles of latencies apart.
const std::vector<ComparableFigure>& comparable_figures();

/// Path of a latency statistic: ("ttft", "median" | "mean" | "p95") gives "latency.ttft_s.p50".
/// Nullopt if the result has no such statistic.
std::optional<std::string> latency_path(std::string_view latency, std::string_view statistic);

}  // namespace microdc
