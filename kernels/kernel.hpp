// What can be measured: devices, the kernels they have in variants, and one prepared run of a
// variant on one shape. CPU (kernels/cpu) and CUDA (kernels/cuda) implement it; calibrate/measure
// times it. This room depends on nothing; number formats go by the names of hwprofiles.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace microdc::kernels {

enum class Operation {
  memory_read,
  memory_write,
  memory_copy,
  memory_triad,
  memory_latency,     ///< pointer chase; time of one hop
  arithmetic_peak,    ///< multiply-adds on registers
  gemm,               ///< C[m,n] = A[m,k] B[k,n], B the weights; m = 1 is a GEMV
  attention_decode,   ///< one query per sequence over a paged KV cache
  attention_prefill,  ///< causal, `queries` new tokens at the end of `context`
  elementwise_norm,   ///< residual add and RMSNorm, fused; m rows of n
  elementwise_act,    ///< SiLU(gate) * up
  elementwise_rope,
  elementwise_quantise,
  sampling,  ///< top-k and top-p over n logits, m rows
  all_reduce,
  launch,  ///< an empty kernel, or an empty parallel region
};

/// Shape of one call on one device. What does not apply to the operation is zero.
struct Shape {
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t batch = 0, queries = 0, context = 0, q_heads = 0, kv_heads = 0, head_dim = 0;
  std::int64_t bytes = 0;  ///< working set of memory operations; message of all_reduce
  int group = 0;           ///< ranks of all_reduce
};

/// How calls reach the device. On a CPU both are the same.
enum class LaunchMode {
  eager,  ///< one launch per call
  graph,  ///< calls replayed from a recorded graph
};

/// Comparison of one result with a float64 reference.
struct Verification {
  bool passed = false;
  double largest_error = 0;  ///< relative to the scale of the reference
  double tolerance = 0;
};

/// One variant on one shape, with its buffers: random data, enough copies that no call finds its
/// operands in the last-level cache. Freed with the object.
class PreparedKernel {
 public:
  virtual ~PreparedKernel() = default;

  /// Runs once and compares with float64. To be called before timing.
  virtual Verification verify() = 0;
  /// Runs `calls` times back to back, each on the next buffers, and waits for the end.
  /// Returns the seconds of all calls by the device's own clock.
  virtual double run(int calls, LaunchMode mode) = 0;

  /// Compulsory memory traffic and arithmetic of one call [byte, FLOP].
  [[nodiscard]] virtual double bytes() const = 0;
  [[nodiscard]] virtual double flop() const = 0;
};

/// A kernel in one of its variants.
struct KernelVariant {
  Operation operation = Operation::launch;
  std::string format;  ///< of the weights or the KV cache: "bf16", "int4_weight"
  std::string source;  ///< "own", or the library that it is measured beside: "cublaslt", "onednn"
  std::string name;    ///< unique among those of its operation, format and source: "128x256x64-4"
  /// Whether it can run this shape (divisibility, memory, instruction set).
  std::function<bool(const Shape&)> accepts;
  /// Null if the device has no memory for it.
  std::function<std::unique_ptr<PreparedKernel>(const Shape&, std::uint64_t seed)> prepare;
};

/// What a device says of itself at one moment; what it does not tell is empty.
struct SensorReading {
  std::optional<double> energy_joules;  ///< counter; differences count
  std::optional<double> power_watts;
  std::optional<double> power_limit_watts;  ///< enforced cap
  std::optional<double> clock_hz;
  std::optional<double> temperature_celsius;
  std::vector<std::string> throttle_reasons;
};

/// A device that can be measured.
class Device {
 public:
  virtual ~Device() = default;
  /// As the vendor names it: "NVIDIA H100 80GB HBM3", "AMD EPYC 9755 128-Core Processor".
  [[nodiscard]] virtual std::string name() const = 0;
  /// A CPU (all its sockets as one device) or an accelerator.
  [[nodiscard]] virtual bool is_cpu() const = 0;
  /// Streaming multiprocessors, or the cores that the kernels use.
  [[nodiscard]] virtual int multiprocessors() const = 0;
  [[nodiscard]] virtual std::int64_t memory_bytes() const = 0;
  [[nodiscard]] virtual std::int64_t last_level_cache_bytes() const = 0;
  /// All variants that this device can run, in an order that does not change.
  [[nodiscard]] virtual const std::vector<KernelVariant>& variants() const = 0;
  [[nodiscard]] virtual SensorReading read_sensors() = 0;
  /// Why energy is not measured; empty if it is.
  [[nodiscard]] virtual std::string energy_gap() const = 0;
};

}  // namespace microdc::kernels
