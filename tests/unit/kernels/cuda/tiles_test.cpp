#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <iterator>
#include <random>
#include <vector>

#include "kernels/cuda/causal_tiles.hpp"
#include "kernels/cuda/chase.hpp"
#include "kernels/cuda/fast_division.hpp"
#include "kernels/cuda/memory_values.hpp"
#include "kernels/cuda/prefill_order.hpp"
#include "kernels/cuda/sampling_order.hpp"

namespace microdc::kernels::cuda {
namespace {

TEST(CausalTiles, CoverExactlyWhatIsVisible) {
  for (const int queries : {1, 7, 64, 65, 200}) {
    for (const int prefix : {0, 1, 63, 64, 129}) {
      const CausalTiles causal{queries, prefix + queries};
      for (const int rows : {64, 128}) {
        for (int first = 0; first < queries; first += rows) {
          const int key_tile = 32;
          const int tiles = causal.tiles(first, rows, key_tile);
          for (int row = first; row < std::min(first + rows, queries); ++row) {
            EXPECT_TRUE(causal.visible(row, prefix + row));
            EXPECT_FALSE(causal.visible(row, prefix + row + 1));
            EXPECT_LT(prefix + row, tiles * key_tile) << "a visible key lies behind the last tile";
          }
          const int last = std::min(first + rows, queries) - 1;
          EXPECT_TRUE(causal.visible(last, (tiles - 1) * key_tile)) << "the last tile is idle";
          for (int tile = 0; tile < tiles; ++tile) {
            bool all = true;
            for (int key = tile * key_tile; key < (tile + 1) * key_tile; ++key)
              all = all && key <= prefix + first;
            EXPECT_EQ(causal.complete(first, tile, key_tile), all);
          }
        }
      }
    }
  }
}

TEST(PrefillOrder, GivesEveryBlockItsShareOfEveryTile) {
  for (const auto& [row_tiles, heads, band, blocks] :
       {std::array{16, 32, 32, 132}, std::array{3, 5, 2, 4}, std::array{1, 1, 4, 7}}) {
    const PrefillOrder order{row_tiles, heads, band};
    std::vector<int> seen(static_cast<std::size_t>(order.count()));
    std::vector<int> keys(static_cast<std::size_t>(blocks));
    for (int block = 0; block < blocks; ++block) {
      for (int round = 0, index = block; index < order.count();
           index = snake_index(++round, block, blocks)) {
        const PrefillItem item = order.item(index);
        ++seen.at(static_cast<std::size_t>(item.head * row_tiles + item.row_tile));
        keys[static_cast<std::size_t>(block)] += item.row_tile + 1;
      }
    }
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](int times) { return times == 1; }));
    const auto [least, most] = std::minmax_element(keys.begin(), keys.end());
    EXPECT_LE(*most - *least, row_tiles);
  }
  const PrefillOrder order{4, 6, 3};
  EXPECT_EQ(order.item(0).row_tile, 3) << "late rows come first";
  EXPECT_EQ(order.item(2).head, 2);
  EXPECT_EQ(order.item(3).row_tile, 2) << "after all heads of the band";
  EXPECT_EQ(order.item(12).head, 3) << "the next band";
}

TEST(ChasePath, IsOneCycleThroughAllLines) {
  for (const std::uint32_t lines : {1U, 2U, 3U, 5U, 16U, 100U, 1000U, 4096U, 100003U}) {
    const ChasePath path(lines);
    std::vector<bool> seen(lines);
    std::uint32_t line = 0;
    for (std::uint32_t i = 0; i < lines; ++i) {
      ASSERT_LT(line, lines);
      ASSERT_FALSE(seen[line]) << lines << " lines: back after " << i;
      seen[line] = true;
      line = path.next(line);
    }
    EXPECT_EQ(line, 0U);
  }
}

TEST(ChasePath, JumpsFarMostOfTheTime) {
  const std::uint32_t lines = 1 << 16;
  const ChasePath path(lines);
  std::uint32_t line = 0;
  int near = 0;
  for (int i = 0; i < 10000; ++i) {
    const std::uint32_t next = path.next(line);
    near += next - line + 64 < 128 ? 1 : 0;
    line = next;
  }
  EXPECT_LT(near, 100);  // by chance 1 in 512
}

TEST(FastDivision, EqualsDivision) {
  std::mt19937 random(1);
  std::vector<std::uint32_t> numerators{0, 1, 2, 0x7ffffffe, 0x7fffffff};
  for (int i = 0; i < 1000; ++i) numerators.push_back(static_cast<std::uint32_t>(random()) >> 1);
  for (const std::uint32_t divisor :
       {1U, 2U, 3U, 7U, 128U, 129U, 1000U, 65537U, 0x40000001U, 0x7fffffffU}) {
    const FastDivision by(divisor);
    for (const std::uint32_t n : numerators) ASSERT_EQ(by.quotient(n), n / divisor) << divisor;
    for (std::uint32_t q = 1; q < 100 && q * std::uint64_t{divisor} < 0x7fffffff; ++q) {
      ASSERT_EQ(by.quotient(q * divisor), q);
      ASSERT_EQ(by.quotient(q * divisor - 1), q - 1);
    }
  }
}

TEST(WrittenWord, NeverLooksLikeUnwrittenMemory) {
  for (std::int64_t i = 0; i < 100000; ++i) {
    for (std::uint32_t word = 0; word < 4; ++word) {
      const std::uint32_t bits = written_word(0x5EED, i * 1237) + word;
      ASSERT_TRUE(bits >= 0x3f800000U && bits < 0x40000000U) << "a float in [1, 2)";
    }
  }
}

std::uint32_t ordered(float x) { return ordered_bits(std::bit_cast<std::uint32_t>(x)); }

TEST(SamplingOrder, FollowsTheFloats) {
  const float ascending[] = {-INFINITY, -3e30F, -1.5F, -1e-40F, 0.0F, 1e-40F, 2.0F, 3e30F};
  for (std::size_t i = 1; i < std::size(ascending); ++i)
    EXPECT_LT(ordered(ascending[i - 1]), ordered(ascending[i])) << ascending[i];
  for (const float x : ascending)
    EXPECT_EQ(float_bits_of(ordered(x)), std::bit_cast<std::uint32_t>(x));
}

TEST(SamplingOrder, PrefersTheLowerOfEqualTokens) {
  EXPECT_GT(make_candidate(ordered(1), 3), make_candidate(ordered(1), 4));
  EXPECT_GT(make_candidate(ordered(2), 4), make_candidate(ordered(1), 3));
  EXPECT_EQ(token_of(make_candidate(ordered(2), 151935)), 151935U);
}

TEST(SamplingOrder, CutsTheNucleusAndDrawsWithinIt) {
  const float sums[] = {4, 7, 9, 10};         // weights 4, 3, 2, 1
  EXPECT_EQ(draw(sums, 4, 0.4F, 0.99F), 0);   // the first candidate alone reaches 0.4
  EXPECT_EQ(draw(sums, 4, 0.41F, 0.99F), 1);  // two candidates, 7 in all
  EXPECT_EQ(draw(sums, 4, 0.41F, 0.5F), 0);   // 3.5 of 7
  EXPECT_EQ(draw(sums, 4, 0.41F, 0.6F), 1);   // 4.2 of 7
  EXPECT_EQ(draw(sums, 4, 1.0F, 0.95F), 3);
  EXPECT_EQ(draw(sums, 4, 1.0F, 0.0F), 0);
}

}  // namespace
}  // namespace microdc::kernels::cuda
