// Watches a simulated run and computes the figures that benchmarks report.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/serving/observers.hpp"

namespace microdc {

/// Keeps every request and step, so that figures can be taken over a window and quantiles are those
/// of a small sample (linear between order statistics, as numpy does).
class RunObserver final : public SimulationObserver {
 public:
  void on_step_begin(const Replica&, const StepRecord&) override {}
  void on_step_end(const Replica&, const StepRecord& record) override;
  void on_idle(const Replica&, Nanoseconds) override {}
  void on_request(const RequestRecord& record) override;
  void on_sample(const TimelineSample&) override {}

  /// Some tools report the mean gap of each request under the name of ITL.
  explicit RunObserver(bool itl_is_per_request) : itl_is_per_request_(itl_is_per_request) {}

  struct Window {
    Nanoseconds begin = 0;
    Nanoseconds end = 0;
    [[nodiscard]] double seconds() const { return static_cast<double>(end - begin) * 1e-9; }
  };
  [[nodiscard]] Window whole_run() const;
  /// With a full batch: from when it is full for the first time to the last step with a queue.
  /// Falls back to the whole run if there was no queue.
  [[nodiscard]] Window steady_state() const;

  /// Value of a latency metric ("ttft_p90_ms"; `unspecstat` is the mean) [ms]. Gaps between tokens
  /// are of the window, the others of all requests. Empty if there is no sample.
  [[nodiscard]] std::optional<double> latency_ms(const std::string& metric,
                                                 const Window& window) const;
  [[nodiscard]] double output_tokens(const Window& window) const;
  [[nodiscard]] double requests_finished(const Window& window) const;
  [[nodiscard]] double busy_energy(const Window& window) const;   ///< accelerators [J]
  [[nodiscard]] double busy_seconds(const Window& window) const;  ///< over all replicas
  [[nodiscard]] double peak_power() const;  ///< highest of any step, of one replica [W]
  [[nodiscard]] std::size_t completed() const { return completed_; }
  [[nodiscard]] std::size_t failed() const { return requests_.size() - completed_; }

 private:
  bool itl_is_per_request_;
  std::vector<StepRecord> steps_;
  std::vector<RequestRecord> requests_;
  std::size_t completed_ = 0;
};

/// Quantile of an unordered sample, linear between order statistics; the sample is reordered.
std::optional<double> sample_quantile(std::vector<double>& sample, double share);

}  // namespace microdc
