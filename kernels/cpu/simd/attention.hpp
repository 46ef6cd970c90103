// Attention of a block of queries over a paged KV cache with an online softmax (see vectors.hpp on
// how this file is used). Keys lie in columns within a page, so that one vector holds the products
// of a query with neighbouring tokens and nothing is summed across lanes; scores and results are
// products of tiles in registers, as those of panels.
#pragma once

#include "kernels/cpu/simd/panels.hpp"

namespace microdc::kernels::simd {
namespace {

/// Tokens whose scores are kept at a time: their keys stay in the second cache.
constexpr int token_block = 128;
constexpr float masked = -1e30f;

/// What a 32-bit element of the cache is, and how it meets queries and probabilities (`left`).
/// A number of fp32.
template <class M>
struct SingleElements {
  using Float = typename M::Float;
  static constexpr int numbers = 1, left_step = 1;
  static constexpr bool rounds = false;

  template <int Rows, int Vectors>
  static inline __attribute__((always_inline)) void multiply(const float* left, std::int64_t stride,
                                                             const Float (&right)[Vectors],
                                                             Float (&sums)[Rows][Vectors]) {
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
      const Float factor = M::spread(left + i * stride);
#pragma GCC unroll 16
      for (int v = 0; v < Vectors; ++v) {
        sums[i][v] = M::multiply_add(sums[i][v], factor, right[v]);
      }
    }
  }
};

/// Two numbers in bf16, widened.
template <class M>
struct WidenedPairs {
  using Float = typename M::Float;
  using Int = typename M::Int;
  static constexpr int numbers = 2, left_step = 2;
  static constexpr bool rounds = false;

  template <int Rows, int Vectors>
  static inline __attribute__((always_inline)) void multiply(const float* left, std::int64_t stride,
                                                             const Float (&right)[Vectors],
                                                             Float (&sums)[Rows][Vectors]) {
    Float even[Vectors], odd[Vectors];
#pragma GCC unroll 16
    for (int v = 0; v < Vectors; ++v) {
      const Int bits = reinterpret_cast<Int>(right[v]);
      even[v] = reinterpret_cast<Float>(bits << 16);
      odd[v] = reinterpret_cast<Float>(bits & static_cast<int>(0xffff0000u));
    }
    SingleElements<M>::multiply(left, stride, even, sums);
    SingleElements<M>::multiply(left + 1, stride, odd, sums);
  }
};

/// Two numbers in bf16, multiplied by pairs of bf16: M::multiply_add is their dot product.
template <class M>
struct DotPairs : SingleElements<M> {
  static constexpr int numbers = 2;
  static constexpr bool rounds = true;
};

template <class M, template <class> class Elements>
class PagedAttention {
 public:
  PagedAttention(const PagedCache& paged, const AttentionPart& asked) : cache(paged), part(asked) {}

  void run() {
    for (int q = 0; q < part.count; ++q) {
      part.largest[q] = masked;
      part.sum[q] = 0;
      for (int i = 0; i < part.head_dim; ++i) part.out[q * part.head_dim + i] = 0;
    }
    take_queries();
    const std::int64_t last_visible = part.causal_end + part.count - 1;
    const std::int64_t end = part.end < last_visible ? part.end : last_visible;
    last_page = (end - 1) / page_tokens;
    for (std::int64_t first = part.begin; first < end; first += token_block) {
      const std::int64_t left = (end - first + page_tokens - 1) / page_tokens * page_tokens;
      const std::int64_t tokens = left < token_block ? left : token_block;
      attend<M::query_rows>(first, tokens);
    }
  }

 private:
  using Float = typename M::Float;
  using E = Elements<M>;
  /// Of a page's tokens, and of as many columns of its values.
  static constexpr int vectors = page_tokens / M::width;

  /// Pages (or columns by 16) of a tile with so many queries: as many as keep the multipliers busy
  /// without running out of registers.
  static constexpr int units(int rows) {
    const int fitting = M::accumulators / (rows * vectors);
    return fitting < 1 ? 1 : fitting < 4 ? fitting : 4;
  }

  const std::uint8_t* page(const void* base, std::int64_t token) const {
    std::int64_t index = token / page_tokens;
    if (index > last_page) index = last_page;
    return static_cast<const std::uint8_t*>(base) + 4 * cache.pages[index] * cache.page_stride;
  }

  /// Next to each other: rows apart by a power of two would share a set of the cache.
  void take_queries() {
    for (int q = 0; q < part.count; ++q) {
      const float* from = part.queries + q * part.query_stride;
      float* to = queries + q * query_stride();
      for (int d = 0; d < part.head_dim; d += M::width) {
        const auto numbers = load<Float>(from + d);
        if constexpr (E::rounds) {
          M::store_bf16(reinterpret_cast<std::uint8_t*>(to) + 2 * d, numbers);
        } else {
          store(to + d, numbers);
        }
      }
    }
  }

  std::int64_t query_stride() const { return E::rounds ? part.head_dim / 2 : part.head_dim; }

  /// Scores of `Rows` queries and `Units` pages; `Fetch`: and the pages a block later come nearer.
  template <int Rows, int Units, bool Fetch>
  void score_tile(int row, std::int64_t first, std::int64_t at) {
    const std::uint8_t *keys[Units], *later[Units];
    for (int u = 0; u < Units; ++u) {
      keys[u] = page(cache.keys, first + at + u * page_tokens);
      if constexpr (Fetch) {
        later[u] = page(cache.keys, first + at + u * page_tokens + token_block);
      }
    }
    const std::int64_t stride = query_stride();
    const float* left = queries + row * stride;
    const int elements = part.head_dim / E::numbers;
    Float sums[Rows][Units * vectors] = {};
    for (int e = 0; e < elements; ++e) {
      Float right[Units * vectors];
#pragma GCC unroll 16
      for (int u = 0; u < Units; ++u) {
        if constexpr (Fetch) __builtin_prefetch(later[u] + e * line_bytes, 0, 2);
#pragma GCC unroll 16
        for (int v = 0; v < vectors; ++v) {
          right[u * vectors + v] = load<Float>(keys[u] + e * line_bytes + 4 * v * M::width);
        }
      }
      E::multiply(left + e * E::left_step, stride, right, sums);
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
      for (int v = 0; v < Units * vectors; ++v) {
        store(scores + (row + i) * token_block + at + v * M::width, sums[i][v] * part.scale);
      }
    }
  }

  /// Queries from `row` on, the widest tiles first.
  template <int Rows, int Units, bool Fetch>
  void score_rows(int row, std::int64_t first, std::int64_t at) {
    for (; row + Rows <= part.count; row += Rows) {
      if (Fetch && row > 0) {
        score_tile<Rows, Units, false>(row, first, at);
      } else {
        score_tile<Rows, Units, Fetch>(row, first, at);
      }
    }
    if constexpr (Rows > 1) score_rows<Rows / 2, Units, Fetch>(row, first, at);
  }

  /// A block of tokens, with tiles of the most queries that there are.
  template <int Rows>
  void attend(std::int64_t first, std::int64_t tokens) {
    if constexpr (Rows > 1) {
      if (part.count < Rows) return attend<Rows / 2>(first, tokens);
    }
    score_pages<Rows>(first, tokens);
    for (int q = 0; q < part.count; ++q) soften(q, first, tokens);
    add_columns<Rows>(first, tokens);
  }

  template <int Rows>
  void score_pages(std::int64_t first, std::int64_t tokens) {
    constexpr int at_once = units(Rows);
    std::int64_t at = 0;
    for (; at + at_once * page_tokens <= tokens; at += at_once * page_tokens) {
      score_rows<Rows, at_once, true>(0, first, at);
    }
    for (; at < tokens; at += page_tokens) score_rows<Rows, 1, true>(0, first, at);
  }

  /// out[row…] += probabilities * values, 16 * Units columns at a time.
  template <int Rows, int Units, bool Fetch>
  void value_tile(int row, std::int64_t first, std::int64_t tokens, int column) {
    constexpr int across = Units * vectors;
    Float sums[Rows][across];
    float* out = part.out + row * part.head_dim + column;
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
      for (int v = 0; v < across; ++v) {
        sums[i][v] = load<Float>(out + i * part.head_dim + v * M::width);
      }
    }
    const float* left = scores + row * token_block;
    for (std::int64_t t = 0; t < tokens; t += page_tokens) {
      constexpr int rows_of_page = page_tokens / E::numbers;
      const std::uint8_t* values = page(cache.values, first + t) + 4 * column * rows_of_page;
      const std::uint8_t* later =
          page(cache.values, first + t + token_block) + 4 * column * rows_of_page;
      for (int e = 0; e < rows_of_page; ++e, left += E::left_step) {
        Float right[across];
#pragma GCC unroll 16
        for (int v = 0; v < across; ++v) {
          const int at =
              (v / vectors * rows_of_page + e) * line_bytes + 4 * (v % vectors) * M::width;
          if (Fetch && v % vectors == 0) __builtin_prefetch(later + at, 0, 2);
          right[v] = load<Float>(values + at);
        }
        E::multiply(left, token_block, right, sums);
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < Rows; ++i) {
#pragma GCC unroll 16
      for (int v = 0; v < across; ++v) store(out + i * part.head_dim + v * M::width, sums[i][v]);
    }
  }

  template <int Rows, int Units>
  void value_rows(int row, std::int64_t first, std::int64_t tokens, int column) {
    for (; row + Rows <= part.count; row += Rows) {
      if (row > 0) {
        value_tile<Rows, Units, false>(row, first, tokens, column);
      } else {
        value_tile<Rows, Units, true>(row, first, tokens, column);
      }
    }
    if constexpr (Rows > 1) value_rows<Rows / 2, Units>(row, first, tokens, column);
  }

  template <int Rows>
  void add_columns(std::int64_t first, std::int64_t tokens) {
    constexpr int at_once = units(Rows);
    int column = 0;
    for (; column + at_once * 16 <= part.head_dim; column += at_once * 16) {
      value_rows<Rows, at_once>(0, first, tokens, column);
    }
    for (; column < part.head_dim; column += 16) value_rows<Rows, 1>(0, first, tokens, column);
  }

  /// Scores become probabilities relative to the largest score so far; earlier results are scaled
  /// to it. `tokens` is a multiple of 16.
  void soften(int row, std::int64_t first, std::int64_t tokens) {
    float* score = scores + row * token_block;
    const std::int64_t visible =
        part.end < part.causal_end + row ? part.end : part.causal_end + row;
    for (std::int64_t t = visible > first ? visible - first : 0; t < tokens; ++t) score[t] = masked;
    Float high = broadcast<M>(part.largest[row]);
    for (std::int64_t t = 0; t < tokens; t += M::width) {
      const Float value = load<Float>(score + t);
      high = value > high ? value : high;
    }
    const float largest = largest_of<M>(high);
    const Float shrink = exponential<M>(broadcast<M>(part.largest[row] - largest));
    Float sums = {};
    for (std::int64_t t = 0; t < tokens; t += M::width) {
      const Float value = exponential<M>(load<Float>(score + t) - largest);
      if constexpr (E::rounds) {
        // In place: what is written lies before what is still to be read.
        M::store_bf16(reinterpret_cast<std::uint8_t*>(score) + 2 * t, value);
      } else {
        store(score + t, value);
      }
      sums += value;
    }
    part.sum[row] = part.sum[row] * shrink[0] + sum_of<M>(sums);
    part.largest[row] = largest;
    float* out = part.out + row * part.head_dim;
    for (int i = 0; i < part.head_dim; i += M::width) store(out + i, load<Float>(out + i) * shrink);
  }

  const PagedCache& cache;
  const AttentionPart& part;
  std::int64_t last_page = 0;
  float scores[query_block * token_block];
  float queries[query_block * largest_head / (E::rounds ? 2 : 1)];
};

template <class M, template <class> class Elements>
AttentionKernel paged_attention() {
  return {[](const PagedCache& cache, const AttentionPart& part) {
            PagedAttention<M, Elements>(cache, part).run();
          },
          Elements<M>::rounds};
}

}  // namespace
}  // namespace microdc::kernels::simd
