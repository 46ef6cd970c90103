// docs/worked-examples.md: stages of a lookup, recomputed by hand and compared. Nothing here uses
// the laws or the figures of the catalogs but through the program's answer.
#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/base/json_io.hpp"
#include "sim/serving/catalogs.hpp"
#include "sim/serving/retrieval_stages.hpp"

namespace microdc {
namespace {

struct Worked {
  Catalogs catalogs;
  KnowledgeBaseSpec spec;
  double seconds(const std::string& index, RetrievalStage stage) {
    spec.index = index;
    const auto parts = parts_of(spec, catalogs.retrieval, "");
    const auto laws = make_device_laws(catalogs.hardware, catalogs.profiles, "epyc-9354", "vllm");
    EXPECT_TRUE(parts && laws);
    if (!parts || !laws) return 0;
    const RetrievalSpec retrieval{.query_tokens = 40, .candidates = 20};
    return lookup_cost(*parts, retrieval, catalogs.retrieval, *laws,
                       32)[static_cast<std::size_t>(stage)]
        .seconds;
  }
};

Worked office() {
  auto catalogs = load_catalogs(data_root());
  EXPECT_TRUE(catalogs) << to_text(catalogs.diagnostics());
  return {std::move(*catalogs),
          {.chunks = 500000, .chunk_tokens = 256, .reranker = "ms-marco-minilm-l6"}};
}

TEST(WorkedRetrieval, ExactSearch) {
  const double bytes = 500000.0 * 1024 * 2;
  EXPECT_EQ(bytes, 1.024e9);
  EXPECT_NEAR(office().seconds("flat", RetrievalStage::search),
              0.002 + 0.000003 + bytes / (0.6 * 460.8e9), 1e-9);
  EXPECT_NEAR(office().seconds("flat", RetrievalStage::search), 0.005707, 1e-6);
}

TEST(WorkedRetrieval, GraphSearch) {
  EXPECT_NEAR(office().seconds("hnsw", RetrievalStage::search), 0.002367, 1e-6);
}

/// (a^p + b^p)^(1/p) of the laws.
double norm_of(double a, double b, double p) {
  return std::pow(std::pow(a, p) + std::pow(b, p), 1 / p);
}

constexpr double flops = 7.117e12;  // EPYC 9354 in bf16, per second
constexpr double stream = 460.8e9;  // bytes per second

/// GEMM law of a CPU that nobody measured: 5 us, 1 us at k = 4096, half of the peak, three quarters
/// of the bandwidth, throttle 0.01.
double matrix_product(double m, double n, double k) {
  const double compute = 2 * m * n * k / (0.5 * flops);
  const double throttled = compute * (1 + 0.01 * compute / (compute + 1e-3));
  const double bytes = 2 * (n * k + m * k + m * n);
  return 5e-6 + 1e-6 * std::sqrt(k / 4096) + norm_of(throttled, bytes / (0.75 * stream), 2);
}

/// Prefill attention law of such a CPU with 32 cores, of 12 heads of 32 dimensions, over all pairs
/// of a text: a causal chunk behind half as many tokens again.
double attention_of_text(double tokens) {
  const double keys = 1.5 * tokens;
  const double pairs = tokens * (keys - tokens) + tokens * (tokens + 1) / 2;
  const double rate = 0.25 * flops;
  const double work = 12 * 4.0 * 32 * pairs / rate;
  const double longest_tile = 0.5 * 4 * 32 * 128 * keys * 32 / rate;
  const double bytes = 2 * 12 * 2.0 * 32 * (tokens + keys);
  const double waves = std::ceil(12 * std::ceil(tokens / 128) / 32);
  return 20e-6 + 5e-6 * waves +
         norm_of(norm_of(work, longest_tile, 2), bytes / (0.6 * stream), 1.2);
}

double streamed(double bytes) { return 3e-6 + bytes / (0.6 * stream); }

TEST(WorkedRetrieval, Reranking) {
  const double tokens = 20 * (40 + 256);
  const double parameters = 6.0 * (4 * 384 * 384 + 2 * 384 * 1536);
  EXPECT_NEAR(2 * parameters * tokens, 125.7e9, 0.05e9);
  const double layer = matrix_product(tokens, 3 * 384, 384) + matrix_product(tokens, 384, 384) +
                       matrix_product(tokens, 1536, 384) + matrix_product(tokens, 384, 1536);
  EXPECT_NEAR(6 * layer, 0.035697, 1e-6);
  // One kernel for all 20 texts: what a text of one token costs is paid once.
  const double attention = 20 * attention_of_text(296) - 19 * attention_of_text(1);
  EXPECT_NEAR(attention_of_text(296), 131.9e-6, 1e-7);
  EXPECT_NEAR(6 * attention, 0.012953, 1e-6);
  // Around each layer two norms with four passes over the tokens, and the activation.
  const double between = 2 * streamed(4 * tokens * 384 * 2) + streamed(tokens * 2 * 1536 * 2);
  EXPECT_NEAR(6 * between, 0.001633, 1e-6);
  const double by_hand = 0.002 + 6 * (layer + attention + between);
  EXPECT_NEAR(by_hand, 0.052283, 1e-6);
  EXPECT_NEAR(office().seconds("flat", RetrievalStage::reranking), by_hand, 1e-8);
}

}  // namespace
}  // namespace microdc
