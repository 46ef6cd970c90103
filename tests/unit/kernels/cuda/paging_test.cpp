#include "kernels/cuda/paging.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <set>
#include <vector>

#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/softmax_merge.hpp"

namespace microdc::kernels::cuda {
namespace {

TEST(Paging, GivesEachTokenAPlaceOfItsOwn) {
  constexpr int pages = 5, kv_heads = 3, head_dim = 64;
  std::set<std::int64_t> places;
  for (int page = 0; page < pages; ++page) {
    for (int head = 0; head < kv_heads; ++head) {
      for (int token = 0; token < page_tokens; ++token)
        places.insert(page_offset(page, head, kv_heads, head_dim) + token * head_dim);
    }
  }
  EXPECT_EQ(places.size(), static_cast<std::size_t>(pages * kv_heads * page_tokens));
  EXPECT_EQ(*places.rbegin(), (pages * kv_heads * page_tokens - 1) * head_dim);
}

TEST(Paging, ReachesCachesBeyond32Bits) {
  EXPECT_EQ(page_offset(1 << 20, 7, 8, 128), ((std::int64_t{1} << 20) * 8 + 7) * 16 * 128);
}

/// Merging the parts of one softmax gives the softmax of all scores.
TEST(SoftmaxMerge, EqualsTheWholeForAnyNumberOfSplits) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal(0, 5);
  std::vector<double> scores(1000), values(1000);
  for (double& score : scores) score = normal(random);
  for (double& value : values) value = normal(random);
  double total = 0, output = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    total += std::exp2(scores[i]);
    output += std::exp2(scores[i]) * values[i];
  }
  for (const std::size_t splits : {1U, 3U, 8U}) {
    std::vector<SoftmaxPart> parts(splits + 1, {-INFINITY, 0});  // the last one stays empty
    std::vector<float> outputs(splits + 1);
    for (std::size_t s = 0; s < splits; ++s) {
      double sum = 0, weighted = 0, maximum = -INFINITY;
      for (std::size_t i = s; i < scores.size(); i += splits)
        maximum = std::fmax(maximum, scores[i]);
      for (std::size_t i = s; i < scores.size(); i += splits) {
        sum += std::exp2(scores[i] - maximum);
        weighted += std::exp2(scores[i] - maximum) * values[i];
      }
      parts[s] = {static_cast<float>(maximum), static_cast<float>(sum)};
      // The float maximum is what the sums are relative to.
      const double shift = std::exp2(maximum - static_cast<double>(parts[s].maximum));
      parts[s].sum = static_cast<float>(sum * shift);
      outputs[s] = static_cast<float>(weighted * shift);
    }
    SoftmaxPart whole = parts[splits];
    for (std::size_t s = 0; s < splits; ++s) whole = merge(whole, parts[s]);
    double merged = 0;
    for (std::size_t s = 0; s <= splits; ++s)
      merged += static_cast<double>(outputs[s]) * merge_weight(parts[s], whole.maximum);
    EXPECT_NEAR(merged / whole.sum / (output / total), 1, 1e-6) << splits << " splits";
  }
}

TEST(SoftmaxMerge, OfNothingIsNothing) {
  const SoftmaxPart nothing{-INFINITY, 0};
  const SoftmaxPart merged = merge(nothing, nothing);
  EXPECT_EQ(merged.sum, 0);
  EXPECT_EQ(merge_weight(merged, merged.maximum), 0);
}

}  // namespace
}  // namespace microdc::kernels::cuda
