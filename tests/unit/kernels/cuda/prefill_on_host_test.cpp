// The prefill attention kernels themselves, run on the host, against float64.
#include "tests/support/gemm_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/cuda/attention_prefill.cuh"
#include "kernels/cuda/attention_prefill_wgmma.cuh"
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;
using host_device::Schedule;

constexpr float scale = 0.1F;
// Weights and results are rounded to bf16 (2^-9 each); errors are relative to the rms or the value.
constexpr double tolerance = 0.012;

struct PrefillCase {
  int batch, queries, context, q_heads, kv_heads;
};

std::size_t product(auto... factors) { return (static_cast<std::size_t>(factors) * ...); }

template <int HeadDim>
struct PrefillRig {
  explicit PrefillRig(const PrefillCase& wanted)
      : c(wanted),
        queries(random_bf16(product(c.batch, c.queries, c.q_heads, HeadDim), 1)),
        keys(random_bf16(product(c.batch, c.context, c.kv_heads, HeadDim), 2)),
        values(random_bf16(keys.size(), 3)),
        outputs(poisoned_bf16(queries.size())) {}

  cuda::PrefillArguments arguments() {
    return {queries.data(), keys.data(), values.data(), outputs.data(),     c.queries,
            c.context,      c.q_heads,   c.kv_heads,    scale * 1.44269504F};
  }

  /// Of the outputs of the first `sequences`.
  double largest_error(int sequences) const {
    cuda::ErrorMeter meter;
    for (int b = 0; b < sequences; ++b) {
      for (int row = 0; row < c.queries; ++row) {
        for (int h = 0; h < c.q_heads; ++h) compare(b, row, h, meter);
      }
    }
    return meter.result(1).largest_error;
  }

  void compare(int b, int row, int h, cuda::ErrorMeter& meter) const {
    const std::size_t at = product((b * c.queries + row) * c.q_heads + h, HeadDim);
    std::vector<double> query;
    for (std::size_t d = 0; d < HeadDim; ++d) query.push_back(value_of(queries[at + d]));
    const auto place = [&](int t, int d) {
      return product((b * c.context + t) * c.kv_heads + h / (c.q_heads / c.kv_heads), HeadDim) +
             static_cast<std::size_t>(d);
    };
    const auto expected = cuda::attention_row(
        query, c.context - c.queries + row + 1, scale,
        [&](int t, int d) { return value_of(keys[place(t, d)]); },
        [&](int t, int d) { return value_of(values[place(t, d)]); });
    for (std::size_t d = 0; d < HeadDim; ++d) meter.add(value_of(outputs[at + d]), expected[d]);
  }

  PrefillCase c;
  std::vector<__nv_bfloat16> queries, keys, values, outputs;
};

template <int HeadDim, int Warps, int RowTiles, int KeyTile>
void expect_mma_attends(const PrefillCase& c) {
  using Kernel = cuda::PrefillAttention<HeadDim, Warps, RowTiles, KeyTile>;
  for (const Schedule& schedule : host_device::schedules()) {
    PrefillRig<HeadDim> rig(c);
    const auto arguments = rig.arguments();
    const auto tiles = static_cast<unsigned>(cuda::divided_up(c.queries, Kernel::block_rows));
    host_device::run(
        {dim3(tiles, static_cast<unsigned>(c.q_heads), static_cast<unsigned>(c.batch)),
         Kernel::threads, Kernel::shared_bytes,
         [&] { cuda::prefill_attention<HeadDim, Warps, RowTiles, KeyTile>(arguments); }},
        schedule);
    EXPECT_LT(rig.largest_error(c.batch), tolerance) << c.queries << " of " << c.context;
  }
}

TEST(PrefillAttentionOnHost, MatchesFloat64) {
  expect_mma_attends<128, 4, 1, 64>({1, 70, 70, 2, 1});
  expect_mma_attends<64, 4, 1, 64>({2, 33, 150, 2, 2});
}

TEST(PrefillAttentionOnHost, MatchesFloat64WithTwoRowTilesPerWarp) {
  expect_mma_attends<128, 4, 2, 32>({1, 130, 140, 1, 1});
  expect_mma_attends<64, 4, 2, 64>({1, 1, 129, 1, 1});
}

TEST(PrefillAttentionOnHost, MatchesFloat64WithEightWarps) {
  expect_mma_attends<128, 8, 1, 64>({1, 129, 200, 1, 1});
}

template <int HeadDim, int KeyTile, int Stages, bool PingPong>
void run_wgmma(PrefillRig<HeadDim>& rig, unsigned blocks, int band, const Schedule& schedule) {
  using Kernel = cuda::PrefillWgmma<HeadDim, 2, KeyTile, Stages>;
  const auto arguments = rig.arguments();
  const auto map_of = [&](const std::vector<__nv_bfloat16>& stack, int tokens, int heads,
                          int box_rows) {
    return host_device::host_stack_map(stack.data(), rig.c.batch, tokens, heads * HeadDim, 2,
                                       box_rows);
  };
  const auto map_q = map_of(rig.queries, rig.c.queries, rig.c.q_heads, Kernel::block_rows);
  const auto map_k = map_of(rig.keys, rig.c.context, rig.c.kv_heads, KeyTile);
  const auto map_v = map_of(rig.values, rig.c.context, rig.c.kv_heads, KeyTile);
  const cuda::PrefillOrder order{cuda::divided_up(rig.c.queries, Kernel::block_rows),
                                 rig.c.batch * rig.c.q_heads, band};
  host_device::run({blocks, Kernel::threads, Kernel::shared_bytes,
                    [&] {
                      cuda::prefill_attention_wgmma<HeadDim, 2, KeyTile, Stages, PingPong>(
                          map_q, map_k, map_v, arguments, order);
                    }},
                   schedule);
  host_device::finish_hopper_kernel();
}

template <int HeadDim, int KeyTile, int Stages, bool PingPong>
void expect_wgmma_attends(const PrefillCase& c, unsigned blocks, int band,
                          const Schedule& schedule = {}) {
  PrefillRig<HeadDim> rig(c);
  run_wgmma<HeadDim, KeyTile, Stages, PingPong>(rig, blocks, band, schedule);
  EXPECT_LT(rig.largest_error(c.batch), tolerance) << c.queries << " of " << c.context;
}

// More tiles of keys than stages, so that barriers go through several phases; blocks that take
// several tiles of rows and, last, blocks that have none.
TEST(PrefillWgmmaOnHost, MatchesFloat64UnderEverySchedule) {
  for (const Schedule& schedule : host_device::schedules()) {
    expect_wgmma_attends<64, 128, 2, false>({1, 130, 400, 2, 1}, 3, 2, schedule);
    expect_wgmma_attends<64, 128, 2, true>({1, 130, 400, 2, 1}, 3, 2, schedule);
  }
}

TEST(PrefillWgmmaOnHost, MatchesFloat64InBothHeadDimensions) {
  expect_wgmma_attends<128, 128, 2, false>({1, 129, 300, 2, 2}, 4, 1);
  expect_wgmma_attends<128, 128, 2, true>({1, 70, 70, 2, 1}, 1, 2);
  expect_wgmma_attends<64, 128, 2, true>({1, 1, 129, 1, 1}, 2, 1);
}

TEST(PrefillWgmmaOnHost, KeepsSequencesApart) {
  PrefillRig<64> rig({2, 33, 150, 2, 2});
  // What follows the first sequence must not matter, nor must its tiles reach into the next one.
  const auto half = static_cast<std::ptrdiff_t>(rig.keys.size() / 2);
  std::fill(rig.keys.begin() + half, rig.keys.end(), __float2bfloat16(NAN));
  std::fill(rig.values.begin() + half, rig.values.end(), __float2bfloat16(NAN));
  run_wgmma<64, 128, 2, false>(rig, 2, 3, {});
  EXPECT_LT(rig.largest_error(1), tolerance);
  expect_wgmma_attends<64, 128, 2, true>({2, 33, 150, 2, 2}, 2, 3);
}

}  // namespace
}  // namespace microdc::testing
