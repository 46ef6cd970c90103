// A device whose kernels take the time of a known law on a clock of their own, with noise.
#pragma once

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "calibrate/measure/result_store.hpp"
#include "calibrate/measure/timing.hpp"
#include "hwprofiles/laws/draws.hpp"
#include "kernels/kernel.hpp"

namespace microdc::test {

/// Moves only when somebody sleeps or a fake kernel runs.
class FakeClock final : public MeasuringClock {
 public:
  double now() override { return now_; }
  void sleep(double seconds) override { now_ += seconds; }
  std::int64_t involuntary_switches() override { return switches_; }
  void lose_processor() { ++switches_; }

 private:
  double now_ = 0;
  std::int64_t switches_ = 0;
};

struct FakeKernel {
  kernels::Operation operation = kernels::Operation::gemm;
  std::string format = "bf16";
  std::string source = "own";
  std::string name = "plain";
  /// Seconds of one call, bytes and FLOP.
  std::function<double(const kernels::Shape&)> seconds;
  std::function<double(const kernels::Shape&)> bytes = [](const auto&) { return 0.0; };
  std::function<double(const kernels::Shape&)> flop = [](const auto&) { return 0.0; };
  bool correct = true;
};

class FakeDevice final : public kernels::Device {
 public:
  /// Every call varies by `noise` (standard deviation of its logarithm).
  FakeDevice(FakeClock& clock, double noise) : clock_(clock), noise_(noise) {}

  void add(FakeKernel kernel);

  [[nodiscard]] std::string name() const override { return "Alpha"; }
  [[nodiscard]] bool is_cpu() const override { return false; }
  [[nodiscard]] int multiprocessors() const override { return 100; }
  [[nodiscard]] std::int64_t memory_bytes() const override { return 80'000'000'000; }
  [[nodiscard]] std::int64_t last_level_cache_bytes() const override { return 10'000'000; }
  [[nodiscard]] const std::vector<kernels::KernelVariant>& variants() const override {
    return variants_;
  }
  [[nodiscard]] kernels::SensorReading read_sensors() override { return {}; }
  [[nodiscard]] std::string energy_gap() const override { return "a fake has no counter"; }

  [[nodiscard]] FakeClock& clock() { return clock_; }
  [[nodiscard]] double noisy(double seconds) {
    return seconds * std::exp(noise_ * standard_normal(9, "fake", drawn_++));
  }
  /// Every n-th run somebody takes a processor, and the run lasts three times as long; 0: never.
  int contended_every = 0;
  int runs = 0;
  /// How often each kernel was prepared, by name and shape.
  std::map<std::string, int> prepared;

 private:
  FakeClock& clock_;
  double noise_;
  std::uint64_t drawn_ = 0;
  std::vector<kernels::KernelVariant> variants_;
};

/// A prepared kernel of constant time, for tests of the loop alone.
std::unique_ptr<kernels::PreparedKernel> fake_kernel(FakeDevice& device, double seconds);

/// Memory and arithmetic limits, and one GEMM variant that follows `theta` (R7) on test device
/// alpha of small_catalog().
void add_limits(FakeDevice& device);
FakeKernel gemm_kernel(std::vector<double> theta, std::string name = "plain");

MeasuredMachine machine_of(const kernels::Device& device);

}  // namespace microdc::test
