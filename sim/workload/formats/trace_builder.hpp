// Collects the rows of a trace for all readers: checks them, keeps account of what was changed and
// dropped, sorts, cuts the window.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/workload/formats/input_bytes.hpp"
#include "sim/workload/formats/line_reader.hpp"
#include "sim/workload/trace_read.hpp"

namespace microdc {

/// Tokens of one prompt or answer that a trace may state; far above every model's context.
inline constexpr std::int64_t max_request_tokens = 100'000'000;

class TraceBuilder {
 public:
  TraceBuilder(const InputBytes& input, std::string format, const TraceReadOptions& options);

  struct Row {
    std::int64_t line = 0;  ///< 0: drawn, not read, so that its order in the file means nothing
    Nanoseconds time = 0;
    std::int64_t input_tokens = 0;
    std::int64_t output_tokens = 0;
    std::uint16_t client = 0;
    std::span<const std::uint32_t> prefix = {};
  };
  /// Adds a row, drops it (no input or no output tokens), or records an error. `calendar`: its time
  /// may be before 1970 and is no offset.
  void add(const Row& row, bool calendar = false);
  /// Counts a data row; every row is counted once, kept or not.
  void count_row() { ++report_.rows_read; }
  void drop(std::int64_t line, std::string_view reason) { note(report_.dropped, line, reason); }
  void change(std::int64_t line, std::string_view reason) { note(report_.changed, line, reason); }
  void remark(std::string text) { report_.notes.push_back(std::move(text)); }
  /// An error in one line.
  void error(std::int64_t line, std::string message, std::string_view found, std::string allowed,
             std::string fix);
  void error(Diagnostic diagnostic);
  /// Whether reading is to stop: too many errors or too many requests.
  [[nodiscard]] bool stopped() const { return stopped_; }
  /// Index of the traffic class with this name.
  std::uint16_t client(std::string_view name);
  [[nodiscard]] bool has_errors() const { return error_count_ > 0; }

  Trace& trace() { return trace_; }
  TraceReadReport& report() { return report_; }

  struct Ending {
    /// The clock starts with the first request (calendar times); else at the file's zero.
    bool clock_from_first = false;
    /// Length of the observation if the file states it.
    Nanoseconds duration = 0;
  };
  /// The finished trace, or all errors. `reader` may be null.
  Result<ReadTrace> finish(const LineReader* reader, const Ending& ending);

 private:
  static void note(std::vector<RowNote>& notes, std::int64_t line, std::string_view reason);
  void sort_by_arrival();
  bool start_clock(const Ending& ending);
  void cut_window();

  std::string file_;
  TraceReadOptions options_;
  Trace trace_;
  TraceReadReport report_;
  Diagnostics errors_;
  std::int64_t error_count_ = 0;
  bool stopped_ = false;
  Nanoseconds latest_ = INT64_MIN;
  std::unordered_map<std::string, std::uint16_t> clients_;
  std::string last_client_;
  std::uint16_t last_client_index_ = 0;
};

}  // namespace microdc
