#include "kernels/cuda/attention_decode.cuh"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <random>
#include <string>
#include <type_traits>

#include "kernels/cuda/families.hpp"
#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/registry.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int warps = 4;
constexpr int largest_group = 16;
constexpr int as_fits = 0;  // of splits: best_splits

/// The kernels of one variant for one head dimension.
struct DecodeKernels {
  const void* attention;
  const void* combine;
  int threads, shared_bytes;
};

template <class Cache, int HeadDim, int Stages>
DecodeKernels decode_kernels() {
  using Kernel = DecodeAttention<Cache, HeadDim, warps, Stages>;
  return {reinterpret_cast<const void*>(&decode_attention<Cache, HeadDim, warps, Stages>),
          reinterpret_cast<const void*>(&combine_splits<HeadDim>), Kernel::threads,
          Kernel::shared_bytes};
}

template <class Cache>
constexpr Element element_of = std::is_same_v<Cache, Fp8Cache> ? Element::fp8 : Element::bf16;

template <class Cache>
class DecodeKernel final : public TimedKernel {
 public:
  DecodeKernel(Context& context, const Shape& shape, std::uint64_t seed,
               const DecodeKernels& kernels, int splits)
      : TimedKernel(context),
        shape_(shape),
        seed_(seed),
        kernels_(kernels),
        pages_per_sequence_(pages_of(static_cast<int>(shape.context))) {
    allow_shared_bytes(kernels_.attention, kernels_.shared_bytes);
    const std::int64_t resident =
        std::int64_t{context.limits().multiprocessors} *
        resident_blocks(kernels_.attention, kernels_.threads, kernels_.shared_bytes);
    splits_ = splits == as_fits
                  ? best_splits(shape.batch * shape.kv_heads, pages_per_sequence_, resident)
                  : splits;
    buffers_.emplace(context.limits(), sizes());
    for (int slot = 0; slot < slots(); ++slot) fill(slot);
    context.synchronize("filling the KV cache");
  }

  double bytes() const override {
    const double cache = 2.0 * Cache::element_bytes * static_cast<double>(shape_.batch) *
                         static_cast<double>(shape_.context) *
                         static_cast<double>(shape_.kv_heads * shape_.head_dim);
    return cache + 2.0 * static_cast<double>(query_elements()) * sizeof(__nv_bfloat16);
  }
  double flop() const override {
    return 4.0 * static_cast<double>(query_elements()) * static_cast<double>(shape_.context);
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison_result(*buffers_, 0, outputs, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(*buffers_, 0, outputs, Element::bf16, stream));
    const auto table = fetch<int>(buffers_->at(0, block_table), page_count(), stream);
    // About 2^25 multiply-adds on the host.
    const std::int64_t rows =
        std::clamp<std::int64_t>((1 << 24) / (shape_.context * shape_.head_dim), 2, 32);
    for (const std::int64_t row : sampled_indices(shape_.batch * shape_.q_heads, rows, seed_))
      compare_row(row, table, meter);
    return meter.result(tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    DecodeArguments arguments = arguments_of(slot);
    void* parameters[] = {&arguments};
    const dim3 grid(static_cast<unsigned>(splits_), static_cast<unsigned>(shape_.kv_heads),
                    static_cast<unsigned>(shape_.batch));
    check(cudaLaunchKernel(kernels_.attention, grid, dim3(static_cast<unsigned>(kernels_.threads)),
                           parameters, static_cast<std::size_t>(kernels_.shared_bytes), stream),
          "launch of decode attention");
    if (splits_ == 1) return;
    check(cudaLaunchKernel(
              kernels_.combine,
              dim3(static_cast<unsigned>(shape_.q_heads), static_cast<unsigned>(shape_.batch)),
              dim3(static_cast<unsigned>(shape_.head_dim)), parameters, 0, stream),
          "launch of the combination of splits");
  }
  int slots() const override { return buffers_->slots(); }

 private:
  enum Operand : std::size_t {
    outputs,
    queries,
    keys,
    values,
    block_table,
    contexts,
    split_outputs,
    split_sums
  };
  // Weights and results are rounded to 16 bits, 2^-9 each, and weights add up at random.
  static constexpr double tolerance = 0.02;

  std::int64_t query_elements() const { return shape_.batch * shape_.q_heads * shape_.head_dim; }
  std::size_t page_count() const {
    return static_cast<std::size_t>(shape_.batch * pages_per_sequence_);
  }
  std::size_t cache_elements() const {
    return page_count() * static_cast<std::size_t>(page_tokens * shape_.kv_heads * shape_.head_dim);
  }

  std::vector<std::size_t> sizes() const {
    const auto elements = static_cast<std::size_t>(query_elements());
    const std::size_t parts =
        splits_ == 1 ? 0 : static_cast<std::size_t>(shape_.batch * shape_.q_heads) * splits_;
    return {elements * sizeof(__nv_bfloat16),
            elements * sizeof(__nv_bfloat16),
            cache_elements() * Cache::element_bytes,
            cache_elements() * Cache::element_bytes,
            page_count() * sizeof(int),
            static_cast<std::size_t>(shape_.batch) * sizeof(int),
            parts * static_cast<std::size_t>(shape_.head_dim) * sizeof(float),
            parts * sizeof(SoftmaxPart)};
  }

  void fill(int slot) {
    const cudaStream_t stream = context().stream();
    const auto purpose = static_cast<std::uint32_t>(slot) * 4;
    fill_random(buffers_->at(slot, queries), Element::bf16,
                static_cast<std::size_t>(query_elements()), 1, seed_, purpose, stream);
    for (const Operand operand : {keys, values}) {
      fill_random(buffers_->at(slot, operand), element_of<Cache>, cache_elements(), 1, seed_,
                  purpose + static_cast<std::uint32_t>(operand), stream);
    }
    // Pages lie in any order, as an engine that has run for a while leaves them.
    std::vector<int> table(page_count());
    std::iota(table.begin(), table.end(), 0);
    std::shuffle(table.begin(), table.end(), std::mt19937_64(seed_ + purpose));
    upload(buffers_->at(slot, block_table), table, stream);
    upload(
        buffers_->at(slot, contexts),
        std::vector<int>(static_cast<std::size_t>(shape_.batch), static_cast<int>(shape_.context)),
        stream);
  }

  DecodeArguments arguments_of(int slot) const {
    const double scale = 1 / std::sqrt(static_cast<double>(shape_.head_dim));
    return {.queries = buffers_->as<__nv_bfloat16>(slot, queries),
            .keys = buffers_->at(slot, keys),
            .values = buffers_->at(slot, values),
            .block_table = buffers_->as<int>(slot, block_table),
            .contexts = buffers_->as<int>(slot, contexts),
            .outputs = buffers_->as<__nv_bfloat16>(slot, outputs),
            .split_outputs = buffers_->as<float>(slot, split_outputs),
            .split_sums = buffers_->as<SoftmaxPart>(slot, split_sums),
            .q_heads = static_cast<int>(shape_.q_heads),
            .kv_heads = static_cast<int>(shape_.kv_heads),
            .pages_per_sequence = pages_per_sequence_,
            .splits = splits_,
            .score_scale = static_cast<float>(scale * std::numbers::log2e * Cache::operand_scale),
            .value_scale = Cache::operand_scale};
  }

  /// One head's keys or values of one sequence, token by token.
  std::vector<double> fetch_cache(Operand operand, const int* pages, int kv_head) {
    using Stored = std::conditional_t<std::is_same_v<Cache, Fp8Cache>, std::uint8_t, std::uint16_t>;
    const auto head_dim = static_cast<int>(shape_.head_dim);
    const auto page_elements = static_cast<std::size_t>(page_tokens) * head_dim;
    std::vector<Stored> stored(page_elements * static_cast<std::size_t>(pages_per_sequence_));
    for (int i = 0; i < pages_per_sequence_; ++i) {
      const auto offset =
          page_offset(pages[i], kv_head, static_cast<int>(shape_.kv_heads), head_dim);
      check(
          cudaMemcpyAsync(stored.data() + static_cast<std::size_t>(i) * page_elements,
                          buffers_->as<Stored>(0, operand) + offset, page_elements * sizeof(Stored),
                          cudaMemcpyDeviceToHost, context().stream()),
          "cudaMemcpyAsync");
    }
    context().synchronize("copying pages to the host");
    std::vector<double> decoded(stored.size());
    std::transform(stored.begin(), stored.end(), decoded.begin(), [](Stored bits) {
      if constexpr (std::is_same_v<Cache, Fp8Cache>) return value_of_fp8(bits);
      if constexpr (!std::is_same_v<Cache, Fp8Cache>) return value_of_bf16(bits);
    });
    return decoded;
  }

  void compare_row(std::int64_t row, const std::vector<int>& table, ErrorMeter& meter) {
    const auto head_dim = static_cast<std::size_t>(shape_.head_dim);
    const std::int64_t sequence = row / shape_.q_heads;
    const auto kv_head =
        static_cast<int>(row % shape_.q_heads / (shape_.q_heads / shape_.kv_heads));
    const int* pages = table.data() + sequence * pages_per_sequence_;
    const auto row_keys = fetch_cache(keys, pages, kv_head);
    const auto row_values = fetch_cache(values, pages, kv_head);
    const auto load = [&](Operand operand) {
      const auto bits =
          fetch<std::uint16_t>(buffers_->as<std::uint16_t>(0, operand) + row * shape_.head_dim,
                               head_dim, context().stream());
      std::vector<double> decoded(head_dim);
      std::transform(bits.begin(), bits.end(), decoded.begin(), value_of_bf16);
      return decoded;
    };
    const auto found = load(outputs);
    const auto at = [head_dim](int token, int d) {
      return static_cast<std::size_t>(token) * head_dim + static_cast<std::size_t>(d);
    };
    const auto expected = attention_row(
        load(queries), static_cast<int>(shape_.context),
        1 / std::sqrt(static_cast<double>(shape_.head_dim)),
        [&](int token, int d) { return row_keys[at(token, d)]; },
        [&](int token, int d) { return row_values[at(token, d)]; });
    for (std::size_t d = 0; d < head_dim; ++d) meter.add(found[d], expected[d]);
  }

  Shape shape_;
  std::uint64_t seed_;
  DecodeKernels kernels_;
  int pages_per_sequence_;
  int splits_ = 1;
  std::optional<RotatedBuffers> buffers_;
};

template <class Cache>
bool accepts_decode(const Limits& limits, const Shape& shape, int splits) {
  constexpr std::int64_t most = 65535;  // of a grid's y and z
  if (shape.batch < 1 || shape.batch > most || shape.kv_heads < 1 || shape.kv_heads > most)
    return false;
  if (shape.head_dim != 64 && shape.head_dim != 128) return false;
  if (shape.q_heads % shape.kv_heads != 0 || shape.q_heads / shape.kv_heads > largest_group)
    return false;
  if (shape.q_heads < 1 || shape.context < 1 || shape.context > (1 << 30)) return false;
  const std::int64_t pages = (shape.context + page_tokens - 1) / page_tokens;
  if (splits > pages) return false;
  const double cache = 2.0 * Cache::element_bytes * static_cast<double>(shape.batch * pages) *
                       static_cast<double>(page_tokens * shape.kv_heads * shape.head_dim);
  return shape.batch * pages < (std::int64_t{1} << 31) &&
         cache < 0.9 * static_cast<double>(limits.memory_bytes);
}

template <class Cache, int Stages>
void add_decode_variants(Registry& registry, const std::string& format) {
  for (const int splits : {as_fits, 1, 4, 16}) {
    const std::string name = std::to_string(warps) + "warps-" + std::to_string(Stages) + "stages-" +
                             (splits == as_fits ? std::string("fitted") : std::to_string(splits)) +
                             "splits";
    registry.add(
        {.operation = Operation::attention_decode,
         .format = format,
         .name = name,
         .shared_bytes = DecodeAttention<Cache, 128, warps, Stages>::shared_bytes,
         .accepts = [splits](const Limits& limits,
                             const Shape& s) { return accepts_decode<Cache>(limits, s, splits); },
         .prepare = [splits](Context& context, const Shape& shape,
                             std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
           const DecodeKernels kernels = shape.head_dim == 64
                                             ? decode_kernels<Cache, 64, Stages>()
                                             : decode_kernels<Cache, 128, Stages>();
           return std::make_unique<DecodeKernel<Cache>>(context, shape, seed, kernels, splits);
         }});
  }
}

}  // namespace

void add_attention_decode(Registry& registry) {
  add_decode_variants<Bf16Cache, 2>(registry, "bf16");
  add_decode_variants<Bf16Cache, 3>(registry, "bf16");
  add_decode_variants<Bf16Cache, 4>(registry, "bf16");
  add_decode_variants<Fp8Cache, 2>(registry, "fp8");
  add_decode_variants<Fp8Cache, 4>(registry, "fp8");
  add_decode_variants<Fp8Cache, 6>(registry, "fp8");
}

}  // namespace microdc::kernels::cuda
