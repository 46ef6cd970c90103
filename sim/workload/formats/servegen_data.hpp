// What ServeGen (github.com/alibaba/ServeGen, Apache-2.0) publishes of a client: arrival statistics
// per window of 600 s (chunk-N-trace.csv) and distributions of lengths (chunk-N-dataset.json).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/workload/formats/trace_builder.hpp"

namespace microdc {

/// Arrivals of one client in one window: a renewal process.
struct ServegenWindow {
  double start = 0;  ///< [s]
  double rate = 0;   ///< [1/s]
  enum class Gaps { exponential, gamma, weibull };
  Gaps gaps = Gaps::exponential;
  double shape = 1;
};

/// A discrete distribution: values and their cumulative probability.
struct ServegenPdf {
  std::vector<double> values;
  std::vector<double> cumulative;
  [[nodiscard]] bool empty() const { return values.empty(); }
  /// The value at quantile u in (0, 1).
  [[nodiscard]] double at(double u) const;
};

enum class ServegenField {
  input,
  output,
  text,
  image_tokens,
  image_count,
  audio_tokens,
  audio_count,
  video_tokens,
  video_count,
  count
};

/// Distributions of lengths from `start` on.
struct ServegenLengths {
  double start = 0;
  std::array<ServegenPdf, static_cast<std::size_t>(ServegenField::count)> fields;
  [[nodiscard]] const ServegenPdf& of(ServegenField field) const {
    return fields[static_cast<std::size_t>(field)];
  }
  /// Whether prompts and answers can be drawn from it.
  [[nodiscard]] bool usable() const;
};

struct ServegenClient {
  std::vector<ServegenWindow> windows;   ///< by start
  std::vector<ServegenLengths> lengths;  ///< usable ones by start
};

/// Parses one file of a client; mistakes go to `builder`, with the file's name in the archive.
void parse_servegen_windows(std::string_view text, const std::string& archive,
                            const std::string& member, ServegenClient& client,
                            TraceBuilder& builder);
void parse_servegen_lengths(std::string_view text, const std::string& archive,
                            const std::string& member, ServegenClient& client,
                            TraceBuilder& builder);

}  // namespace microdc
