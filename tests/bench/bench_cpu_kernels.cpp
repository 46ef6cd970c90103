// What the CPU kernels reach of this machine's limits, side by side in one run:
//   bench_cpu_kernels [--threads=N] [--benchmark_filter=…]
// bytes_per_second and flop_per_second of each variant; limits first. Every kernel is checked
// against float64 before it is timed. (Debian's Google Benchmark says "Library was built as DEBUG":
// that is its own loop, which runs once per thousands of microseconds here.)
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/cpu/cpu_device.hpp"

namespace microdc::kernels {
namespace {

/// 0: one per core.
int threads = 0;

Device& device() {
  static const std::unique_ptr<Device> cpu = open_cpu(threads);
  return *cpu;
}

void measure(benchmark::State& state, const KernelVariant& variant, const Shape& shape) {
  const auto kernel = variant.prepare(shape, 1);
  if (!kernel) return state.SkipWithError("no memory for this shape");
  const Verification verification = kernel->verify();
  if (!verification.passed) {
    state.SkipWithError(fmt::format("wrong: error {:.2g}", verification.largest_error).c_str());
    return;
  }
  kernel->run(1, LaunchMode::eager);
  for (auto _ : state) state.SetIterationTime(kernel->run(1, LaunchMode::eager));
  const auto rate = [&](double amount) {
    return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  };
  if (kernel->bytes() > 0) state.counters["bytes_per_second"] = rate(kernel->bytes());
  if (kernel->flop() > 0) state.counters["flop_per_second"] = rate(kernel->flop());
}

struct Subject {
  Operation operation;
  const char* name;
  const char* format;
  std::vector<Shape> shapes;
};

std::string text_of(const Shape& s) {
  if (s.bytes > 0) return fmt::format("{}MB", s.bytes / 1'000'000);
  if (s.context > 0) return fmt::format("batch{}_q{}_context{}", s.batch, s.queries, s.context);
  return fmt::format("m{}_n{}_k{}", s.m, s.n, s.k);
}

const std::vector<Subject>& subjects() {
  static const Shape streamed{.bytes = 512'000'000};
  static const Shape decode{
      .batch = 4, .queries = 1, .context = 4096, .q_heads = 32, .kv_heads = 8, .head_dim = 128};
  static const Shape prefill{
      .batch = 1, .queries = 1024, .context = 1024, .q_heads = 16, .kv_heads = 8, .head_dim = 128};
  static const Shape chunk{
      .batch = 1, .queries = 256, .context = 8192, .q_heads = 16, .kv_heads = 4, .head_dim = 128};
  static const std::vector<Shape> skinny{{.m = 1, .n = 4096, .k = 4096},
                                         {.m = 8, .n = 4096, .k = 4096}};
  static const std::vector<Shape> products{skinny[0], skinny[1], {.m = 512, .n = 2048, .k = 2048}};
  static const std::vector<Subject> all{
      {Operation::launch, "launch", "", {{}}},
      {Operation::memory_latency, "latency", "", {streamed}},
      {Operation::memory_read, "read", "", {streamed}},
      {Operation::memory_write, "write", "", {streamed}},
      {Operation::memory_copy, "copy", "", {streamed}},
      {Operation::memory_triad, "triad", "", {streamed}},
      {Operation::arithmetic_peak, "peak", "fp32", {{}}},
      {Operation::arithmetic_peak, "peak", "bf16", {{}}},
      {Operation::arithmetic_peak, "peak", "int8", {{}}},
      {Operation::gemm, "gemm", "fp32", products},
      {Operation::gemm, "gemm", "bf16", products},
      {Operation::gemm, "gemm", "int8_weight", products},
      {Operation::gemm, "gemm", "int4_weight", products},
      {Operation::attention_decode, "decode", "fp32", {decode}},
      {Operation::attention_decode, "decode", "bf16", {decode}},
      {Operation::attention_prefill, "prefill", "fp32", {prefill, chunk}},
      {Operation::attention_prefill, "prefill", "bf16", {prefill, chunk}},
      {Operation::elementwise_norm, "norm", "fp32", {{.m = 2048, .n = 4096}}},
      {Operation::elementwise_act, "act", "fp32", {{.m = 2048, .n = 4096}}},
      {Operation::elementwise_rope, "rope", "fp32", {{.m = 2048, .n = 4096, .head_dim = 128}}},
  };
  return all;
}

void register_all() {
  for (const Subject& subject : subjects()) {
    for (const Shape& shape : subject.shapes) {
      for (const KernelVariant& variant : device().variants()) {
        if (variant.operation != subject.operation || variant.format != subject.format) continue;
        if (!variant.accepts(shape)) continue;
        benchmark::RegisterBenchmark(fmt::format("{}/{}/{}/{}/{}", subject.name, subject.format,
                                                 text_of(shape), variant.source, variant.name)
                                         .c_str(),
                                     measure, variant, shape)
            ->UseManualTime()
            ->MinTime(0.1)
            ->Unit(benchmark::kMicrosecond);
      }
    }
  }
}

}  // namespace
}  // namespace microdc::kernels

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i], name = "--threads=";
    if (!argument.starts_with(name)) continue;
    microdc::kernels::threads = std::atoi(argv[i] + name.size());
    std::rotate(argv + i, argv + i + 1, argv + argc--);
    break;
  }
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  microdc::kernels::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
