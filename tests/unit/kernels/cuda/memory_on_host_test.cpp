// The memory kernels and the one-shot all-reduce themselves, run on the host.
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <set>

#include "kernels/cuda/all_reduce.cuh"
#include "kernels/cuda/chase.cuh"
#include "kernels/cuda/memory.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;

/// Vectors of random finite floats.
std::vector<uint4> random_vectors(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<uint4> vectors(count);
  for (uint4& v : vectors) {
    v = {__float_as_uint(normal(random)), __float_as_uint(normal(random)),
         __float_as_uint(normal(random)), __float_as_uint(normal(random))};
  }
  return vectors;
}

bool equal(const uint4& a, const uint4& b) {
  return a.x == b.x && a.y == b.y && a.z == b.z && a.w == b.w;
}

/// Working sets smaller than a tile, of whole tiles, and with a rest; few blocks and many.
struct MemoryCase {
  std::size_t vectors;
  unsigned blocks;
};
const MemoryCase cases[] = {{5, 1}, {2048, 1}, {2048, 2}, {5000, 2}, {5000, 9}};

TEST(MemoryOnHost, ReadsEveryWordOnce) {
  for (const MemoryCase& c : cases) {
    const auto data = random_vectors(c.vectors, 1);
    std::uint32_t expected = 0, result = 0;
    std::vector<std::uint32_t> results(cuda::read_result_words);
    for (const uint4& v : data) expected ^= v.x ^ v.y ^ v.z ^ v.w;
    host_device::run({c.blocks, cuda::memory_threads, 0, [&] {
                        cuda::read_memory<4, true>(
                            data.data(), static_cast<std::int64_t>(c.vectors), results.data());
                      }});
    for (const std::uint32_t word : results) result ^= word;
    EXPECT_EQ(result, expected) << c.vectors << " vectors, " << c.blocks << " blocks";
  }
}

TEST(MemoryOnHost, WritesAndCopiesEveryVectorAndNoOther) {
  for (const MemoryCase& c : cases) {
    const auto count = static_cast<std::int64_t>(c.vectors);
    const auto from = random_vectors(c.vectors, 1);
    std::vector<uint4> copied(c.vectors + 1), written(c.vectors + 1);
    host_device::run({c.blocks, cuda::memory_threads, 0,
                      [&] { cuda::copy_memory<4, true>(copied.data(), from.data(), count); }});
    host_device::run({c.blocks, cuda::memory_threads, 0,
                      [&] { cuda::write_memory<2, false>(written.data(), count, 77); }});
    for (std::size_t i = 0; i < c.vectors; ++i) {
      const std::uint32_t word = cuda::written_word(77, static_cast<std::int64_t>(i));
      ASSERT_TRUE(equal(copied[i], from[i])) << i;
      ASSERT_TRUE(equal(written[i], {word, word + 1, word + 2, word + 3})) << i;
    }
    EXPECT_TRUE(equal(copied[c.vectors], uint4{}) && equal(written[c.vectors], uint4{}));
  }
}

TEST(MemoryOnHost, AddsTheTriad) {
  for (const MemoryCase& c : cases) {
    const auto left = random_vectors(c.vectors, 1), right = random_vectors(c.vectors, 2);
    std::vector<uint4> sums(c.vectors);
    host_device::run({c.blocks, cuda::memory_threads, 0, [&] {
                        cuda::triad_memory<4, false>(sums.data(), left.data(), right.data(),
                                                     static_cast<std::int64_t>(c.vectors));
                      }});
    for (std::size_t i = 0; i < c.vectors; ++i) {
      const double expected = static_cast<double>(__uint_as_float(left[i].z)) +
                              cuda::triad_factor * static_cast<double>(__uint_as_float(right[i].z));
      ASSERT_FLOAT_EQ(__uint_as_float(sums[i].z), static_cast<float>(expected)) << i;
    }
  }
}

TEST(ChaseOnHost, WalksThePathThatWasLaid) {
  const std::uint32_t lines = 100;
  std::vector<std::uint32_t> memory(lines * cuda::chase_words_per_line);
  host_device::run({2, 32, 0, [&] { cuda::lay_chase_path(memory.data(), lines); }});
  std::uint32_t position = 3, expected = 3;
  host_device::run({1, 1, 0, [&] { cuda::chase(memory.data(), 64, &position); }});
  for (int i = 0; i < 64; ++i) expected = cuda::ChasePath(lines).next(expected);
  EXPECT_EQ(position, expected);
}

/// Ranks as launches that run at the same time; several rounds over the same flags.
TEST(AllReduceOnHost, AddsAllRanksRoundAfterRound) {
  constexpr int ranks = 3, rounds = 3, vectors = 1300;
  constexpr unsigned blocks = 2;
  std::vector<cuda::AllReduceFlags> flags(ranks);
  for (int round = 0; round < rounds; ++round) {
    std::vector<std::vector<__nv_bfloat16>> messages, results;
    for (unsigned r = 0; r < ranks; ++r) {
      messages.push_back(random_bf16(vectors * 8, r + 10 * static_cast<unsigned>(round)));
      results.push_back(poisoned_bf16(vectors * 8));
    }
    std::vector<cuda::AllReduceArguments> arguments(ranks);
    std::vector<host_device::Launch> launches;
    for (std::size_t r = 0; r < ranks; ++r) {
      for (std::size_t peer = 0; peer < ranks; ++peer) {
        arguments[r].messages[peer] = reinterpret_cast<const uint4*>(messages[peer].data());
        arguments[r].flags[peer] = &flags[peer];
      }
      arguments[r].result = reinterpret_cast<uint4*>(results[r].data());
      arguments[r].rank = static_cast<int>(r), arguments[r].ranks = ranks;
      arguments[r].vectors = vectors;
      launches.push_back({blocks, cuda::all_reduce_threads, 0,
                          [&arguments, r] { cuda::all_reduce_one_shot<ranks>(arguments[r]); }});
    }
    host_device::run_together(launches, {host_device::ThreadOrder::shuffled});
    cuda::ErrorMeter meter;
    for (std::size_t i = 0; i < vectors * 8; ++i) {
      double sum = 0;
      for (const auto& message : messages) sum += value_of(message[i]);
      for (const auto& result : results) meter.add(value_of(result[i]), sum);
    }
    EXPECT_TRUE(meter.result(0.004).passed) << meter.result(0.004).largest_error;
  }
}

}  // namespace
}  // namespace microdc::testing
