// Every variant that this machine can run agrees with float64, on shapes that fit no tile.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "kernels/cpu/cpu_device.hpp"

namespace microdc::kernels {
namespace {

/// This machine with a small cache: small sets of operands to rotate through.
Topology small_cache() {
  Topology topology = read_topology();
  topology.last_level_cache_bytes = 1 << 16;
  return topology;
}

void verify_all(Operation operation, const std::vector<Shape>& shapes, int threads,
                const Topology& topology = small_cache()) {
  const auto device = open_cpu(threads, topology);
  int verified = 0;
  for (const KernelVariant& variant : device->variants()) {
    if (variant.operation != operation) continue;
    for (const Shape& shape : shapes) {
      if (!variant.accepts(shape)) continue;
      SCOPED_TRACE(variant.format + " " + variant.source + " " + variant.name + " m " +
                   std::to_string(shape.m) + " n " + std::to_string(shape.n) + " k " +
                   std::to_string(shape.k) + " context " + std::to_string(shape.context));
      const auto kernel = variant.prepare(shape, 7);
      ASSERT_NE(kernel, nullptr);
      const Verification verification = kernel->verify();
      EXPECT_TRUE(verification.passed)
          << verification.largest_error << " > " << verification.tolerance;
      EXPECT_GT(kernel->run(2, LaunchMode::eager), 0);
      ++verified;
    }
  }
  EXPECT_GE(verified, static_cast<int>(shapes.size()));
}

// Few threads hide mistakes of splitting, one hides those of barriers.
TEST(CpuKernels, GemmAgreesWithFloat64) {
  const std::vector<Shape> shapes{{.m = 1, .n = 517, .k = 1000}, {.m = 3, .n = 2, .k = 129},
                                  {.m = 7, .n = 333, .k = 640},  {.m = 16, .n = 1, .k = 1},
                                  {.m = 33, .n = 95, .k = 1111}, {.m = 250, .n = 70, .k = 515},
                                  {.m = 32, .n = 64, .k = 2048}, {.m = 1037, .n = 45, .k = 700}};
  verify_all(Operation::gemm, shapes, 2);
  verify_all(Operation::gemm, {{.m = 13, .n = 77, .k = 300}}, 1);
}

TEST(CpuKernels, DecodeAttentionAgreesWithFloat64) {
  verify_all(
      Operation::attention_decode,
      {{.batch = 3, .queries = 1, .context = 77, .q_heads = 6, .kv_heads = 2, .head_dim = 64},
       {.batch = 1, .context = 1000, .q_heads = 7, .kv_heads = 1, .head_dim = 128},
       {.batch = 2, .context = 1, .q_heads = 1, .kv_heads = 1, .head_dim = 16},
       {.batch = 1, .context = 260, .q_heads = 64, .kv_heads = 1, .head_dim = 80},
       {.batch = 2, .context = 1031, .q_heads = 8, .kv_heads = 2, .head_dim = 256},
       {.batch = 1, .context = 700, .q_heads = 15, .kv_heads = 3, .head_dim = 48},
       {.batch = 1, .context = 390, .q_heads = 4, .kv_heads = 2, .head_dim = 128}},
      2);
}

TEST(CpuKernels, PrefillAttentionAgreesWithFloat64) {
  verify_all(
      Operation::attention_prefill,
      {{.batch = 1, .queries = 100, .context = 100, .q_heads = 4, .kv_heads = 2, .head_dim = 64},
       {.batch = 2, .queries = 1, .context = 33, .q_heads = 2, .kv_heads = 2, .head_dim = 128},
       {.batch = 1, .queries = 65, .context = 300, .q_heads = 3, .kv_heads = 1, .head_dim = 48},
       {.batch = 1, .queries = 300, .context = 700, .q_heads = 2, .kv_heads = 1, .head_dim = 256}},
      2);
}

TEST(CpuKernels, ElementwiseAgreesWithFloat64) {
  for (const Operation operation :
       {Operation::elementwise_norm, Operation::elementwise_act, Operation::elementwise_rope}) {
    verify_all(operation,
               {{.m = 5, .n = 192, .head_dim = 64}, {.m = 1, .n = 1024, .head_dim = 128}}, 2);
  }
}

TEST(CpuKernels, StreamsDoWhatTheyClaim) {
  for (const Operation operation : {Operation::memory_read, Operation::memory_write,
                                    Operation::memory_copy, Operation::memory_triad}) {
    verify_all(operation, {{.bytes = 64 * 1024}, {.bytes = 1'000'000}}, 2);
  }
}

TEST(CpuKernels, StreamsCrossMemoryNodes) {
  Topology topology = small_cache();
  for (std::size_t i = 0; i < topology.cpus.size(); ++i) {
    topology.cpus[i].node = static_cast<int>(i % 2);
  }
  if (topology.cpus.size() < 2) GTEST_SKIP() << "needs two CPUs";
  const auto device = open_cpu(2, topology);
  int crossing = 0;
  for (const KernelVariant& variant : device->variants()) {
    if (variant.name.find("@node0-from-node1") == std::string::npos) continue;
    EXPECT_TRUE(variant.prepare({.bytes = 100'000}, 1)->verify().passed) << variant.name;
    ++crossing;
  }
  EXPECT_GE(crossing, 4);
}

TEST(CpuKernels, LimitsAreWhatTheyClaim) {
  verify_all(Operation::memory_latency, {{.bytes = 4096}, {.bytes = 1 << 20}}, 2);
  verify_all(Operation::arithmetic_peak, {{}}, 2);
  verify_all(Operation::launch, {{}}, 2);
}

}  // namespace
}  // namespace microdc::kernels
