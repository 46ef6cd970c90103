// Attention over a paged KV cache: decode splits long contexts among threads, prefill deals out
// blocks of queries.
#include <atomic>
#include <numeric>

#include "kernels/cpu/weights.hpp"

namespace microdc::kernels {
namespace {

using simd::page_tokens;
using simd::query_block;

/// Keys and values of `batch` sequences in shuffled pages, several copies of them.
class PagedPool {
 public:
  PagedPool(ThreadPool& pool, bool bf16, const Shape& shape, int copies, std::uint64_t seed)
      : bf16_(bf16),
        shape_(shape),
        pages_((shape.context + page_tokens - 1) / page_tokens),
        page_numbers_(page_tokens * shape.head_dim),
        table_(static_cast<std::size_t>(shape.batch * pages_)),
        numbers_(seed, shape.kv_heads * page_numbers_),
        keys_(copies * copy_bytes()),
        values_(copies * copy_bytes()) {
    std::iota(table_.begin(), table_.end(), 0);
    for (std::size_t i = table_.size() - 1; i > 0; --i) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      std::swap(table_[i], table_[(seed >> 16) % (i + 1)]);
    }
    const auto all = static_cast<std::int64_t>(table_.size());
    pool.run([&](int thread) {
      for (int copy = 0; copy < copies; ++copy) {
        const Range pages = split(all, 1, thread, pool.size());
        for (std::int64_t page = pages.begin; page < pages.end; ++page) {
          fill(keys_.data() + copy * copy_bytes(), page, 0);
          fill(values_.data() + copy * copy_bytes(), page, all);
        }
      }
    });
  }

  static std::int64_t bytes(bool bf16, const Shape& shape) {
    return 2 * shape.batch * round_up(shape.context, page_tokens) * shape.kv_heads *
           shape.head_dim * (bf16 ? 2 : 4);
  }

  [[nodiscard]] simd::PagedCache head(int copy, std::int64_t sequence, std::int64_t head) const {
    const std::int64_t at = copy * copy_bytes() + head * page_numbers_ * number_bytes();
    return {keys_.data() + at, values_.data() + at, table_.data() + sequence * pages_,
            shape_.kv_heads * page_numbers_ * number_bytes() / 4};
  }

  [[nodiscard]] double key(std::int64_t sequence, std::int64_t token, std::int64_t head,
                           std::int64_t d) const {
    return element(sequence, token, 0,
                   head * page_numbers_ + place(d, token % page_tokens, page_tokens));
  }
  [[nodiscard]] double value(std::int64_t sequence, std::int64_t token, std::int64_t head,
                             std::int64_t d) const {
    return element(
        sequence, token, static_cast<std::int64_t>(table_.size()),
        head * page_numbers_ + d / 16 * 16 * page_tokens + place(token % page_tokens, d % 16, 16));
  }

 private:
  [[nodiscard]] std::int64_t number_bytes() const { return bf16_ ? 2 : 4; }
  [[nodiscard]] std::int64_t copy_bytes() const { return bytes(bf16_, shape_) / 2; }

  /// Of a number in a matrix of `width` columns whose rows come in pairs in bf16.
  [[nodiscard]] std::int64_t place(std::int64_t row, std::int64_t column,
                                   std::int64_t width) const {
    return bf16_ ? (row / 2 * width + column) * 2 + row % 2 : row * width + column;
  }

  [[nodiscard]] double element(std::int64_t sequence, std::int64_t token, std::int64_t offset,
                               std::int64_t at) const {
    const std::int64_t page = table_[sequence * pages_ + token / page_tokens];
    const float number = numbers_.row(offset + page)[at];
    return bf16_ ? value_of_bf16(bf16_of(number)) : number;
  }

  void fill(std::uint8_t* pool, std::int64_t page, std::int64_t offset) const {
    const std::int64_t count = shape_.kv_heads * page_numbers_;
    const float* from = numbers_.row(offset + page);
    if (!bf16_) {
      std::copy_n(from, count, reinterpret_cast<float*>(pool) + page * count);
      return;
    }
    auto* to = reinterpret_cast<std::uint16_t*>(pool) + page * count;
    for (std::int64_t i = 0; i < count; ++i) to[i] = bf16_of(from[i]);
  }

  const bool bf16_;
  const Shape shape_;
  const std::int64_t pages_, page_numbers_;
  std::vector<std::int32_t> table_;
  const RandomMatrix numbers_;
  Buffer<std::uint8_t> keys_, values_;
};

/// Queries [sequence][query][head][dim], beside a cache in bf16 rounded to bf16 as engines hold
/// them, and results of the same layout; the reference in float64.
class Attention : public CpuKernel {
 public:
  Attention(const CpuContext& context, simd::AttentionKernel kernel, bool bf16, const Shape& shape,
            int copies, std::uint64_t seed)
      : CpuKernel(context, copies),
        kernel_(kernel),
        bf16_(bf16),
        shape_(shape),
        group_(static_cast<int>(shape.q_heads / shape.kv_heads)),
        row_(shape.q_heads * shape.head_dim),
        cache_(context.pool, bf16, shape, copies, seed),
        queries_(copies * shape.batch * shape.queries * row_),
        out_(copies * shape.batch * shape.queries * row_) {
    for (std::int64_t i = 0; i < queries_.size(); ++i) {
      const float number = normal_like(seed + 1, static_cast<std::uint64_t>(i));
      queries_[i] = bf16 ? value_of_bf16(bf16_of(number)) : number;
    }
  }

  Verification verify() override {
    call(0);
    Comparison comparison;
    const std::int64_t results = shape_.batch * shape_.queries * shape_.q_heads;
    // Some 10 million multiply-adds.
    const std::int64_t most = 5'000'000 / (shape_.context * shape_.head_dim) + 8;
    for (std::int64_t s = 0; s < std::min(results, most); ++s) {
      // Evenly spread, the last one included.
      const std::int64_t which = results - 1 - s * results / std::min(results, most);
      check(which / (shape_.queries * shape_.q_heads), which / shape_.q_heads % shape_.queries,
            which % shape_.q_heads, comparison);
    }
    return comparison.verdict(kernel_.rounds ? tolerance_bf16 : tolerance_fp32);
  }

  [[nodiscard]] double bytes() const override {
    const double width = bf16_ ? 2 : 4, tokens = double(shape_.batch * shape_.context);
    return width * 2 * double(shape_.head_dim) *
           (tokens * double(shape_.kv_heads) +
            double(shape_.batch * shape_.queries * shape_.q_heads));
  }
  /// Only of pairs that causality allows.
  [[nodiscard]] double flop() const override {
    const double q = double(shape_.queries), before = double(shape_.context) - q;
    return 4.0 * double(shape_.batch * shape_.q_heads * shape_.head_dim) *
           (q * before + q * (q + 1) / 2);
  }

 protected:
  [[nodiscard]] std::int64_t offset(int copy, std::int64_t sequence, std::int64_t query,
                                    std::int64_t head) const {
    return ((copy * shape_.batch + sequence) * shape_.queries + query) * row_ +
           head * shape_.head_dim;
  }
  [[nodiscard]] float scale() const {
    return 1.0f / std::sqrt(static_cast<float>(shape_.head_dim));
  }

  const simd::AttentionKernel kernel_;
  const bool bf16_;
  const Shape shape_;
  const int group_;         ///< query heads that share a KV head
  const std::int64_t row_;  ///< of queries and results
  const PagedPool cache_;
  Buffer<float> queries_, out_;

 private:
  void check(std::int64_t sequence, std::int64_t query, std::int64_t head,
             Comparison& comparison) const {
    const std::int64_t visible = shape_.context - shape_.queries + query + 1;
    const std::int64_t at = offset(0, sequence, query, head), kv_head = head / group_;
    std::vector<double> weights(static_cast<std::size_t>(visible));
    double largest = -HUGE_VAL, sum = 0;
    for (std::int64_t token = 0; token < visible; ++token) {
      double score = 0;
      for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
        score += queries_[at + d] * cache_.key(sequence, token, kv_head, d);
      }
      weights[token] = score / std::sqrt(double(shape_.head_dim));
      largest = std::max(largest, weights[token]);
    }
    for (double& weight : weights) sum += weight = std::exp(weight - largest);
    // Relative to this result: means over many values are smaller than those over few.
    std::vector<double> reference(static_cast<std::size_t>(shape_.head_dim));
    double squares = 0;
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      for (std::int64_t token = 0; token < visible; ++token) {
        reference[d] += weights[token] / sum * cache_.value(sequence, token, kv_head, d);
      }
      squares += reference[d] * reference[d];
    }
    const double size = std::sqrt(squares / double(shape_.head_dim));
    for (std::int64_t d = 0; d < shape_.head_dim; ++d) {
      comparison.add(out_[at + d] / size, reference[d] / size);
    }
  }
};

/// One query per sequence; the queries of a group read its KV head once.
class Decode final : public Attention {
 public:
  Decode(const CpuContext& context, simd::AttentionKernel kernel, bool bf16, const Shape& shape,
         int copies, std::uint64_t seed)
      : Attention(context, kernel, bf16, shape, copies, seed),
        items_(shape.batch * shape.kv_heads),
        splits_(split_count(items_, shape.context, context.pool.size())),
        partial_(items_ * splits_ * group_ * shape.head_dim),
        largest_(items_ * splits_ * group_),
        sums_(items_ * splits_ * group_) {}

 private:
  /// Enough parts that every thread gets eight or so, but none below 128 tokens.
  static std::int64_t split_count(std::int64_t items, std::int64_t context, int threads) {
    const std::int64_t wanted = (8 * threads + items - 1) / items;
    return std::clamp<std::int64_t>(wanted, 1, std::max<std::int64_t>(1, context / 128));
  }

  void call(int copy) override {
    pool_.run([&](int thread) {
      const Range parts = split(items_ * splits_, 1, thread, pool_.size());
      for (std::int64_t part = parts.begin; part < parts.end; ++part) attend(copy, part);
      pool_.barrier();
      const Range items = split(items_, 1, thread, pool_.size());
      for (std::int64_t item = items.begin; item < items.end; ++item) merge(copy, item);
    });
  }

  void attend(int copy, std::int64_t part) {
    const std::int64_t item = part / splits_;
    const std::int64_t sequence = item / shape_.kv_heads, head = item % shape_.kv_heads;
    const Range tokens = split(shape_.context, page_tokens, static_cast<int>(part % splits_),
                               static_cast<int>(splits_));
    kernel_.run(cache_.head(copy, sequence, head),
                {.queries = queries_.data() + offset(copy, sequence, 0, head * group_),
                 .scale = scale(),
                 .query_stride = shape_.head_dim,
                 .count = group_,
                 .head_dim = static_cast<int>(shape_.head_dim),
                 .begin = tokens.begin,
                 .end = tokens.end,
                 .causal_end = shape_.context,
                 .out = partial_.data() + part * group_ * shape_.head_dim,
                 .largest = largest_.data() + part * group_,
                 .sum = sums_.data() + part * group_});
  }

  void merge(int copy, std::int64_t item) {
    const std::int64_t sequence = item / shape_.kv_heads, head = item % shape_.kv_heads;
    for (int q = 0; q < group_; ++q) {
      const auto at = [&](std::int64_t s) { return (item * splits_ + s) * group_ + q; };
      float largest = largest_[at(0)], sum = 0;
      for (std::int64_t s = 1; s < splits_; ++s) largest = std::max(largest, largest_[at(s)]);
      float* to = out_.data() + offset(copy, sequence, 0, head * group_ + q);
      std::fill_n(to, shape_.head_dim, 0.0f);
      for (std::int64_t s = 0; s < splits_; ++s) {
        const float weight = std::exp(largest_[at(s)] - largest);
        sum += weight * sums_[at(s)];
        const float* from = partial_.data() + at(s) * shape_.head_dim;
        for (std::int64_t d = 0; d < shape_.head_dim; ++d) to[d] += weight * from[d];
      }
      for (std::int64_t d = 0; d < shape_.head_dim; ++d) to[d] /= sum;
    }
  }

  const std::int64_t items_, splits_;
  Buffer<float> partial_, largest_, sums_;
};

/// Blocks of queries of one head, dealt out to threads, those with most keys first.
class Prefill final : public Attention {
 public:
  Prefill(const CpuContext& context, simd::AttentionKernel kernel, bool bf16, const Shape& shape,
          int copies, std::uint64_t seed)
      : Attention(context, kernel, bf16, shape, copies, seed),
        blocks_((shape.queries + query_block - 1) / query_block),
        scratch_(context.pool.size() * scratch_size()) {}

 private:
  [[nodiscard]] std::int64_t scratch_size() const { return query_block * (shape_.head_dim + 2); }

  void call(int copy) override {
    next_.store(0, std::memory_order_relaxed);
    const std::int64_t lanes = shape_.batch * shape_.q_heads;
    pool_.run([&](int thread) {
      while (true) {
        const std::int64_t task = next_.fetch_add(1, std::memory_order_relaxed);
        if (task >= lanes * blocks_) return;
        const std::int64_t lane = task % lanes;
        attend(copy, thread, lane / shape_.q_heads, lane % shape_.q_heads,
               blocks_ - 1 - task / lanes);
      }
    });
  }

  void attend(int copy, int thread, std::int64_t sequence, std::int64_t head, std::int64_t block) {
    const std::int64_t first = block * query_block;
    const auto count =
        static_cast<int>(std::min<std::int64_t>(query_block, shape_.queries - first));
    float* result = scratch_.data() + thread * scratch_size();
    float* largest = result + query_block * shape_.head_dim;
    float* sum = largest + query_block;
    kernel_.run(cache_.head(copy, sequence, head / group_),
                {.queries = queries_.data() + offset(copy, sequence, first, head),
                 .scale = scale(),
                 .query_stride = row_,
                 .count = count,
                 .head_dim = static_cast<int>(shape_.head_dim),
                 .begin = 0,
                 .end = shape_.context,
                 .causal_end = shape_.context - shape_.queries + first + 1,
                 .out = result,
                 .largest = largest,
                 .sum = sum});
    for (int q = 0; q < count; ++q) {
      float* to = out_.data() + offset(copy, sequence, first + q, head);
      const float* from = result + q * shape_.head_dim;
      for (std::int64_t d = 0; d < shape_.head_dim; ++d) to[d] = from[d] / sum[q];
    }
  }

  const std::int64_t blocks_;
  Buffer<float> scratch_;
  std::atomic<std::int64_t> next_{0};
};

bool accepts_attention(const Shape& s, bool decode) {
  return s.batch >= 1 && s.context >= 1 && s.kv_heads >= 1 && s.q_heads >= 1 &&
         s.q_heads % s.kv_heads == 0 && s.q_heads / s.kv_heads <= query_block && s.head_dim >= 16 &&
         s.head_dim % 16 == 0 && s.head_dim <= simd::largest_head &&
         (decode ? s.queries <= 1 : s.queries >= 1 && s.queries <= s.context);
}

template <class Kernel>
void add(const CpuContext& context, const InstructionSet& set, Operation operation, bool bf16,
         simd::AttentionKernel kernel, Variants& variants) {
  if (!kernel.run) return;
  const bool decode = operation == Operation::attention_decode;
  variants.push_back(
      {.operation = operation,
       .format = bf16 ? "bf16" : "fp32",
       .source = "own",
       .name = set.name,
       .accepts = [decode](const Shape& shape) { return accepts_attention(shape, decode); },
       .prepare = [&context, kernel, bf16](const Shape& asked,
                                           std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
         Shape shape = asked;
         shape.queries = std::max<std::int64_t>(1, shape.queries);
         const std::int64_t call = PagedPool::bytes(bf16, shape) +
                                   8 * shape.batch * shape.queries * shape.q_heads * shape.head_dim;
         const int copies = copies_past_cache(context, call);
         if (!fits_in_memory(copies * call)) return nullptr;
         return std::make_unique<Kernel>(context, kernel, bf16, shape, copies, seed);
       }});
}

}  // namespace

void add_attention(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const simd::KernelTable& table = *set.table;
  for (const bool bf16 : {false, true}) {
    const simd::AttentionKernel kernel = bf16 ? table.attention_bf16 : table.attention_fp32;
    add<Decode>(context, set, Operation::attention_decode, bf16, kernel, variants);
    add<Prefill>(context, set, Operation::attention_prefill, bf16, kernel, variants);
  }
}

}  // namespace microdc::kernels
