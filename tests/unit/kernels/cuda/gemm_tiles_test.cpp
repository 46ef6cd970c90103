#include "kernels/cuda/gemm/tiles.hpp"

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstring>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

TEST(GemmTiles, RowsOfBlocksFollowOneAnotherInGroupsOfEight) {
  for (const int n : {1, 8, 37, 1000, 28672}) {
    for (const int blocks : {1, 3, 132}) {
      int next = 0;
      for (int block = 0; block < blocks; ++block) {
        const UnitRange rows = rows_of_block(n, blocks, block);
        EXPECT_EQ(rows.first, next);
        EXPECT_EQ((rows.last - rows.first) % 8, 0);
        next = rows.last;
      }
      EXPECT_EQ(next, divided_up(n, 8) * 8);
    }
  }
}

TEST(GemmTiles, SkinnyPlansFillTheDevice) {
  const auto plan = [](int n, int units, int rows, int slots) {
    const SkinnyPlan p = skinny_plan(n, units, rows, slots, 4);
    return std::pair(p.row_blocks, p.splits);
  };
  EXPECT_EQ(plan(28672, 32, 256, 132), std::pair(132, 1));
  EXPECT_EQ(plan(8192, 64, 256, 132), std::pair(66, 2));
  EXPECT_EQ(plan(4096, 64, 256, 132), std::pair(33, 4));
  EXPECT_EQ(plan(152064, 32, 256, 132), std::pair(5 * 132, 1));
  EXPECT_EQ(plan(8, 64, 256, 132), std::pair(1, 16));
  EXPECT_EQ(plan(1024, 3, 256, 132), std::pair(128, 1)) << "no split of fewer than 4 units";
}

TEST(GemmTiles, SkinnyPlansGiveNoBlockMoreRowsThanItsTile) {
  for (int n = 1; n < 70000; n = n * 9 / 8 + 3) {
    for (const int slots : {1, 7, 132, 264}) {
      const SkinnyPlan plan = skinny_plan(n, 64, 128, slots, 4);
      EXPECT_GE(plan.splits, 1);
      for (int block = 0; block < plan.row_blocks; ++block) {
        const UnitRange rows = rows_of_block(n, plan.row_blocks, block);
        EXPECT_GT(rows.last, rows.first) << n << ", " << slots;
        EXPECT_LE(rows.last - rows.first, 128) << n << ", " << slots;
      }
    }
  }
}

class PackedWeights : public testing::TestWithParam<PackedFormat> {
 protected:
  static constexpr int rows = 11, columns = 3 * 128;  // tiles are left partly empty, both ways
  static int weight(const PackedFormat& format, int row, int k) {
    return (row * 5 + k * 7 + k / 16) % (2 * format.offset()) - format.offset();
  }
  static std::vector<unsigned char> packed(const PackedFormat& format) {
    std::vector<unsigned char> bytes(
        static_cast<std::size_t>(packed_bytes(rows, columns, format.row_k())));
    for (int row = 0; row < rows; ++row) {
      for (int k = 0; k < columns; ++k)
        pack_weight(format, bytes.data(), row, k, rows, weight(format, row, k));
    }
    return bytes;
  }
};

TEST_P(PackedWeights, ComeBack) {
  const std::vector<unsigned char> bytes = packed(GetParam());
  for (int row = 0; row < rows; ++row) {
    for (int k = 0; k < columns; ++k) {
      EXPECT_EQ(packed_weight(GetParam(), bytes.data(), row, k, rows), weight(GetParam(), row, k));
    }
  }
}

// What a lane multiplies in step j are the pairs 16 j + 2 t and 16 j + 2 t + 8, out of words of the
// chunks that it loads.
TEST_P(PackedWeights, LieWhereTheLanesOfAQuadLook) {
  const PackedFormat format = GetParam();
  const std::vector<unsigned char> bytes = packed(format);
  const bool int8 = format.bits == 8;
  const int row = 9, unit = 1;
  const auto word = [&](int chunk, int i) {
    const std::int64_t tile = packed_row_offset(row, unit, rows) - row % 8 * packed_row_bytes;
    std::uint32_t value = 0;
    std::memcpy(&value,
                &bytes[static_cast<std::size_t>(tile + swizzled_offset(row % 8, chunk) + i * 4)],
                4);
    return value;
  };
  for (int lane = 0; lane < 4; ++lane) {
    for (int step = 0; step < 8; ++step) {
      for (int half = 0; half < 2; ++half) {
        const std::uint32_t pair =
            int8 ? int8_pair_over_2_133(word(lane + step / 4 * 4, step % 4), half)
                 : int4_pair_over_2_133(word(lane, step / 2), step % 2 * 2 + half);
        const float size = int8 || half == 0 ? 0x1p127F : 0x1p123F;
        const int k = unit * format.row_k() + step * 16 + half * 8 + lane * 2;
        for (int i = 0; i < 2; ++i) {
          const float value = std::bit_cast<float>(pair >> (16 * i) << 16) * size;
          EXPECT_EQ(value * packed_weight_enlargement - static_cast<float>(format.offset()),
                    static_cast<float>(weight(format, row, k + i)));
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, PackedWeights, testing::Values(packed_int8, packed_int4),
                         [](const auto& of) { return "Int" + std::to_string(of.param.bits); });

TEST(PackedBf16, PairsOfBf16AreWhatTheirNamesSay) {
  const auto value = [](std::uint32_t pair) { return std::bit_cast<float>(pair << 16); };
  EXPECT_EQ(value(bf16_pair_of_2_127), 0x1p127F);
  EXPECT_EQ(value(bf16_pair_of_2_123), 0x1p123F);
  EXPECT_EQ(value(bf16_pair_of_int8_offset) * packed_weight_enlargement, -128.0F);
  EXPECT_EQ(value(bf16_pair_of_int4_offset) * packed_weight_enlargement, -8.0F);
}

}  // namespace
}  // namespace microdc::kernels::cuda
