// What the CUDA kernels reach, beside the vendor's, in one run on one card:
//   bench_cuda_kernels [--benchmark_filter=…] [--benchmark_out=FILE]
// The shapes are those of the goals in docs/kernels.md. Every kernel is checked against float64
// before it is timed; times are of calls replayed from a graph, operands cold.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "kernels/cuda/device.hpp"

namespace microdc::kernels {
namespace {

/// Calls of one sample take about this long [s].
constexpr double sample_seconds = 2e-3;

void measure(benchmark::State& state, const KernelVariant& variant, const Shape& shape) {
  const auto now = [] { return std::chrono::steady_clock::now(); };
  const auto start = now();
  const auto kernel = variant.prepare(shape, 1);
  if (!kernel) return state.SkipWithError("no memory for this shape");
  const auto prepared = now();
  const Verification verification = kernel->verify();
  const auto verified = now();
  if (!verification.passed) {
    state.SkipWithError(fmt::format("wrong: error {:.2g} above {:.2g}", verification.largest_error,
                                    verification.tolerance)
                            .c_str());
    return;
  }
  const double once = kernel->run(4, LaunchMode::graph) / 4;
  const int calls = static_cast<int>(std::clamp(sample_seconds / once, 1.0, 512.0));
  kernel->run(calls, LaunchMode::graph);
  for (auto _ : state) state.SetIterationTime(kernel->run(calls, LaunchMode::graph) / calls);
  state.counters["prepare_s"] = std::chrono::duration<double>(prepared - start).count();
  state.counters["verify_s"] = std::chrono::duration<double>(verified - prepared).count();
  const auto rate = [](double amount) {
    return benchmark::Counter(amount, benchmark::Counter::kIsIterationInvariantRate);
  };
  if (kernel->bytes() > 0) state.counters["bytes_per_second"] = rate(kernel->bytes());
  if (kernel->flop() > 0) state.counters["flop_per_second"] = rate(kernel->flop());
}

struct Subject {
  Operation operation;
  const char* name;
  std::vector<const char*> formats;
  std::vector<Shape> shapes;
};

std::string text_of(const Shape& s) {
  if (s.bytes > 0) return fmt::format("{}MB", s.bytes / 1'000'000);
  if (s.context > 0) {
    return fmt::format("batch{}_q{}_context{}_heads{}-{}-{}", s.batch, s.queries, s.context,
                       s.q_heads, s.kv_heads, s.head_dim);
  }
  return fmt::format("m{}_n{}_k{}", s.m, s.n, s.k);
}

Shape decode(std::int64_t batch, std::int64_t context, std::int64_t q_heads = 32,
             std::int64_t kv_heads = 8, std::int64_t head_dim = 128) {
  return {.batch = batch,
          .queries = 1,
          .context = context,
          .q_heads = q_heads,
          .kv_heads = kv_heads,
          .head_dim = head_dim};
}

Shape prefill(std::int64_t tokens) {
  return {.batch = 1,
          .queries = tokens,
          .context = tokens,
          .q_heads = 32,
          .kv_heads = 8,
          .head_dim = 128};
}

const std::vector<Subject>& subjects() {
  static const Shape streamed{.bytes = 4'000'000'000};
  static const std::vector<Shape> skinny{{.m = 1, .n = 28672, .k = 8192},
                                         {.m = 16, .n = 28672, .k = 8192},
                                         {.m = 64, .n = 28672, .k = 8192}};
  static const std::vector<Shape> products{{.m = 1024, .n = 8192, .k = 8192},
                                           {.m = 4096, .n = 8192, .k = 8192},
                                           {.m = 2048, .n = 28672, .k = 8192}};
  static const std::vector<Shape> rows{{.m = 4096, .n = 8192}};
  static const std::vector<Subject> all{
      {Operation::launch, "launch", {"fp32"}, {{}}},
      {Operation::memory_latency, "latency", {"fp32"}, {{.bytes = 1'000'000'000}}},
      {Operation::memory_read, "read", {"fp32"}, {streamed}},
      {Operation::memory_write, "write", {"fp32"}, {streamed}},
      {Operation::memory_copy, "copy", {"fp32"}, {streamed}},
      {Operation::memory_triad, "triad", {"fp32"}, {streamed}},
      {Operation::arithmetic_peak, "peak", {"bf16", "fp16", "fp8", "int8"}, {{}}},
      {Operation::gemm, "gemm", {"bf16", "fp8"}, products},
      {Operation::gemm, "skinny", {"bf16", "fp8", "int8_weight", "int4_weight"}, skinny},
      {Operation::attention_decode,
       "decode",
       {"bf16", "fp8"},
       {decode(64, 4096), decode(4, 32768), decode(256, 512), decode(1, 131072),
        decode(20, 8192, 8, 1), decode(32, 4096, 64, 8, 64)}},
      {Operation::attention_prefill, "prefill", {"bf16"}, {prefill(2048), prefill(8192)}},
      {Operation::elementwise_norm, "norm", {"bf16"}, rows},
      {Operation::elementwise_quantise, "quantise", {"bf16"}, rows},
      {Operation::elementwise_act, "act", {"bf16"}, rows},
      {Operation::elementwise_rope,
       "rope",
       {"bf16"},
       {{.m = 4096, .q_heads = 32, .kv_heads = 8, .head_dim = 128}}},
      {Operation::sampling, "sampling", {"fp32"}, {{.m = 64, .n = 151936}}},
  };
  return all;
}

void register_all(const Device& device) {
  for (const Subject& subject : subjects()) {
    for (const char* format : subject.formats) {
      for (const Shape& shape : subject.shapes) {
        for (const KernelVariant& variant : device.variants()) {
          if (variant.operation != subject.operation || variant.format != format) continue;
          if (!variant.accepts(shape)) continue;
          benchmark::RegisterBenchmark(fmt::format("{}/{}/{}/{}/{}", subject.name, format,
                                                   text_of(shape), variant.source, variant.name)
                                           .c_str(),
                                       measure, variant, shape)
              ->UseManualTime()
              ->Iterations(15)  // one preparation for all of them
              ->Unit(benchmark::kMicrosecond);
        }
      }
    }
  }
}

}  // namespace
}  // namespace microdc::kernels

int main(int argc, char** argv) {
  using namespace microdc::kernels;
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const cuda::OpenedDevice opened = cuda::open_cuda(0);
  if (!opened.device) {
    fmt::print("nothing to measure: {}\n", opened.reason);
    return 0;
  }
  register_all(*opened.device);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
