// The memory, elementwise and sampling kernels themselves, run on the host.
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <algorithm>

#include "kernels/cuda/elementwise.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;
using host_device::Schedule;

const uint4* vectors(const std::vector<__nv_bfloat16>& v) {
  return reinterpret_cast<const uint4*>(v.data());
}
uint4* vectors(std::vector<__nv_bfloat16>& v) { return reinterpret_cast<uint4*>(v.data()); }

std::vector<double> row_of(const std::vector<__nv_bfloat16>& v, int row, int columns) {
  std::vector<double> values;
  for (int i = 0; i < columns; ++i)
    values.push_back(value_of(v[static_cast<std::size_t>(row) * columns + i]));
  return values;
}

template <int Vectors>
void expect_norm(int rows, int columns, unsigned threads) {
  for (const Schedule& schedule : host_device::schedules()) {
    const auto count = static_cast<std::size_t>(rows * columns);
    const auto x = random_bf16(count, 1), before = random_bf16(count, 2);
    const auto weight = random_bf16(static_cast<std::size_t>(columns), 3);
    auto residual = before;
    auto y = poisoned_bf16(count);
    host_device::run({static_cast<unsigned>(rows), threads, 0,
                      [&] {
                        cuda::add_rms_norm<Vectors>(vectors(x), vectors(residual), vectors(weight),
                                                    vectors(y), columns / 8);
                      }},
                     schedule);
    cuda::ErrorMeter meter;
    for (int row = 0; row < rows; ++row) {
      const auto expected =
          cuda::add_rms_norm_row(row_of(x, row, columns), row_of(before, row, columns),
                                 row_of(weight, 0, columns), cuda::norm_epsilon);
      const auto stored = row_of(residual, row, columns), found = row_of(y, row, columns);
      for (std::size_t i = 0; i < stored.size(); ++i) {
        meter.add_exact(stored[i] == expected.residual[i]);
        meter.add(found[i], expected.y[i]);
      }
    }
    EXPECT_TRUE(meter.result(0.004).passed) << meter.result(0.004).largest_error;
  }
}

TEST(NormOnHost, MatchesFloat64) {
  expect_norm<1>(3, 512, 64);
  expect_norm<2>(2, 1544, 128);  // the last vectors are nobody's
  expect_norm<4>(1, 1000, 32);
}

template <int Vectors>
void expect_quantised(int rows, int columns, unsigned threads) {
  for (const Schedule& schedule : host_device::schedules()) {
    const auto count = static_cast<std::size_t>(rows * columns);
    auto x = random_bf16(count, 1);
    std::fill_n(x.begin(), columns, __float2bfloat16(0));  // a row of zeros
    std::vector<uint2> quantised(count / 8, uint2{0x7f7f7f7f, 0x7f7f7f7f});
    std::vector<float> scales(static_cast<std::size_t>(rows), NAN);
    host_device::run({static_cast<unsigned>(rows), threads, 0,
                      [&] {
                        cuda::quantise_rows<Vectors>(vectors(x), quantised.data(), scales.data(),
                                                     columns / 8);
                      }},
                     schedule);
    const auto* codes = reinterpret_cast<const std::uint8_t*>(quantised.data());
    for (int row = 0; row < rows; ++row) {
      double largest = 0;
      for (const double value : row_of(x, row, columns))
        largest = std::max(largest, std::abs(value));
      const float scale = scales[static_cast<std::size_t>(row)];
      EXPECT_FLOAT_EQ(scale, largest == 0 ? 1.0F : static_cast<float>(largest / 448));
      for (int i = 0; i < columns; ++i) {
        const std::size_t at = static_cast<std::size_t>(row * columns + i);
        // The kernel multiplies by the reciprocal in float: the same product decides here.
        const float product = __bfloat162float(x[at]) * (1.0F / scale);
        EXPECT_EQ(codes[at], cuda::nearest_fp8(product)) << product;
      }
    }
  }
}

TEST(QuantiseOnHost, RoundsToTheNearestFp8) {
  expect_quantised<1>(3, 256, 32);
  expect_quantised<2>(2, 1544, 128);
}

TEST(SiluOnHost, MatchesFloat64) {
  const int rows = 5, columns = 216;  // 27 vectors: rows do not end with warps
  for (const Schedule& schedule : host_device::schedules()) {
    const auto in = random_bf16(static_cast<std::size_t>(rows * columns * 2), 1, 3);
    auto out = poisoned_bf16(static_cast<std::size_t>(rows * columns));
    host_device::run({1, 256, 0,
                      [&] {
                        cuda::silu_multiply<2>(vectors(in), vectors(out), rows * columns / 8,
                                               cuda::FastDivision(columns / 8));
                      }},
                     schedule);
    cuda::ErrorMeter meter;
    for (int row = 0; row < rows; ++row) {
      const auto gate_up = row_of(in, row, 2 * columns), found = row_of(out, row, columns);
      for (int i = 0; i < columns; ++i) {
        meter.add(found[static_cast<std::size_t>(i)],
                  cuda::silu_multiply_reference(gate_up[static_cast<std::size_t>(i)],
                                                gate_up[static_cast<std::size_t>(columns + i)]));
      }
    }
    EXPECT_TRUE(meter.result(0.004).passed) << meter.result(0.004).largest_error;
  }
}

template <int Heads>
void expect_rotated(int tokens, int heads, int dimension) {
  const int half = dimension / 2, positions = 50;
  std::vector<float4> cosines(static_cast<std::size_t>(positions * half / 4));
  auto sines = cosines;
  const auto angle = [&](int position, int i) {
    return position * std::pow(10000.0, -2.0 * i / dimension);
  };
  for (int p = 0; p < positions; ++p) {
    for (int i = 0; i < half; ++i) {
      reinterpret_cast<float*>(cosines.data())[p * half + i] =
          static_cast<float>(std::cos(angle(p, i)));
      reinterpret_cast<float*>(sines.data())[p * half + i] =
          static_cast<float>(std::sin(angle(p, i)));
    }
  }
  std::vector<int> where;
  for (int t = 0; t < tokens; ++t) where.push_back((t * 17 + 3) % positions);
  const auto before = random_bf16(static_cast<std::size_t>(tokens * heads * dimension), 5);
  for (const Schedule& schedule : host_device::schedules()) {
    auto rotated = before;
    const int groups = (heads + Heads - 1) / Heads;
    const cuda::RopeArguments arguments{
        .heads = vectors(rotated),
        .cosines = cosines.data(),
        .sines = sines.data(),
        .positions = where.data(),
        .work_items = static_cast<std::uint32_t>(tokens * groups * half / 8),
        .head_groups = cuda::FastDivision(static_cast<std::uint32_t>(groups)),
        .pieces = cuda::FastDivision(static_cast<std::uint32_t>(half / 8)),
        .heads_per_token = heads};
    host_device::run(
        {(arguments.work_items + 255) / 256, 256, 0, [&] { cuda::rotate<Heads>(arguments); }},
        schedule);
    cuda::ErrorMeter meter;
    for (int row = 0; row < tokens * heads; ++row) {
      const auto old = row_of(before, row, dimension), found = row_of(rotated, row, dimension);
      for (int i = 0; i < half; ++i) {
        const double a = angle(where[static_cast<std::size_t>(row / heads)], i);
        const auto low = static_cast<std::size_t>(i), high = static_cast<std::size_t>(i + half);
        meter.add(found[low], old[low] * std::cos(a) - old[high] * std::sin(a));
        meter.add(found[high], old[high] * std::cos(a) + old[low] * std::sin(a));
      }
    }
    EXPECT_TRUE(meter.result(0.004).passed) << meter.result(0.004).largest_error;
  }
}

TEST(RopeOnHost, MatchesFloat64) {
  expect_rotated<1>(3, 5, 64);
  expect_rotated<4>(7, 10, 128);  // the last group of heads is short
}

}  // namespace
}  // namespace microdc::testing
