#include "tests/unit/calibrate/fake_device.hpp"

#include <fmt/format.h>

#include <cmath>

#include "calibrate/measure/plan.hpp"
#include "hwprofiles/laws/coefficients.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc::test {
namespace {

using kernels::Operation;

class Prepared final : public kernels::PreparedKernel {
 public:
  Prepared(FakeDevice& device, FakeKernel kernel, kernels::Shape shape)
      : device_(device), kernel_(std::move(kernel)), shape_(shape) {}

  kernels::Verification verify() override {
    verified_ = true;
    return {kernel_.correct, kernel_.correct ? 1e-3 : 0.5, 1e-2};
  }
  double run(int calls, kernels::LaunchMode mode) override {
    double seconds = calls * device_.noisy(kernel_.seconds(shape_));
    if (mode == kernels::LaunchMode::eager) seconds += calls * 5e-6;
    if (device_.contended_every > 0 && ++device_.runs % device_.contended_every == 0) {
      device_.clock().lose_processor();
      seconds *= 3;
    }
    device_.clock().sleep(seconds);
    return seconds;
  }
  [[nodiscard]] double bytes() const override { return kernel_.bytes(shape_); }
  [[nodiscard]] double flop() const override { return kernel_.flop(shape_); }

 private:
  FakeDevice& device_;
  FakeKernel kernel_;
  kernels::Shape shape_;
  bool verified_ = false;
};

}  // namespace

void FakeDevice::add(FakeKernel kernel) {
  variants_.push_back(
      {.operation = kernel.operation,
       .format = kernel.format,
       .source = kernel.source,
       .name = kernel.name,
       .accepts = [](const kernels::Shape&) { return true; },
       .prepare =
           [this, kernel](const kernels::Shape& shape, std::uint64_t) {
             ++prepared[fmt::format("{}/{}/{}/{}/{}/{}", name_of(kernel.operation), kernel.name,
                                    shape.m, shape.n, shape.k, shape.bytes)];
             return std::make_unique<Prepared>(*this, kernel, shape);
           }});
}

std::unique_ptr<kernels::PreparedKernel> fake_kernel(FakeDevice& device, double seconds) {
  FakeKernel kernel{.seconds = [seconds](const auto&) { return seconds; }};
  return std::make_unique<Prepared>(device, kernel, kernels::Shape{});
}

void add_limits(FakeDevice& device) {
  const auto size = [](const kernels::Shape& s) { return static_cast<double>(s.bytes); };
  for (const auto operation : {Operation::memory_read, Operation::memory_copy}) {
    device.add({.operation = operation,
                .format = "",
                .seconds = [=](const auto& s) { return 2e-6 + size(s) / 0.9e12; },
                .bytes = size});
  }
  device.add({.operation = Operation::arithmetic_peak,
              .format = "bf16",
              .seconds = [](const auto&) { return 1e-3; },
              .flop = [](const auto&) { return 0.9e12; }});
}

FakeKernel gemm_kernel(std::vector<double> theta, std::string name) {
  static const DeviceNumbers alpha = *device_numbers(small_catalog(), "alpha");
  const GemmCoefficients c =
      gemm_coefficients(test::make_law(LawKind::gemm, "own", NumberFormat::bf16, theta).theta(),
                        alpha, NumberFormat::bf16);
  const auto work = [](const kernels::Shape& s) { return work_of({Operation::gemm, "bf16", s}); };
  return {.name = std::move(name),
          .seconds =
              [c](const kernels::Shape& s) {
                return gemm_seconds(c, static_cast<double>(s.m), static_cast<double>(s.n),
                                    static_cast<double>(s.k));
              },
          .bytes = [work](const kernels::Shape& s) { return work(s).bytes; },
          .flop = [work](const kernels::Shape& s) { return work(s).flop; }};
}

MeasuredMachine machine_of(const kernels::Device& device) {
  return {.name = device.name(),
          .is_cpu = device.is_cpu(),
          .multiprocessors = device.multiprocessors(),
          .memory = static_cast<double>(device.memory_bytes()),
          .cache = static_cast<double>(device.last_level_cache_bytes()),
          .energy_gap = device.energy_gap(),
          .date = "2026-01-02"};
}

}  // namespace microdc::test
