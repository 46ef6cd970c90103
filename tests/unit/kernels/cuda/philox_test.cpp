#include "kernels/cuda/philox.hpp"

#include <gtest/gtest.h>

namespace microdc::kernels::cuda {
namespace {

// The known answers that the Random123 library is published with (kat_vectors, philox4x32 10).
TEST(CudaPhilox, GivesThePublishedAnswers) {
  const PhiloxWords zeros = philox({{0, 0, 0, 0}}, 0, 0);
  EXPECT_EQ(zeros.word[0], 0x6627e8d5u);
  EXPECT_EQ(zeros.word[1], 0xe169c58du);
  EXPECT_EQ(zeros.word[2], 0xbc57ac4cu);
  EXPECT_EQ(zeros.word[3], 0x9b00dbd8u);
  const PhiloxWords ones = philox({{~0u, ~0u, ~0u, ~0u}}, ~0u, ~0u);
  EXPECT_EQ(ones.word[0], 0x408f276du);
  EXPECT_EQ(ones.word[1], 0x41c83b0eu);
  EXPECT_EQ(ones.word[2], 0xa20bc7c6u);
  EXPECT_EQ(ones.word[3], 0x6d5451fdu);
}

}  // namespace
}  // namespace microdc::kernels::cuda
