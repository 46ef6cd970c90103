// Attention of a block of queries over a paged KV cache with an online softmax (see vectors.hpp on
// how this file is used). Keys lie in columns within a page, so that one vector holds the products
// of a query with neighbouring tokens and nothing is summed across lanes.
#pragma once

#include "kernels/cpu/simd/panels.hpp"
#include "kernels/cpu/simd/rows.hpp"

namespace microdc::kernels::simd {
namespace {

/// Tokens whose scores are kept at a time.
constexpr int token_block = 128;
constexpr float masked = -1e30f;

template <class M, template <class> class Weights>
struct PagedAttention {
  using Float = typename M::Float;
  static constexpr int vectors = page_tokens / M::width;

  const PagedCache& cache;
  const AttentionPart& part;
  float scores[query_block * token_block];

  PagedAttention(const PagedCache& paged, const AttentionPart& asked) : cache(paged), part(asked) {}

  const std::uint8_t* page(const void* base, std::int64_t token) const {
    return static_cast<const std::uint8_t*>(base) +
           Weights<M>::bytes(cache.pages[token / page_tokens] * cache.page_stride);
  }

  template <int Rows>
  void score_tile(int query, std::int64_t token, std::int64_t first) {
    const float* queries = part.queries + query * part.query_stride;
    const std::uint8_t* keys = page(cache.keys, token);
    const std::int64_t stride = part.query_stride;
    Float sums[Rows][vectors] = {};
    multiply_tile<M, Rows, vectors>(
        [&](std::int64_t d, int i)
            __attribute__((always_inline)) { return M::spread(queries + i * stride + d); },
        [&](std::int64_t d, int v) __attribute__((always_inline)) {
          return Weights<M>::get(keys, d * page_tokens + v * M::width);
        },
        part.head_dim, sums);
    for (int i = 0; i < Rows; ++i) {
      for (int v = 0; v < vectors; ++v) {
        store(scores + (query + i) * token_block + (token - first) + v * M::width,
              sums[i][v] * part.scale);
      }
    }
  }

  /// out[query…] += probabilities * values, 16 columns at a time.
  template <int Rows>
  void value_tile(int query, std::int64_t first, std::int64_t tokens) {
    for (int column = 0; column < part.head_dim; column += page_tokens) {
      Float sums[Rows][vectors];
      float* out = part.out + query * part.head_dim + column;
      for (int i = 0; i < Rows; ++i) {
        for (int v = 0; v < vectors; ++v) {
          sums[i][v] = load<Float>(out + i * part.head_dim + v * M::width);
        }
      }
      for (std::int64_t t = 0; t < tokens; t += page_tokens) {
        const std::uint8_t* values = page(cache.values, first + t);
        const float* probabilities = scores + query * token_block + t;
        multiply_tile<M, Rows, vectors>(
            [&](std::int64_t d, int i) __attribute__((always_inline)) {
              return M::spread(probabilities + i * token_block + d);
            },
            [&](std::int64_t d, int v) __attribute__((always_inline)) {
              return Weights<M>::get(values, d * part.head_dim + column + v * M::width);
            },
            page_tokens, sums);
      }
      for (int i = 0; i < Rows; ++i) {
        for (int v = 0; v < vectors; ++v) store(out + i * part.head_dim + v * M::width, sums[i][v]);
      }
    }
  }

  template <int Rows>
  int scores_of(int query, std::int64_t first, std::int64_t tokens) {
    for (; query + Rows <= part.count; query += Rows) {
      for (std::int64_t t = 0; t < tokens; t += page_tokens)
        score_tile<Rows>(query, first + t, first);
    }
    if constexpr (Rows > 1) return scores_of<Rows / 2>(query, first, tokens);
    return query;
  }

  template <int Rows>
  int values_of(int query, std::int64_t first, std::int64_t tokens) {
    for (; query + Rows <= part.count; query += Rows) value_tile<Rows>(query, first, tokens);
    if constexpr (Rows > 1) return values_of<Rows / 2>(query, first, tokens);
    return query;
  }

  /// Scores become probabilities relative to the largest score so far; earlier results are scaled
  /// to it. `tokens` is a multiple of 16.
  void soften(int query, std::int64_t first, std::int64_t tokens) {
    float* row = scores + query * token_block;
    const std::int64_t visible =
        part.end < part.causal_end + query ? part.end : part.causal_end + query;
    for (std::int64_t t = visible > first ? visible - first : 0; t < tokens; ++t) row[t] = masked;
    Float high = broadcast<M>(part.largest[query]);
    for (std::int64_t t = 0; t < tokens; t += M::width) {
      const Float value = load<Float>(row + t);
      high = value > high ? value : high;
    }
    float lanes[M::width];
    store(lanes, high);
    float largest = lanes[0];
    for (int i = 1; i < M::width; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
    const Float shrink = exponential<M>(broadcast<M>(part.largest[query] - largest));
    Float sums = {};
    for (std::int64_t t = 0; t < tokens; t += M::width) {
      const Float value = exponential<M>(load<Float>(row + t) - largest);
      store(row + t, value);
      sums += value;
    }
    part.sum[query] = part.sum[query] * shrink[0] + sum_of<M>(sums);
    part.largest[query] = largest;
    float* out = part.out + query * part.head_dim;
    for (int i = 0; i < part.head_dim; i += M::width) store(out + i, load<Float>(out + i) * shrink);
  }

  void run() {
    for (int q = 0; q < part.count; ++q) {
      part.largest[q] = masked;
      part.sum[q] = 0;
      for (int i = 0; i < part.head_dim; ++i) part.out[q * part.head_dim + i] = 0;
    }
    const std::int64_t last_visible = part.causal_end + part.count - 1;
    const std::int64_t end = part.end < last_visible ? part.end : last_visible;
    for (std::int64_t first = part.begin; first < end; first += token_block) {
      const std::int64_t left = (end - first + page_tokens - 1) / page_tokens * page_tokens;
      const std::int64_t tokens = left < token_block ? left : token_block;
      scores_of<M::query_rows>(0, first, tokens);
      for (int q = 0; q < part.count; ++q) soften(q, first, tokens);
      values_of<M::query_rows>(0, first, tokens);
    }
  }
};

template <class M, template <class> class Weights>
void paged_attention(const PagedCache& cache, const AttentionPart& part) {
  PagedAttention<M, Weights>(cache, part).run();
}

}  // namespace
}  // namespace microdc::kernels::simd
