// The GEMM kernels for large m themselves, run on the host: mma.sync with cp.async, and TMA with
// wgmma.
#include "tests/unit/kernels/cuda/gemm_operands.hpp"
// After the above.
#include <gtest/gtest.h>

#include "kernels/cuda/gemm/gemm_mma.cuh"
#include "kernels/cuda/gemm/gemm_wgmma.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;

struct Size {
  int m, n, k;
};

template <class T>
const unsigned char* bytes_of(const std::vector<T>& elements) {
  return reinterpret_cast<const unsigned char*>(elements.data());
}

template <class Element, class Result, class Tile>
void expect_mma_multiplies(const Size& size, const host_device::Schedule& schedule = {}) {
  const auto a = random_elements<Element>(product(size.m, size.k), 1);
  const auto w = random_elements<Element>(product(size.n, size.k), 2);
  const std::size_t count = product(size.m, size.n);
  auto c = poisoned<Result>(count);
  const int tiles = cuda::divided_up(size.m, Tile::tile_m) * cuda::divided_up(size.n, Tile::tile_n);
  host_device::run({static_cast<unsigned>(tiles), Tile::threads, Tile::shared_bytes,
                    [&] {
                      cuda::gemm_mma<Element, Result, Tile>(bytes_of(a), bytes_of(w), c.data(),
                                                            size.m, size.n, size.k);
                    }},
                   schedule);
  const auto expected = multiplied(values_of(a), values_of(w), size.m, size.n, size.k);
  EXPECT_LE(largest_error(c, expected), one_rounding<Result>())
      << size.m << " x " << size.n << " x " << size.k;
  EXPECT_TRUE(guard_is_whole(c, count));
}

using SmallMma = cuda::MmaTile<64, 64, 2, 2, 3>;

TEST(GemmMmaOnHost, MultipliesUnderEverySchedule) {
  for (const auto& schedule : host_device::schedules()) {
    expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, SmallMma>({70, 72, 328}, schedule);
  }
}

TEST(GemmMmaOnHost, MultipliesSizesThatNoTileDivides) {
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, SmallMma>({1, 1, 8});
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, SmallMma>({65, 67, 136});
  expect_mma_multiplies<__half, __half, SmallMma>({17, 131, 64});
}

TEST(GemmMmaOnHost, MultipliesFp8) {
  expect_mma_multiplies<__nv_fp8_e4m3, __nv_bfloat16, SmallMma>({33, 70, 272});
}

TEST(GemmMmaOnHost, MultipliesInTheLargeTiles) {
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::MmaTile<64, 128, 2, 2, 4>>(
      {100, 130, 264});
  expect_mma_multiplies<__half, __half, cuda::MmaTile<128, 128, 2, 2, 4>>({130, 100, 392});
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::MmaTile<128, 256, 2, 4, 3>>(
      {100, 260, 200});
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::MmaTile<256, 128, 4, 2, 3>>(
      {260, 100, 200});
}

/// Tiles that are only compiled at run time (gemm_nvrtc.hpp).
TEST(GemmMmaOnHost, MultipliesInOddTiles) {
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::MmaTile<128, 192, 4, 2, 3>>(
      {130, 200, 264});
  expect_mma_multiplies<__half, __half, cuda::MmaTile<96, 64, 2, 2, 4>>({100, 70, 328});
  expect_mma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::MmaTile<32, 128, 1, 4, 6>>(
      {33, 130, 520});
  expect_mma_multiplies<__half, __half, cuda::MmaTile<192, 128, 4, 2, 2>>({190, 130, 200});
  expect_mma_multiplies<__nv_fp8_e4m3, __nv_bfloat16, cuda::MmaTile<96, 64, 2, 2, 3>>(
      {100, 70, 400});
}

template <class Element, class Result, class Tile>
void expect_wgmma_multiplies(const Size& size, unsigned blocks,
                             const host_device::Schedule& schedule = {}) {
  const auto a = random_elements<Element>(product(size.m, size.k), 1);
  const auto w = random_elements<Element>(product(size.n, size.k), 2);
  const std::size_t count = product(size.m, size.n);
  auto c = poisoned<Result>(count);
  constexpr int bytes = static_cast<int>(sizeof(Element));
  const auto map_a = host_device::host_matrix_map(a.data(), size.m, size.k, bytes, Tile::tile_m);
  const auto map_b = host_device::host_matrix_map(w.data(), size.n, size.k, bytes, Tile::tile_n);
  host_device::run(
      {blocks, cuda::wgmma_threads, Tile::shared_bytes,
       [&] {
         cuda::gemm_wgmma<Element, Result, Tile>(map_a, map_b, c.data(), {size.m, size.n, size.k});
       }},
      schedule);
  host_device::finish_hopper_kernel();
  const auto expected = multiplied(values_of(a), values_of(w), size.m, size.n, size.k);
  EXPECT_LE(largest_error(c, expected), one_rounding<Result>())
      << size.m << " x " << size.n << " x " << size.k;
  EXPECT_TRUE(guard_is_whole(c, count));
}

// k in more stages than the ring has, so that barriers go through several phases; blocks that
// work through several tiles and blocks that have none.
TEST(GemmWgmmaOnHost, MultipliesUnderEverySchedule) {
  for (const auto& schedule : host_device::schedules()) {
    expect_wgmma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::WgmmaTile<1, 128, 3>>(
        {130, 136, 328}, 2, schedule);
  }
}

TEST(GemmWgmmaOnHost, MultipliesInEveryTile) {
  expect_wgmma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::WgmmaTile<1, 128, 6>>({9, 67, 520},
                                                                                    2);
  expect_wgmma_multiplies<__half, __half, cuda::WgmmaTile<1, 256, 4>>({100, 250, 328}, 1);
  expect_wgmma_multiplies<__nv_bfloat16, __nv_bfloat16, cuda::WgmmaTile<2, 128, 4>>({250, 99, 328},
                                                                                    1);
}

TEST(GemmWgmmaOnHost, MultipliesFp8) {
  expect_wgmma_multiplies<__nv_fp8_e4m3, __nv_bfloat16, cuda::WgmmaTile<1, 128, 6>>({70, 90, 400},
                                                                                    1);
}

}  // namespace
}  // namespace microdc::testing
