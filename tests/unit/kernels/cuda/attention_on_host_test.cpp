// The decode attention kernels themselves, run on the host, against float64.
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "kernels/cuda/attention_decode.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;
using host_device::Launch;
using host_device::Schedule;

constexpr float log2_e = 1.44269504F;

struct DecodeCase {
  std::vector<int> contexts;
  int q_heads, kv_heads, splits;
};

/// A paged cache with its pages in random order.
template <class Cache, int HeadDim>
struct DecodeRig {
  using Element = typename Cache::Element;
  explicit DecodeRig(const DecodeCase& wanted) : c(wanted) {
    const int batch = static_cast<int>(c.contexts.size());
    const int longest = *std::max_element(c.contexts.begin(), c.contexts.end());
    pages_per_sequence = cuda::pages_of(longest) + 1;
    const auto pages = static_cast<std::size_t>(batch * pages_per_sequence);
    block_table.resize(pages);
    std::iota(block_table.begin(), block_table.end(), 0);
    std::shuffle(block_table.begin(), block_table.end(), std::mt19937(3));
    const std::size_t elements = pages * static_cast<std::size_t>(c.kv_heads * 16 * HeadDim);
    if constexpr (std::is_same_v<Element, std::uint8_t>) {
      keys = random_fp8(elements, 1), values = random_fp8(elements, 2);
    } else {
      keys = random_bf16(elements, 1), values = random_bf16(elements, 2);
    }
    poison_after_context();
    const auto rows = static_cast<std::size_t>(batch * c.q_heads);
    queries = random_bf16(rows * HeadDim, 4);
    outputs = poisoned_bf16(rows * HeadDim);
    split_outputs.assign(rows * static_cast<std::size_t>(c.splits) * HeadDim, NAN);
    split_sums.assign(rows * static_cast<std::size_t>(c.splits), {NAN, NAN});
  }

  std::size_t place(int sequence, int token, int kv_head, int d) const {
    const int page = block_table[static_cast<std::size_t>(sequence * pages_per_sequence +
                                                          token / cuda::page_tokens)];
    return static_cast<std::size_t>(cuda::page_offset(page, kv_head, c.kv_heads, HeadDim)) +
           static_cast<std::size_t>(token % cuda::page_tokens * HeadDim + d);
  }

  /// NaN in the rest of the cache, as another sequence may have left it.
  void poison_after_context() {
    for (int s = 0; s < static_cast<int>(c.contexts.size()); ++s) {
      const int context = c.contexts[static_cast<std::size_t>(s)];
      for (int t = context; t < pages_per_sequence * cuda::page_tokens; ++t) {
        for (int i = 0; i < c.kv_heads * HeadDim; ++i) {
          const std::size_t at = place(s, t, i / HeadDim, i % HeadDim);
          if constexpr (std::is_same_v<Element, std::uint8_t>) {
            keys[at] = values[at] = 0x7f;
          } else {
            keys[at] = values[at] = __float2bfloat16(NAN);
          }
        }
      }
    }
  }

  template <int Warps, int Stages>
  void run(const Schedule& schedule) {
    using Kernel = cuda::DecodeAttention<Cache, HeadDim, Warps, Stages>;
    cuda::DecodeArguments arguments{};
    arguments.queries = queries.data();
    arguments.keys = keys.data(), arguments.values = values.data();
    arguments.block_table = block_table.data(), arguments.contexts = c.contexts.data();
    arguments.outputs = outputs.data();
    arguments.split_outputs = split_outputs.data(), arguments.split_sums = split_sums.data();
    arguments.q_heads = c.q_heads, arguments.kv_heads = c.kv_heads;
    arguments.pages_per_sequence = pages_per_sequence, arguments.splits = c.splits;
    arguments.score_scale = scale * log2_e * Cache::operand_scale;
    arguments.value_scale = Cache::operand_scale;
    const auto batch = static_cast<unsigned>(c.contexts.size());
    const dim3 grid(static_cast<unsigned>(c.splits), static_cast<unsigned>(c.kv_heads), batch);
    host_device::run({grid, Kernel::threads, Kernel::shared_bytes,
                      [&] { cuda::decode_attention<Cache, HeadDim, Warps, Stages>(arguments); }},
                     schedule);
    if (c.splits > 1) {
      host_device::run({dim3(static_cast<unsigned>(c.q_heads), batch), HeadDim, 0,
                        [&] { cuda::combine_splits<HeadDim>(arguments); }},
                       schedule);
    }
  }

  double largest_error() const {
    cuda::ErrorMeter meter;
    for (int s = 0; s < static_cast<int>(c.contexts.size()); ++s) {
      for (int h = 0; h < c.q_heads; ++h) {
        const std::size_t row = static_cast<std::size_t>(s * c.q_heads + h) * HeadDim;
        std::vector<double> query;
        for (std::size_t d = 0; d < HeadDim; ++d) query.push_back(value_of(queries[row + d]));
        const int kv_head = h / (c.q_heads / c.kv_heads);
        const auto expected = cuda::attention_row(
            query, c.contexts[static_cast<std::size_t>(s)], scale,
            [&](int t, int d) { return value_of(keys[place(s, t, kv_head, d)]); },
            [&](int t, int d) { return value_of(values[place(s, t, kv_head, d)]); });
        for (std::size_t d = 0; d < HeadDim; ++d)
          meter.add(value_of(outputs[row + d]), expected[d]);
      }
    }
    return meter.result(1).largest_error;
  }

  DecodeCase c;
  float scale = 0.1F;
  int pages_per_sequence = 0;
  std::vector<int> block_table;
  std::vector<Element> keys, values;
  std::vector<__nv_bfloat16> queries, outputs;
  std::vector<float> split_outputs;
  std::vector<cuda::SoftmaxPart> split_sums;
};

// Weights and results are rounded to bf16 (2^-9 each); errors are relative to the rms or the value.
constexpr double bf16_tolerance = 0.012;

template <class Cache, int HeadDim, int Warps, int Stages>
void expect_decode(const DecodeCase& c) {
  for (const Schedule& schedule : host_device::schedules()) {
    DecodeRig<Cache, HeadDim> rig(c);
    rig.template run<Warps, Stages>(schedule);
    EXPECT_LT(rig.largest_error(), bf16_tolerance)
        << "splits " << c.splits << ", first context " << c.contexts[0];
  }
}

TEST(DecodeAttentionOnHost, MatchesFloat64ForBf16) {
  expect_decode<cuda::Bf16Cache, 128, 4, 3>({{1, 17, 100}, 8, 2, 1});
  expect_decode<cuda::Bf16Cache, 128, 4, 2>({{300}, 4, 1, 3});
  expect_decode<cuda::Bf16Cache, 64, 4, 4>({{64, 1100}, 3, 1, 1});
}

TEST(DecodeAttentionOnHost, MatchesFloat64ForFp8) {
  expect_decode<cuda::Fp8Cache, 128, 4, 3>({{33, 200}, 16, 1, 2});
  expect_decode<cuda::Fp8Cache, 64, 2, 4>({{15, 129}, 2, 2, 1});
}

TEST(DecodeAttentionOnHost, RefillsTheBlockTable) {
  expect_decode<cuda::Fp8Cache, 64, 1, 3>({{16 * 70 + 5}, 1, 1, 1});
}

TEST(DecodeAttentionOnHost, LeavesSplitsWithoutPagesOut) {
  expect_decode<cuda::Bf16Cache, 64, 2, 3>({{20, 200}, 2, 1, 8});
}

}  // namespace
}  // namespace microdc::testing
