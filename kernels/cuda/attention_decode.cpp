// Decode attention on a device: operands, plan, launches, and the comparison with float64.
#include "kernels/cuda/attention_decode.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include "kernels/cuda/decode_arguments.hpp"
#include "kernels/cuda/decode_plan.hpp"
#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/paging.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/registry.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int combining_warps = 8;

/// How many warps of combine_parts share a row, if it has up to this many slots.
int slices_for(int slots) {
  constexpr int slots_of_warp = 4;  // which it loads at once
  int slices = 1;
  while (slices < combining_warps && slices * slots_of_warp < slots) slices *= 2;
  return slices;
}

class DecodeKernel final : public TimedKernel {
 public:
  DecodeKernel(Context& context, const Shape& shape, std::uint64_t seed,
               const DecodeVariant& variant)
      : TimedKernel(context),
        shape_(shape),
        seed_(seed),
        variant_(variant),
        kernel_(variant.kernel(shape.head_dim)),
        pages_per_sequence_(pages_of(static_cast<int>(shape.context))),
        plan_(make_plan()) {
    buffers_.emplace(context.limits(), sizes());
    for (int slot = 0; slot < slots(); ++slot) fill(slot);
    context.synchronize("filling the KV cache");
  }

  double bytes() const override {
    const double cache = 2.0 * variant_.element_bytes * static_cast<double>(shape_.batch) *
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
    // A moment on the host.
    const std::int64_t rows =
        std::clamp<std::int64_t>((1 << 23) / (shape_.context * shape_.head_dim), 2, 8);
    for (const std::int64_t row : sampled_indices(shape_.batch * shape_.q_heads, rows, seed_))
      compare_row(row, table, meter);
    return meter.result(tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    DecodeArguments arguments = arguments_of(slot);
    int slices = slices_for(plan_.most_slots());
    void* parameters[] = {&arguments, &slices};
    check(cudaLaunchKernel(kernel_.attention, dim3(static_cast<unsigned>(plan_.blocks())),
                           dim3(threads()), parameters,
                           static_cast<std::size_t>(kernel_.shared_bytes), stream),
          "launch of decode attention");
    if (plan_.split_pairs.empty() || combines()) return;
    const dim3 grid(blocks_for(shape_.q_heads / shape_.kv_heads, combining_warps / slices),
                    static_cast<unsigned>(plan_.split_pairs.size()));
    check(cudaLaunchKernel(decode_combination(static_cast<int>(shape_.head_dim)), grid,
                           dim3(combining_warps * 32), parameters, 0, stream),
          "launch of the combination of parts");
  }
  int slots() const override { return buffers_->slots(); }

 private:
  enum Operand : std::size_t {
    outputs,
    queries,
    keys,
    values,
    block_table,
    parts,
    starts,
    split_pairs,
    slot_outputs,
    slot_sums,
    arrivals
  };
  // Weights and results are rounded to 16 bits, 2^-9 each, and weights add up at random.
  static constexpr double tolerance = 0.02;

  /// One block combines the slots of a pair as fast as a kernel is launched, up to about this many.
  bool combines() const { return variant_.combines && plan_.most_slots() <= 64; }
  unsigned threads() const { return static_cast<unsigned>(variant_.warps) * 32; }

  DecodePlan make_plan() {
    allow_shared_bytes(kernel_.attention, kernel_.shared_bytes);
    check(cudaFuncSetAttribute(kernel_.attention, cudaFuncAttributePreferredSharedMemoryCarveout,
                               cudaSharedmemCarveoutMaxShared),
          "cudaFuncSetAttribute");
    const int blocks =
        context().limits().multiprocessors *
        resident_blocks(kernel_.attention, static_cast<int>(threads()), kernel_.shared_bytes);
    const std::vector<int> contexts(static_cast<std::size_t>(shape_.batch),
                                    static_cast<int>(shape_.context));
    return plan_decode(contexts, static_cast<int>(shape_.kv_heads),
                       {.blocks = blocks,
                        .multiprocessors = context().limits().multiprocessors,
                        .rounds = variant_.rounds,
                        .warps = variant_.warps,
                        .unit_pages = variant_.unit_pages,
                        .unit_bytes = 2 * variant_.element_bytes * variant_.unit_pages *
                                      page_tokens * shape_.head_dim,
                        .combining_bytes = (variant_.combines ? 16 : 64) * 1024});
  }

  std::int64_t query_elements() const { return shape_.batch * shape_.q_heads * shape_.head_dim; }
  std::size_t page_count() const {
    return static_cast<std::size_t>(shape_.batch * pages_per_sequence_);
  }
  std::size_t cache_elements() const {
    return page_count() * static_cast<std::size_t>(page_tokens * shape_.kv_heads * shape_.head_dim);
  }

  std::vector<std::size_t> sizes() const {
    const auto elements = static_cast<std::size_t>(query_elements());
    const std::size_t rows = static_cast<std::size_t>(plan_.slots) *
                             static_cast<std::size_t>(shape_.q_heads / shape_.kv_heads);
    return {elements * sizeof(__nv_bfloat16),
            elements * sizeof(__nv_bfloat16),
            cache_elements() * static_cast<std::size_t>(variant_.element_bytes),
            cache_elements() * static_cast<std::size_t>(variant_.element_bytes),
            page_count() * sizeof(int),
            plan_.parts.size() * sizeof(DecodePart),
            static_cast<std::size_t>(plan_.blocks()) * sizeof(DecodeStart),
            plan_.split_pairs.size() * sizeof(SplitPair),
            rows * static_cast<std::size_t>(shape_.head_dim) * sizeof(float),
            rows * sizeof(SoftmaxPart),
            plan_.split_pairs.size() * sizeof(unsigned)};
  }

  void fill(int slot) {
    const cudaStream_t stream = context().stream();
    const auto purpose = static_cast<std::uint32_t>(slot) * 4;
    fill_random(buffers_->at(slot, queries), Element::bf16,
                static_cast<std::size_t>(query_elements()), 1, seed_, purpose, stream);
    for (const Operand operand : {keys, values}) {
      fill_random(buffers_->at(slot, operand), element(), cache_elements(), 1, seed_,
                  purpose + static_cast<std::uint32_t>(operand), stream);
    }
    // Pages lie in any order, as an engine that has run for a while leaves them.
    std::vector<int> table(page_count());
    std::iota(table.begin(), table.end(), 0);
    std::shuffle(table.begin(), table.end(), std::mt19937_64(seed_ + purpose));
    upload(buffers_->at(slot, block_table), table, stream);
    upload(buffers_->at(slot, parts), plan_.parts, stream);
    upload(buffers_->at(slot, starts), plan_.starts(table, pages_per_sequence_), stream);
    if (plan_.split_pairs.empty()) return;
    upload(buffers_->at(slot, split_pairs), plan_.split_pairs, stream);
    upload(buffers_->at(slot, arrivals), std::vector<unsigned>(plan_.split_pairs.size()), stream);
  }

  DecodeArguments arguments_of(int slot) const {
    const double scale = 1 / std::sqrt(static_cast<double>(shape_.head_dim));
    return {.queries = buffers_->as<__nv_bfloat16>(slot, queries),
            .keys = buffers_->at(slot, keys),
            .values = buffers_->at(slot, values),
            .block_table = buffers_->as<int>(slot, block_table),
            .outputs = buffers_->as<__nv_bfloat16>(slot, outputs),
            .parts = buffers_->as<DecodePart>(slot, parts),
            .starts = buffers_->as<DecodeStart>(slot, starts),
            .split_pairs = buffers_->as<SplitPair>(slot, split_pairs),
            .slot_outputs = buffers_->as<float>(slot, slot_outputs),
            .slot_sums = buffers_->as<SoftmaxPart>(slot, slot_sums),
            .arrivals = combines() ? buffers_->as<unsigned>(slot, arrivals) : nullptr,
            .q_heads = static_cast<int>(shape_.q_heads),
            .kv_heads = static_cast<int>(shape_.kv_heads),
            .pages_per_sequence = pages_per_sequence_,
            .score_scale = static_cast<float>(scale * std::numbers::log2e * variant_.operand_scale),
            .value_scale = variant_.operand_scale};
  }

  Element element() const { return variant_.element_bytes == 1 ? Element::fp8 : Element::bf16; }

  /// One head's keys or values of one sequence, token by token.
  std::vector<double> fetch_cache(Operand operand, const int* pages, int kv_head) {
    return variant_.element_bytes == 1
               ? fetch_pages<std::uint8_t>(operand, pages, kv_head, value_of_fp8)
               : fetch_pages<std::uint16_t>(operand, pages, kv_head, value_of_bf16);
  }

  template <class Stored, class Decode>
  std::vector<double> fetch_pages(Operand operand, const int* pages, int kv_head,
                                  const Decode& decode) {
    const auto head_dim = static_cast<int>(shape_.head_dim);
    const auto page_elements = static_cast<std::size_t>(page_tokens) * head_dim;
    const std::size_t count = page_elements * static_cast<std::size_t>(pages_per_sequence_);
    // Gathered on the device: thousands of small copies to the host would each wait.
    const DeviceMemory gathered(count * sizeof(Stored));
    for (int i = 0; i < pages_per_sequence_; ++i) {
      const auto offset =
          page_offset(pages[i], kv_head, static_cast<int>(shape_.kv_heads), head_dim);
      check(
          cudaMemcpyAsync(gathered.as<Stored>() + static_cast<std::size_t>(i) * page_elements,
                          buffers_->as<Stored>(0, operand) + offset, page_elements * sizeof(Stored),
                          cudaMemcpyDeviceToDevice, context().stream()),
          "cudaMemcpyAsync");
    }
    const auto stored = fetch<Stored>(gathered.data(), count, context().stream());
    std::vector<double> decoded(stored.size());
    std::transform(stored.begin(), stored.end(), decoded.begin(), decode);
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
  DecodeVariant variant_;
  DecodeVariant::Kernel kernel_;
  int pages_per_sequence_;
  DecodePlan plan_;
  std::optional<RotatedBuffers> buffers_;
};

std::string name_of(const DecodeVariant& variant) {
  std::string name = variant.prefix;
  name.append(std::to_string(variant.warps)).append("warps-");
  name.append(std::to_string(variant.stages)).append("stages");
  if (variant.rounds > 1) name.append("-").append(std::to_string(variant.rounds)).append("rounds");
  return name;
}

bool accepts_decode(const Limits& limits, const Shape& shape, const DecodeVariant& variant) {
  constexpr std::int64_t most = 65535;  // sequences; an engine has fewer
  if (shape.batch < 1 || shape.batch > most || shape.kv_heads < 1 || shape.kv_heads > most)
    return false;
  if (shape.head_dim != 64 && shape.head_dim != 128) return false;
  if (shape.q_heads % shape.kv_heads != 0 || shape.q_heads / shape.kv_heads > variant.largest_group)
    return false;
  if (shape.q_heads < 1 || shape.context < 1 || shape.context > (1 << 30)) return false;
  const std::int64_t pages = (shape.context + page_tokens - 1) / page_tokens;
  const double cache = 2.0 * variant.element_bytes * static_cast<double>(shape.batch * pages) *
                       static_cast<double>(page_tokens * shape.kv_heads * shape.head_dim);
  return shape.batch * pages < (std::int64_t{1} << 31) &&
         cache < 0.9 * static_cast<double>(limits.memory_bytes);
}

}  // namespace

void add_decode_variant(Registry& registry, const DecodeVariant& variant) {
  registry.add(
      {.operation = Operation::attention_decode,
       .format = variant.format,
       .name = name_of(variant),
       .target = variant.target,
       .shared_bytes = variant.head_128.shared_bytes,
       .accepts = [variant](const Limits& limits,
                            const Shape& shape) { return accepts_decode(limits, shape, variant); },
       .prepare = [variant](Context& context, const Shape& shape,
                            std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
         return std::make_unique<DecodeKernel>(context, shape, seed, variant);
       }});
}

}  // namespace microdc::kernels::cuda
