// Which requests look something up, how much longer their prompts get, and what these share.
#include <cmath>

#include "sim/workload/retrieval_prompts.hpp"
#include "tests/unit/workload/support.hpp"

namespace microdc {
namespace {

WorkloadSpec questions(double share) {
  WorkloadSpec spec;
  spec.kind = "constant";
  spec.rate = PerSecond(1);
  spec.requests = 4000;
  spec.input.mean = 500;
  spec.shared_prefix_tokens = 128;
  spec.retrieval = RetrievalSpec{.knowledge_base = "base", .share = share, .chunks = 5};
  return spec;
}

KnowledgeBaseSpec base_with(double exponent) {
  return {.name = "base", .chunks = 1000, .chunk_tokens = 256, .popularity_exponent = exponent};
}

RequestStream make(const WorkloadSpec& spec, const KnowledgeBaseSpec& base) {
  auto made = make_requests(spec, 1, 0, ".");
  EXPECT_TRUE(made.ok()) << to_text(made.diagnostics());
  if (!made.ok()) return {};
  const Diagnostics findings = put_chunks_before_prompts(*made, spec, base, 1, 0);
  EXPECT_FALSE(findings.has_errors()) << to_text(findings);
  return *made;
}

/// Leading prefix blocks that two requests share.
std::size_t shared_blocks(const Trace& trace, std::size_t a, std::size_t b) {
  const TraceRequest& one = trace.requests[a];
  const TraceRequest& other = trace.requests[b];
  std::size_t same = 0;
  while (same < one.prefix_count && same < other.prefix_count &&
         trace.prefix_hashes[one.prefix_begin + same] ==
             trace.prefix_hashes[other.prefix_begin + same]) {
    ++same;
  }
  return same;
}

TEST(ZipfRank, IsUniformWithoutAnExponent) {
  EXPECT_EQ(zipf_rank(0.001, 100, 0), 1);
  EXPECT_EQ(zipf_rank(0.505, 100, 0), 51);
  EXPECT_EQ(zipf_rank(0.999, 100, 0), 100);
}

TEST(ZipfRank, FindsRanksInProportionToTheirPower) {
  // Rank 1 of exponent 1: ln(1.5/0.5) / ln(1000.5/0.5) = 0.1445; of 0.7: (1.5^0.3 - 0.5^0.3) /
  // (1000.5^0.3 - 0.5^0.3) = 0.3171 / 7.1321 = 0.0445.
  EXPECT_EQ(zipf_rank(0.1444, 1000, 1), 1);
  EXPECT_EQ(zipf_rank(0.1447, 1000, 1), 2);
  EXPECT_EQ(zipf_rank(0.0443, 1000, 0.7), 1);
  EXPECT_EQ(zipf_rank(0.0446, 1000, 0.7), 2);
  EXPECT_EQ(zipf_rank(1 - 1e-16, 1000, 2), 1000);
  for (double u = 0.01; u < 0.99; u += 0.01) {
    EXPECT_LE(zipf_rank(u, 500000, 0.7), zipf_rank(u + 0.01, 500000, 0.7));
  }
}

TEST(RetrievalPrompts, GrowByTheirChunksAndOnlyWhereSomethingIsLookedUp) {
  const RequestStream stream = make(questions(0.4), base_with(0.7));
  ASSERT_EQ(stream.looks_up.size(), 4000u);
  int lookups = 0;
  for (std::size_t i = 0; i < stream.looks_up.size(); ++i) {
    EXPECT_EQ(stream.trace.requests[i].input_tokens, stream.looks_up[i] ? 500 + 5 * 256 : 500);
    lookups += stream.looks_up[i] ? 1 : 0;
  }
  EXPECT_NEAR(lookups, 1600, 100);  // three standard deviations
}

TEST(RetrievalPrompts, WhoLooksUpAtOneShareDoesAtEveryLargerOne) {
  const RequestStream few = make(questions(0.3), base_with(0.7));
  const RequestStream many = make(questions(0.6), base_with(0.7));
  for (std::size_t i = 0; i < few.looks_up.size(); ++i) {
    EXPECT_TRUE(!few.looks_up[i] || many.looks_up[i]);
  }
}

TEST(RetrievalPrompts, ShareTheFirstChunkOnlyIfItIsTheSame) {
  const RequestStream even = make(questions(1), base_with(0));
  const RequestStream steep = make(questions(1), base_with(2));
  const auto with_chunk = [](const RequestStream& stream) {
    int pairs = 0;
    for (std::size_t i = 1; i < stream.trace.requests.size(); ++i) {
      const std::size_t same = shared_blocks(stream.trace, i - 1, i);
      // Blocks of 16: 128 tokens of the stream, or these and a chunk of 256.
      EXPECT_TRUE(same == 8 || same == 24) << same;
      pairs += same == 24 ? 1 : 0;
    }
    return pairs;
  };
  // Neighbours with one first chunk: 1/1000 of 3,999, and the sum of the squared probabilities at
  // exponent 2, of which rank 1 alone has (4/3 / 1.999)^2 = 0.445.
  EXPECT_LT(with_chunk(even), 20);
  EXPECT_NEAR(with_chunk(steep), 0.477 * 3999, 150);
}

TEST(RetrievalPrompts, OtherDocumentsHideTheConversation) {
  WorkloadSpec spec = questions(1);
  spec.turns_mean = 3;
  const RequestStream always = make(spec, base_with(0));
  spec.retrieval->share = 1e-9;
  const RequestStream never = make(spec, base_with(0));
  ASSERT_EQ(always.follows.size(), never.follows.size());
  std::size_t compared = 0;
  for (std::size_t i = 0; i < always.follows.size(); ++i) {
    if (always.follows[i] < 0) continue;
    const auto before = static_cast<std::size_t>(always.follows[i]);
    // 500 tokens of the first prompt are 31 whole blocks; behind documents only the stream's 8.
    EXPECT_GE(shared_blocks(never.trace, before, i), 31u);
    EXPECT_LE(shared_blocks(always.trace, before, i), 24u);
    ++compared;
  }
  EXPECT_GT(compared, 100u);
}

TEST(RetrievalPrompts, WorkWithoutAnyOtherPrefix) {
  WorkloadSpec spec = questions(1);
  spec.shared_prefix_tokens = 0;
  const RequestStream stream = make(spec, base_with(3));
  EXPECT_EQ(stream.trace.prefix_block_tokens, 16);
  for (const TraceRequest& request : stream.trace.requests) {
    EXPECT_TRUE(request.prefix_count == 0 || request.prefix_count == 16) << request.prefix_count;
    EXPECT_LE(request.prefix_begin + request.prefix_count, stream.trace.prefix_hashes.size());
  }
}

TEST(RetrievalPrompts, OfAnyLengthDoNotOverflow) {
  WorkloadSpec spec = questions(1);
  spec.requests = 10;
  spec.retrieval->chunks = 10000;
  KnowledgeBaseSpec base = base_with(0.7);
  base.chunk_tokens = 1'000'000;
  for (const TraceRequest& request : make(spec, base).trace.requests) {
    EXPECT_EQ(request.input_tokens, 1'000'000'000);
  }
}

}  // namespace
}  // namespace microdc
