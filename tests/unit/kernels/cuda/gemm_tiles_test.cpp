#include "kernels/cuda/gemm/tiles.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <utility>

#include "kernels/cuda/gemm/packed_weights.hpp"

namespace microdc::kernels::cuda {
namespace {

TEST(GemmTiles, CoverEveryTileOnce) {
  for (const auto& [rows, columns, band] :
       {std::array{1, 1, 8}, std::array{7, 5, 8}, std::array{8, 13, 8}, std::array{35, 11, 16}}) {
    std::set<std::pair<int, int>> seen;
    for (int i = 0; i < rows * columns; ++i) {
      const TileIndex tile = tile_of(i, rows, columns, band);
      EXPECT_TRUE(tile.row >= 0 && tile.row < rows && tile.column >= 0 && tile.column < columns);
      seen.insert({tile.row, tile.column});
    }
    EXPECT_EQ(seen.size(), static_cast<std::size_t>(rows * columns)) << rows << " x " << columns;
  }
}

TEST(GemmTiles, SwizzleIsABijectionWithoutBankConflicts) {
  std::set<int> offsets;
  for (int row = 0; row < 64; ++row) {
    for (int chunk = 0; chunk < 8; ++chunk) offsets.insert(swizzled_offset(row, chunk));
  }
  EXPECT_EQ(offsets.size(), 512u);
  EXPECT_EQ(*offsets.rbegin(), 64 * tile_row_bytes - 16);
  // ldmatrix reads one chunk of 8 rows at a time: 8 different groups of 4 banks.
  for (int first_row = 0; first_row < 64; first_row += 8) {
    for (int chunk = 0; chunk < 8; ++chunk) {
      std::set<int> banks;
      for (int row = first_row; row < first_row + 8; ++row) {
        banks.insert(swizzled_offset(row, chunk) / 16 % 8);
      }
      EXPECT_EQ(banks.size(), 8u);
    }
  }
}

TEST(GemmTiles, QuadsTransposeTheirWords) {
  std::array<std::array<int, 4>, 4> words{};  // [lane][word]
  for (int lane = 0; lane < 4; ++lane) {
    for (int word = 0; word < 4; ++word) words[lane][word] = lane * 10 + word;
  }
  for (int round = 0; round < 2; ++round) {
    for (int pair = 0; pair < 2; ++pair) {
      auto after = words;
      for (int lane = 0; lane < 4; ++lane) {
        const int partner = lane ^ 1 << round;
        after[lane][exchanged_word(lane, round, pair)] =
            words[partner][exchanged_word(partner, round, pair)];
      }
      words = after;
    }
  }
  for (int lane = 0; lane < 4; ++lane) {
    for (int word = 0; word < 4; ++word) EXPECT_EQ(words[lane][word], word * 10 + lane);
  }
}

TEST(GemmTiles, PartsFollowOneAnotherAndAreEven) {
  for (const int count : {0, 1, 7, 64, 1001}) {
    for (const int parts : {1, 2, 7, 64}) {
      int next = 0;
      for (int part = 0; part < parts; ++part) {
        const UnitRange range = part_of(count, parts, part);
        EXPECT_EQ(range.first, next);
        EXPECT_LE(range.last - range.first, (count + parts - 1) / parts);
        EXPECT_GE(range.last - range.first, count / parts);
        next = range.last;
      }
      EXPECT_EQ(next, count);
    }
  }
}

TEST(GemmTiles, SplitsFillTheDeviceButLeaveWorkForEach) {
  EXPECT_EQ(splits_to_fill(1000, 132, 2, 512, 8), 1);
  EXPECT_EQ(splits_to_fill(32, 132, 2, 512, 8), 8);
  EXPECT_EQ(splits_to_fill(1, 132, 2, 64, 8), 8);
  EXPECT_EQ(splits_to_fill(1, 132, 2, 1, 8), 1);
}

TEST(PackedWeights, Int4ComesBack) {
  const int weights[8] = {-8, 7, 0, -1, 3, -5, 6, 1};
  const std::uint32_t word = packed_int4(weights);
  for (int i = 0; i < 8; ++i) EXPECT_EQ(int4_weight_of(word, i), weights[i]);
  for (int pair = 0; pair < 4; ++pair) {
    const std::uint32_t lanes = int4_pair_plus_136(word, pair);
    // A bf16 between 128 and 255 is 0x4300 plus its integer above 128.
    EXPECT_EQ(static_cast<int>(lanes & 0xFFFF) - 0x4308, weights[2 * pair]);
    EXPECT_EQ(static_cast<int>(lanes >> 16) - 0x4308, weights[2 * pair + 1]);
  }
}

}  // namespace
}  // namespace microdc::kernels::cuda
