// Those who want more than sums: per-request files, step traces, timelines.
#pragma once

#include <cstdint>
#include <string>

#include "sim/serving/replica.hpp"

namespace microdc {

enum class RequestOutcome { completed, rejected, timed_out };

/// One request when it is over. Times are nanoseconds from the start; -1: did not happen.
struct RequestRecord {
  std::uint32_t stream = 0;
  std::uint32_t request = 0;  ///< index in the stream
  RequestOutcome outcome = RequestOutcome::completed;
  Nanoseconds arrival = 0;
  Nanoseconds first_scheduled = -1;
  Nanoseconds first_token = -1;
  Nanoseconds finished = -1;
  std::int32_t input_tokens = 0;
  std::int32_t output_tokens = 0;
  std::uint32_t replica = 0;
  std::uint16_t target = 0;  ///< pool or cloud (sim/scenario/targets.hpp); clouds have no replica
  std::uint16_t attempts = 0;
  bool within_slo = false;  ///< completed within every objective
};

/// Samples that a run takes at most; about a gigabyte of timeline.csv.
inline constexpr std::int64_t max_timeline_samples = 10'000'000;

/// State of the whole rack at one moment.
struct TimelineSample {
  Nanoseconds time = 0;
  std::int64_t running = 0;
  std::int64_t waiting = 0;
  std::int64_t completed = 0;
  std::int64_t replicas_online = 0;
  double kv_use = 0;  ///< blocks in use / blocks
  Watts accelerator_power;
  Watts it_power;
};

class SimulationObserver : public StepObserver {
 public:
  virtual void on_request(const RequestRecord& record) = 0;
  virtual void on_sample(const TimelineSample& sample) = 0;
};

}  // namespace microdc
