// Every law recovers the parameters from which its data were made.
#include "calibrate/law_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "hwprofiles/laws/coefficients.hpp"
#include "hwprofiles/laws/draws.hpp"
#include "tests/unit/laws/small_world.hpp"

namespace microdc {
namespace {

constexpr double relative_noise = 0.02;

DeviceNumbers alpha() { return *device_numbers(test::small_catalog(), "alpha"); }

double noisy(double seconds, std::uint64_t index) {
  return seconds * std::exp(relative_noise * standard_normal(5, "noise", index));
}

/// A pseudo-random size between low and high, uniform in the logarithm, a multiple of `step`.
double size(std::uint64_t index, std::string_view what, double low, double high, double step) {
  const double u = static_cast<double>(stream_bits(1, what, index) >> 12) * 0x1p-52;
  return std::max(step, std::round(low * std::pow(high / low, u) / step) * step);
}

std::vector<KernelRow> gemm_rows(const std::vector<double>& values, NumberFormat format,
                                 int count) {
  const FittedLaw law = test::make_law(LawKind::gemm, "vllm", format, values);
  const GemmCoefficients c = gemm_coefficients(law.theta(), alpha(), format);
  std::vector<KernelRow> rows;
  for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(count); ++i) {
    KernelRow row{.device = "alpha", .engine = "vllm", .method = "mean"};
    row.format = format;
    row.m = size(i, "m", 1, 8192, 1);
    row.n = size(i, "n", 512, 16384, 64);
    row.k = size(i, "k", 512, 16384, 64);
    row.seconds = noisy(gemm_seconds(c, row.m, row.n, row.k), i);
    rows.push_back(row);
  }
  return rows;
}

void expect_near_in_log(const FittedLaw& law, const std::vector<double>& truth, double tolerance,
                        std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    EXPECT_NEAR(std::log(law.parameters[i].value / truth[i]), 0, tolerance)
        << law.parameters[i].name;
  }
}

TEST(LawFit, GemmRecoversItsParameters) {
  const std::vector<double> truth{4e-6, 2e-6, 0.75, 0.85, 2.5, 0.2};
  DroppedRows dropped;
  const auto law = fit_gemm(gemm_rows(truth, NumberFormat::bf16, 300), alpha(), NumberFormat::bf16,
                            nullptr, dropped);
  ASSERT_TRUE(law);
  EXPECT_TRUE(dropped.empty());
  expect_near_in_log(*law, truth, 0.15, 5);  // throttling shows in few of the points
  EXPECT_LT(law->held_out->median, 1.3 * 0.6745 * relative_noise);
  EXPECT_NEAR(law->residual_sd, relative_noise, 0.3 * relative_noise);
  EXPECT_GT(law->roofline->median, 0.1);
  EXPECT_EQ(law->points, 300);
  ASSERT_EQ(law->regimes.size(), 3u);
  EXPECT_EQ(law->regimes[0].name, "decode");
  EXPECT_LE(law->regimes[0].q50, law->regimes[0].q90);
  EXPECT_FALSE(check_law(*law, "", "").has_errors());
}

TEST(LawFit, QuantisedGemmLosesTheSeparateQuantisationKernel) {
  const std::vector<double> truth{15e-6, 2e-6, 0.75, 0.85, 2.5, 0.2, 4};
  const auto rows = gemm_rows(truth, NumberFormat::fp8, 300);
  DroppedRows dropped;
  const auto as_measured = fit_gemm(rows, alpha(), NumberFormat::fp8, nullptr, dropped);
  const FittedLaw half =
      test::make_law(LawKind::gemm, "vllm", NumberFormat::bf16, {5e-6, 1e-6, 0.8, 0.85, 2.5, 0.2});
  const auto law = fit_gemm(rows, alpha(), NumberFormat::fp8, &half, dropped);
  ASSERT_TRUE(as_measured && law);
  EXPECT_NEAR(as_measured->parameter("launch").value() / 15e-6, 1, 0.1);
  EXPECT_DOUBLE_EQ(law->parameter("launch").value(), 7e-6);
  EXPECT_LE(law->parameter("depth").value(), 1e-6 * (1 + 1e-5));
  EXPECT_DOUBLE_EQ(law->parameter("quantisation").value(), 1.5);
  // The errors are those of the measured kernels, before the cut.
  EXPECT_LT(law->held_out->median, 0.03);
}

TEST(LawFit, GemmOfACpuRecoversWhatARowOfWeightsCosts) {
  DeviceNumbers cpu = alpha();
  cpu.is_cpu = true;
  DroppedRows dropped;
  const auto rows = gemm_rows({4e-6, 2e-6, 0.75, 0.85, 2.5, 0.2, 1, 500}, NumberFormat::bf16, 300);
  const auto law = fit_gemm(rows, cpu, NumberFormat::bf16, nullptr, dropped);
  ASSERT_TRUE(law);
  EXPECT_FALSE(check_law(*law, "", "").has_errors());
  EXPECT_FALSE(law->parameter("quantisation"));
  EXPECT_NEAR(law->parameter("row").value() / 500, 1, 0.15);
  EXPECT_LT(law->held_out->median, 1.3 * 0.6745 * relative_noise);
  // Accelerators have no such term: their law cannot follow.
  const auto other = fit_gemm(rows, alpha(), NumberFormat::bf16, nullptr, dropped);
  ASSERT_TRUE(other);
  EXPECT_FALSE(other->parameter("row"));
  EXPECT_GT(other->held_out->median, 1.3 * law->held_out->median);
}

TEST(LawFit, GemmCountsRowsItCannotUse) {
  auto rows = gemm_rows({4e-6, 2e-6, 0.75, 0.85, 2.5, 0.2}, NumberFormat::bf16, 60);
  rows[0].n = 64;
  rows[1].seconds = 1e-9;
  rows[2].method = "cuda_graph_mean";
  rows[2].n = rows[2].k = 512;  // five copies are 2.6 MB in a cache of 10 MB
  rows[2].seconds = 1e-3;
  DroppedRows dropped;
  const auto law = fit_gemm(rows, alpha(), NumberFormat::bf16, nullptr, dropped);
  ASSERT_TRUE(law);
  EXPECT_EQ(dropped.at("gemm with n or k below 512"), 1);
  EXPECT_EQ(dropped.at("gemm faster than the datasheet allows"), 1);
  EXPECT_EQ(dropped.at("gemm timed with weights in the cache"), 1);
  EXPECT_EQ(law->points, 57);
}

TEST(LawFit, RefusesTooFewOrOneSidedRows) {
  const std::vector<double> truth{4e-6, 2e-6, 0.75, 0.85, 2.5, 0.2};
  DroppedRows dropped;
  EXPECT_FALSE(fit_gemm(gemm_rows(truth, NumberFormat::bf16, 15), alpha(), NumberFormat::bf16,
                        nullptr, dropped));
  EXPECT_EQ(dropped.at("too few rows for a law"), 15);
  auto one_sided = gemm_rows(truth, NumberFormat::bf16, 100);
  std::erase_if(one_sided, [](const KernelRow& row) { return row.m <= 64; });
  EXPECT_FALSE(fit_gemm(one_sided, alpha(), NumberFormat::bf16, nullptr, dropped));
}

TEST(LawFit, DecodeAttentionRecoversItsParameters) {
  const std::vector<double> truth{9e-6, 2e-6, 0.4, 0.9, 1.5, 2};
  const DecodeCoefficients c = decode_coefficients(truth, alpha());
  std::vector<KernelRow> rows;
  for (std::uint64_t i = 0; i < 300; ++i) {
    KernelRow row{.operation = KernelOperation::attention_decode};
    row.batch = size(i, "batch", 1, 512, 1);
    row.context = size(i, "context", 64, 65536, 1);
    row.kv_heads = size(i, "kv", 1, 16, 1);
    row.q_heads = row.kv_heads * size(i, "group", 1, 16, 1);
    row.head_dim = 128;
    const DecodeAttention op{row.batch,
                             row.batch * row.context,
                             static_cast<int>(row.q_heads),
                             static_cast<int>(row.kv_heads),
                             128,
                             128};
    row.seconds = noisy(
        decode_seconds(c, flop_of(op).value(), bytes_of(op).value(), row.batch * row.kv_heads), i);
    rows.push_back(row);
  }
  DroppedRows dropped;
  const auto law = fit_decode_attention(rows, alpha(), NumberFormat::bf16, dropped);
  ASSERT_TRUE(law);
  EXPECT_NEAR(law->parameter("launch").value() / 9e-6, 1, 0.1);
  EXPECT_NEAR(law->parameter("bandwidth_efficiency").value() / 0.9, 1, 0.05);
  EXPECT_NEAR(law->parameter("residency").value() / 1.5, 1, 0.5);
  EXPECT_LT(law->held_out->median, 1.3 * 0.6745 * relative_noise);
}

std::vector<KernelRow> prefill_rows(const std::vector<double>& truth) {
  const PrefillCoefficients c = prefill_coefficients(truth, alpha());
  std::vector<KernelRow> rows;
  for (std::uint64_t i = 0; i < 300; ++i) {
    KernelRow row{.operation = KernelOperation::attention_prefill};
    row.batch = size(i, "batch", 1, 32, 1);
    row.queries = size(i, "queries", 16, 16384, 1);
    row.context = row.queries + size(i, "before", 1, 16384, 1);
    row.kv_heads = size(i, "kv", 1, 8, 1);
    row.q_heads = row.kv_heads * size(i, "group", 1, 8, 1);
    row.head_dim = i % 2 == 0 ? 64 : 128;
    const int dim = static_cast<int>(row.head_dim);
    const PrefillAttention op{
        row.queries, row.context, static_cast<int>(row.q_heads), static_cast<int>(row.kv_heads),
        dim,         dim};
    row.seconds = noisy(prefill_seconds(c, prefill_work(op, row.batch)), i);
    rows.push_back(row);
  }
  return rows;
}

TEST(LawFit, PrefillAttentionRecoversItsParameters) {
  const auto rows = prefill_rows({8e-6, 5e-7, 0.55, 0.7, 0.6, 1.2, 2, 0, 0});
  DroppedRows dropped;
  const auto law = fit_prefill_attention(rows, alpha(), NumberFormat::bf16, dropped);
  ASSERT_TRUE(law);
  EXPECT_NEAR(law->parameter("launch").value() / 8e-6, 1, 0.1);
  EXPECT_NEAR(law->parameter("compute_efficiency").value() / 0.55, 1, 0.05);
  EXPECT_FALSE(law->parameter("diagonal"));
  EXPECT_LT(law->held_out->median, 1.4 * 0.6745 * relative_noise);
}

TEST(LawFit, PrefillAttentionOfACpuRecoversWhatItsBlocksAndSoftmaxCost) {
  DeviceNumbers cpu = alpha();
  cpu.is_cpu = true;
  const auto rows = prefill_rows({8e-6, 5e-7, 0.55, 0.7, 0.6, 1.2, 2, 40, 90});
  DroppedRows dropped;
  const auto law = fit_prefill_attention(rows, cpu, NumberFormat::bf16, dropped);
  ASSERT_TRUE(law);
  EXPECT_FALSE(check_law(*law, "", "").has_errors());
  EXPECT_NEAR(law->parameter("diagonal").value() / 40, 1, 0.3);
  EXPECT_NEAR(law->parameter("softmax").value() / 90, 1, 0.3);
  EXPECT_LT(law->held_out->median, 1.4 * 0.6745 * relative_noise);
}

TEST(LawFit, AllReduceRecoversItsParameters) {
  const std::vector<double> truth{12e-6, 6e-9, 3e11};
  const AllReduceCoefficients c = all_reduce_coefficients(truth);
  std::vector<KernelRow> rows;
  for (std::uint64_t i = 0; i < 24; ++i) {
    KernelRow row{.operation = KernelOperation::all_reduce, .group = 8};
    row.message = 256 * std::pow(2.0, static_cast<double>(i));
    row.seconds = noisy(all_reduce_seconds(c, row.message, 8), i);
    rows.push_back(row);
  }
  DroppedRows dropped;
  const auto law = fit_all_reduce(rows, alpha(), dropped);
  ASSERT_TRUE(law);
  EXPECT_EQ(law->group, 8);
  expect_near_in_log(*law, truth, 0.15, 3);
}

TEST(LawFit, ElementwiseRecoversItsParameters) {
  std::vector<KernelRow> rows;
  for (std::uint64_t i = 0; i < 60; ++i) {
    KernelRow row{.operation = KernelOperation::elementwise};
    row.m = size(i, "m", 1, 8192, 1);
    row.n = size(i, "n", 512, 16384, 64);
    row.bytes = 6 * row.m * row.n;
    row.seconds = noisy(2e-6 + row.bytes / (0.6 * 1e12), i);
    rows.push_back(row);
  }
  DroppedRows dropped;
  const auto law = fit_elementwise(rows, alpha(), dropped);
  ASSERT_TRUE(law);
  expect_near_in_log(*law, {2e-6, 0.6}, 0.03, 2);
}

TEST(LawFit, HalvesNeverSplitAKey) {
  std::vector<FitPoint> points(100);
  for (std::size_t i = 0; i < points.size(); ++i) points[i].key = std::to_string(i % 10);
  const auto half = halves_of(points);
  int ones = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    EXPECT_EQ(half[i], half[i % 10]);
    ones += half[i];
  }
  EXPECT_EQ(ones, 50);
}

}  // namespace
}  // namespace microdc
