// The sampling kernels themselves, run on the host.
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "kernels/cuda/sampling.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;
using host_device::Schedule;

struct SamplingCase {
  int rows, vocabulary, slices, top_k;
  float top_p;
};

std::vector<float> random_logits(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> logits(count);
  for (float& logit : logits) logit = normal(random);
  return logits;
}

struct Sampled {
  std::vector<cuda::Candidate> candidates;
  std::vector<int> tokens;
};

constexpr std::uint64_t seed = 11;
constexpr float temperature = 0.7F;

Sampled sample(const SamplingCase& c, const std::vector<float>& logits, const Schedule& schedule) {
  Sampled result;
  const int given = c.slices * c.top_k;
  result.candidates.assign(static_cast<std::size_t>(c.rows * given), 1);
  result.tokens.assign(static_cast<std::size_t>(c.rows), -1);
  const cuda::SamplingArguments arguments{logits.data(),
                                          result.candidates.data(),
                                          result.tokens.data(),
                                          c.vocabulary,
                                          c.slices,
                                          c.top_k,
                                          c.top_p,
                                          1.44269504F / temperature,
                                          seed};
  host_device::run({dim3(static_cast<unsigned>(c.slices), static_cast<unsigned>(c.rows)),
                    cuda::sampling_threads, 0, [&] { cuda::select_candidates(arguments); }},
                   schedule);
  host_device::run({static_cast<unsigned>(c.rows), cuda::sampling_threads,
                    static_cast<int>(sizeof(cuda::Candidate)) * cuda::power_of_two_from(given),
                    [&] { cuda::sample_candidates(arguments); }},
                   schedule);
  return result;
}

void expect_right(const SamplingCase& c, const std::vector<float>& logits) {
  for (const Schedule& schedule : host_device::schedules()) {
    const Sampled sampled = sample(c, logits, schedule);
    for (int row = 0; row < c.rows; ++row) {
      const std::span<const float> own(
          logits.data() + static_cast<std::ptrdiff_t>(row) * c.vocabulary,
          static_cast<std::size_t>(c.vocabulary));
      const float uniform = cuda::uniform_of_row(seed, static_cast<std::uint32_t>(row));
      EXPECT_TRUE(cuda::sampled_rightly(own, c.top_k, c.top_p, temperature, uniform,
                                        sampled.tokens[static_cast<std::size_t>(row)], 1e-5))
          << "row " << row << ", token " << sampled.tokens[static_cast<std::size_t>(row)];
    }
  }
}

TEST(SamplingOnHost, DrawsFromTheNucleus) {
  expect_right({4, 9001, 1, 50, 0.9F}, random_logits(4 * 9001, 1));  // rows out of alignment
  expect_right({2, 5003, 3, 20, 0.5F}, random_logits(2 * 5003, 2));
}

TEST(SamplingOnHost, TakesVocabulariesSmallerThanK) {
  expect_right({3, 10, 1, 50, 1.0F}, random_logits(30, 3));
  expect_right({2, 5, 4, 8, 0.8F}, random_logits(10, 4));  // the last slice is empty
}

TEST(SamplingOnHost, FindsTheExactSetWhereTheShortcutHasNoRoom) {
  // All logits equal: more survive than there is room for, and the lowest tokens win.
  const std::vector<float> equal(4000, 1.5F);
  expect_right({1, 4000, 1, 64, 0.9F}, equal);
  const Sampled sampled = sample({1, 4000, 1, 64, 0.9F}, equal, {});
  for (std::uint32_t i = 0; i < 64; ++i) EXPECT_EQ(cuda::token_of(sampled.candidates[i]), i);
}

TEST(SamplingOnHost, KeepsExactlyTheBestOfEachSlice) {
  const auto logits = random_logits(6000, 5);
  const Sampled sampled = sample({1, 6000, 2, 100, 0.9F}, logits, {});
  for (int slice = 0; slice < 2; ++slice) {
    std::vector<int> order(3000);
    std::iota(order.begin(), order.end(), slice * 3000);
    std::sort(order.begin(), order.end(), [&](int a, int b) {
      return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    for (std::size_t i = 0; i < 100; ++i) {
      EXPECT_EQ(cuda::token_of(sampled.candidates[static_cast<std::size_t>(slice) * 100 + i]),
                static_cast<std::uint32_t>(order[i]));
    }
  }
}

}  // namespace
}  // namespace microdc::testing
