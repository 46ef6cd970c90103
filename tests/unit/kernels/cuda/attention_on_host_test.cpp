// The kernels of decode attention themselves, run on the host, against float64.
#include "tests/support/gemm_on_host.hpp"
#include "tests/unit/kernels/cuda/kernels_on_host.hpp"
// After the above.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <type_traits>

#include "kernels/cuda/decode_block.cuh"
#include "kernels/cuda/decode_columns.cuh"
#include "kernels/cuda/decode_combine.cuh"

namespace microdc::testing {
namespace {

namespace cuda = kernels::cuda;
using host_device::Schedule;

constexpr float log2_e = 1.44269504F;

struct DecodeCase {
  std::vector<int> contexts;
  int q_heads, kv_heads, blocks;
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

  template <int Warps, int Stages, template <class, int> class Copying,
            template <class, int, bool> class Arithmetic>
  void run(const Schedule& schedule) {
    using Kernel = cuda::DecodeBlock<Cache, HeadDim, Warps, Stages, Copying, Arithmetic>;
    const int group = c.q_heads / c.kv_heads;
    plan = cuda::plan_decode(c.contexts, c.kv_heads,
                             {.blocks = c.blocks,
                              .multiprocessors = c.blocks,
                              .rounds = 1,
                              .warps = Warps,
                              .unit_pages = Kernel::Unit::pages,
                              .unit_bytes = 16 * 1024});  // splits more readily than with 8 KiB
    const auto slot_rows = static_cast<std::size_t>(plan.slots * group);
    std::vector<float> slot_outputs(slot_rows * HeadDim, NAN);
    std::vector<cuda::SoftmaxPart> slot_sums(slot_rows, {NAN, NAN});
    std::vector<unsigned> arrivals(plan.split_pairs.size());
    cuda::DecodeArguments arguments{};
    arguments.queries = queries.data();
    arguments.keys = keys.data(), arguments.values = values.data();
    arguments.block_table = block_table.data();
    arguments.outputs = outputs.data();
    const auto starts = plan.starts(block_table, pages_per_sequence);
    arguments.parts = plan.parts.data(), arguments.starts = starts.data();
    arguments.split_pairs = plan.split_pairs.data();
    arguments.slot_outputs = slot_outputs.data(), arguments.slot_sums = slot_sums.data();
    const bool combines = schedule.copies == host_device::CopiesLand::when_waited_for;
    arguments.arrivals = combines ? arrivals.data() : nullptr;
    arguments.q_heads = c.q_heads, arguments.kv_heads = c.kv_heads;
    arguments.pages_per_sequence = pages_per_sequence;
    arguments.score_scale = scale * log2_e * Cache::operand_scale;
    arguments.value_scale = Cache::operand_scale;
    const dim3 grid(static_cast<unsigned>(plan.blocks()));
    host_device::run(
        {grid, Kernel::threads, Kernel::shared_bytes,
         [&] {
           cuda::decode_attention<Cache, HeadDim, Warps, Stages, Copying, Arithmetic>(arguments);
         }},
        schedule);
    host_device::finish_hopper_kernel();
    EXPECT_EQ(std::count(arrivals.begin(), arrivals.end(), 0U), plan.split_pairs.size());
    if (plan.slots == 0 || combines) return;
    const int slices = plan.most_slots() > 4 ? 4 : 2;
    const dim3 combining(static_cast<unsigned>((group * slices + 7) / 8),
                         static_cast<unsigned>(plan.split_pairs.size()));
    host_device::run({combining, 256, 0, [&] { cuda::combine_parts<HeadDim>(arguments, slices); }},
                     schedule);
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
  cuda::DecodePlan plan;
};

// Weights and results are rounded to bf16 (2^-9 each); errors are relative to the rms or the value.
constexpr double bf16_tolerance = 0.012;

template <class Cache, int HeadDim, int Warps, int Stages, template <class, int> class Copying,
          template <class, int, bool> class Arithmetic>
void expect_kernel(const DecodeCase& c, bool split) {
  for (const Schedule& schedule : host_device::schedules()) {
    DecodeRig<Cache, HeadDim> rig(c);
    rig.template run<Warps, Stages, Copying, Arithmetic>(schedule);
    EXPECT_LT(rig.largest_error(), bf16_tolerance) << "first context " << c.contexts[0];
    EXPECT_EQ(rig.plan.slots > 0, split) << "first context " << c.contexts[0];
  }
}

template <class Cache, int HeadDim, int Warps, int Stages>
void expect_decode(const DecodeCase& c, bool split) {
  expect_kernel<Cache, HeadDim, Warps, Stages, cuda::LaneCopies, cuda::RowArithmetic>(c, split);
  if constexpr (std::is_same_v<Cache, cuda::Bf16Cache>)
    expect_kernel<Cache, HeadDim, Warps, Stages, cuda::BulkCopies, cuda::RowArithmetic>(c, split);
}

/// With heads as columns.
template <class Cache, int HeadDim, int Warps, int Stages>
void expect_columns(const DecodeCase& c, bool split) {
  expect_kernel<Cache, HeadDim, Warps, Stages, cuda::LaneCopies, cuda::ColumnArithmetic>(c, split);
}

TEST(DecodeAttentionOnHost, MatchesFloat64ForBf16) {
  expect_decode<cuda::Bf16Cache, 128, 4, 3>({{1, 17, 100}, 8, 2, 6}, false);
  expect_decode<cuda::Bf16Cache, 64, 4, 3>({{64, 300}, 3, 1, 1}, false);
}

TEST(DecodeAttentionOnHost, MatchesFloat64ForFp8) {
  expect_decode<cuda::Fp8Cache, 128, 4, 3>({{33, 200}, 16, 1, 1}, false);
  expect_decode<cuda::Fp8Cache, 64, 2, 3>({{15, 129}, 2, 2, 4}, false);
}

TEST(DecodeAttentionOnHost, CombinesTheBlocksOfALongSequence) {
  expect_decode<cuda::Bf16Cache, 128, 4, 2>({{300}, 4, 1, 3}, true);
  expect_decode<cuda::Bf16Cache, 64, 2, 2>({{500}, 16, 1, 9}, true);
  expect_decode<cuda::Fp8Cache, 128, 2, 3>({{40, 700}, 10, 1, 5}, true);
}

TEST(DecodeAttentionOnHost, CarriesOnAcrossPartsOfUnevenLength) {
  expect_decode<cuda::Bf16Cache, 64, 4, 3>({{1, 16, 31, 5, 90, 2, 64, 33}, 4, 2, 1}, false);
  expect_decode<cuda::Bf16Cache, 64, 4, 2>({{10, 400, 3, 40}, 4, 2, 5}, true);
  expect_decode<cuda::Fp8Cache, 64, 8, 2>({{1, 16, 33, 47, 300, 5}, 8, 2, 1}, false);
}

TEST(DecodeAttentionOnHost, RefillsTheBlockTable) {
  expect_decode<cuda::Fp8Cache, 64, 1, 3>({{16 * 134 + 5, 20}, 1, 1, 1}, false);
  expect_decode<cuda::Bf16Cache, 64, 1, 2>({{16 * 70 + 5}, 1, 1, 1}, false);
}

TEST(DecodeAttentionOnHost, MatchesFloat64WithHeadsAsColumns) {
  expect_columns<cuda::Fp8CacheConverted, 128, 4, 3>({{33, 200, 1}, 8, 1, 1}, false);
  expect_columns<cuda::Fp8CacheConverted, 64, 2, 2>({{15, 129}, 6, 2, 4}, false);
  expect_columns<cuda::Fp8Cache, 128, 4, 2>({{40, 500}, 5, 1, 4}, true);
  expect_columns<cuda::Fp8Cache, 64, 1, 3>({{16 * 70 + 5, 20}, 2, 1, 1}, false);
  expect_columns<cuda::Fp8CacheConverted, 128, 4, 3>({{1, 17, 100}, 8, 2, 6}, false);
  expect_columns<cuda::Fp8CacheConverted, 64, 4, 2>({{10, 600, 3}, 4, 2, 5}, true);
}

}  // namespace
}  // namespace microdc::testing
