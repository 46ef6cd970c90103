#include "kernels/cuda/gemm/gemm_tile.hpp"

#include <gtest/gtest.h>

#include <string>

namespace microdc::kernels::cuda {
namespace {

GemmTile legal(const std::string& text) {
  const ParsedTile parsed = parse_gemm_tile(text);
  EXPECT_EQ(parsed.problem, "") << text;
  return parsed.tile;
}

TEST(GemmTile, IsReadAsItIsWritten) {
  const GemmTile tile = legal("128x192x64-4-4x2");
  EXPECT_EQ(tile, (GemmTile{.m = 128, .n = 192, .k = 64, .stages = 4, .warps_m = 4, .warps_n = 2}));
  EXPECT_EQ(text_of(tile), "128x192x64-4-4x2");
  EXPECT_EQ(tile.threads(), 256);
  EXPECT_EQ(tile.shared_bytes(), 4 * (128 + 192) * 128);
  // 32 x 96 sums on 32 lanes; two steps of 2 x 4 words of A and 12 x 2 of the weights.
  EXPECT_EQ(tile.operand_registers(), 96 + 2 * (8 + 24));
}

/// Without warps it gets those of the compiled tile of its size (gemm_mma_variants.cuh).
TEST(GemmTile, ChoosesWarpsLikeTheCompiledOnes) {
  EXPECT_EQ(text_of(legal("64x64x64-5")), "64x64x64-5-2x2");
  EXPECT_EQ(text_of(legal("64x128x64-4")), "64x128x64-4-2x2");
  EXPECT_EQ(text_of(legal("128x128x64-3")), "128x128x64-3-2x2");
  EXPECT_EQ(text_of(legal("128x256x64-3")), "128x256x64-3-2x4");
  EXPECT_EQ(text_of(legal("256x128x64-3")), "256x128x64-3-4x2");
  EXPECT_EQ(text_of(legal("64x128x128-4")), "64x128x128-4-2x2");
  EXPECT_EQ(text_of(legal("128x128x128-3")), "128x128x128-3-2x4");
  // Columns come in 32s, and the rows that threads copy at a time have to divide n.
  EXPECT_EQ(text_of(legal("128x192x64-4")), "128x192x64-4-4x2");
}

TEST(GemmTile, ThatIsNotWrittenAsOneIsRefused) {
  for (const char* text : {"", "128", "128x128", "128x128x64", "128x128x64-", "128x128x64-3-2",
                           "128x128x64-3-2x", "128x128x64-3-2x2x2", "x128x64-3", "128x-128x64-3",
                           "128x0x64-3", "128x128x64-99999999999", "2048x128x64-3", "a"}) {
    EXPECT_NE(parse_gemm_tile(text).problem.find("is written MxNxK-STAGES"), std::string::npos)
        << text;
  }
}

TEST(GemmTile, ThatNoDeviceCouldRunIsRefusedWithTheReason) {
  const auto expect_problem = [](const std::string& text, const std::string& part) {
    const std::string problem = parse_gemm_tile(text).problem;
    EXPECT_NE(problem.find(part), std::string::npos) << text << ": " << problem;
  };
  expect_problem("128x128x32-3", "k must be 64");
  expect_problem("120x128x64-3", "m must be a multiple of 16");
  expect_problem("128x136x64-3", "n one of 32");
  expect_problem("128x128x64-1", "2 stages at least");
  expect_problem("128x128x64-8", "256 KiB of shared memory; a block has at most 227 KiB");
  expect_problem("128x128x64-3-8x8", "2048 threads");
  expect_problem("96x128x64-3-4x2", "m must be a multiple of 16 for each of the 4 warps");
  expect_problem("128x192x64-3-2x4", "n must be a multiple of 32 for each of the 4 warps");
  expect_problem("128x192x64-3-2x3", "192 threads copy 24 rows at a time");
  expect_problem("64x64x64-3-1x1", "32 threads copy 4 rows at a time");
  expect_problem("128x192x64-2-2x2", "64 x 96 takes 272 registers per thread");
  // 1024 threads share the registers of a multiprocessor: 64 each.
  expect_problem("256x512x64-2-4x8", "a thread of 1024 has at most 64");
  expect_problem("192x160x64-2", "no number of warps");
}

}  // namespace
}  // namespace microdc::kernels::cuda
