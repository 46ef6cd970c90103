#include "kernels/cuda/attention_prefill_problem.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numbers>
#include <utility>
#include <vector>

#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

class PrefillProblem final : public TimedKernel {
 public:
  PrefillProblem(Context& context, const Shape& shape, std::uint64_t seed,
                 const PrefillVariant& variant)
      : TimedKernel(context),
        shape_(shape),
        seed_(seed),
        buffers_(context.limits(), {query_elements() * 2, query_elements() * 2,
                                    cache_elements() * 2, cache_elements() * 2}) {
    for (int slot = 0; slot < slots(); ++slot) {
      for (const Operand operand : {queries, keys, values}) {
        fill_random(buffers_.at(slot, operand), Element::bf16,
                    operand == queries ? query_elements() : cache_elements(), 1, seed,
                    static_cast<std::uint32_t>(slot) * 4 + static_cast<std::uint32_t>(operand),
                    context.stream());
      }
      calls_.push_back(variant.call(context.limits(), shape_, arguments(slot)));
    }
    context.synchronize("filling queries, keys and values");
  }

  double bytes() const override {
    return 4 * static_cast<double>(query_elements() + cache_elements());
  }
  /// Two products of every visible pair of positions.
  double flop() const override {
    const auto queries_count = static_cast<double>(shape_.queries);
    const double pairs = queries_count * static_cast<double>(shape_.context - shape_.queries) +
                         queries_count * (queries_count + 1) / 2;
    return 4 * pairs * static_cast<double>(shape_.batch * shape_.q_heads * shape_.head_dim);
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison_result(buffers_, 0, outputs, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, outputs, Element::bf16, stream));
    // About 2^25 multiply-adds on the host.
    const std::int64_t rows =
        std::clamp<std::int64_t>((1 << 24) / (shape_.context * shape_.head_dim), 3, 64);
    for (const std::int64_t row :
         sampled_indices(shape_.batch * shape_.queries * shape_.q_heads, rows, seed_))
      compare_row(row, meter);
    return meter.result(tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    calls_[static_cast<std::size_t>(slot)](stream);
  }
  int slots() const override { return buffers_.slots(); }

 private:
  enum Operand : std::size_t { outputs, queries, keys, values };
  // Weights and results are rounded to bf16, 2^-9 each, and weights add up at random.
  static constexpr double tolerance = 0.02;

  PrefillArguments arguments(int slot) const {
    return {.queries = buffers_.as<__nv_bfloat16>(slot, queries),
            .keys = buffers_.as<__nv_bfloat16>(slot, keys),
            .values = buffers_.as<__nv_bfloat16>(slot, values),
            .outputs = buffers_.as<__nv_bfloat16>(slot, outputs),
            .query_count = static_cast<int>(shape_.queries),
            .context = static_cast<int>(shape_.context),
            .q_heads = static_cast<int>(shape_.q_heads),
            .kv_heads = static_cast<int>(shape_.kv_heads),
            .score_scale = static_cast<float>(scale() * std::numbers::log2e)};
  }
  double scale() const { return 1 / std::sqrt(static_cast<double>(shape_.head_dim)); }
  std::size_t query_elements() const {
    return static_cast<std::size_t>(shape_.batch * shape_.queries * shape_.q_heads *
                                    shape_.head_dim);
  }
  std::size_t cache_elements() const {
    return static_cast<std::size_t>(shape_.batch * shape_.context * shape_.kv_heads *
                                    shape_.head_dim);
  }

  std::vector<double> fetch_head(Operand operand, std::int64_t offset, std::int64_t rows,
                                 std::int64_t heads) {
    const auto bits = fetch_rows<std::uint16_t>(
        buffers_.as<std::uint16_t>(0, operand) + offset, static_cast<std::size_t>(rows),
        static_cast<std::size_t>(shape_.head_dim),
        static_cast<std::size_t>(heads * shape_.head_dim), context().stream());
    std::vector<double> decoded(bits.size());
    std::transform(bits.begin(), bits.end(), decoded.begin(), value_of_bf16);
    return decoded;
  }

  /// `row` counts (sequence, query, head).
  void compare_row(std::int64_t row, ErrorMeter& meter) {
    const std::int64_t head = row % shape_.q_heads;
    const std::int64_t query = row / shape_.q_heads % shape_.queries;
    const std::int64_t sequence = row / shape_.q_heads / shape_.queries;
    const std::int64_t kv_head = head / (shape_.q_heads / shape_.kv_heads);
    const std::int64_t visible = shape_.context - shape_.queries + query + 1;
    const std::int64_t first =
        (sequence * shape_.context * shape_.kv_heads + kv_head) * shape_.head_dim;
    const auto row_keys = fetch_head(keys, first, visible, shape_.kv_heads);
    const auto row_values = fetch_head(values, first, visible, shape_.kv_heads);
    const auto found = fetch_head(outputs, row * shape_.head_dim, 1, 1);
    const auto at = [this](int token, int d) {
      return static_cast<std::size_t>(token * shape_.head_dim + d);
    };
    const auto expected = attention_row(
        fetch_head(queries, row * shape_.head_dim, 1, 1), static_cast<int>(visible), scale(),
        [&](int token, int d) { return row_keys[at(token, d)]; },
        [&](int token, int d) { return row_values[at(token, d)]; });
    for (std::size_t d = 0; d < expected.size(); ++d) meter.add(found[d], expected[d]);
  }

  Shape shape_;
  std::uint64_t seed_;
  RotatedBuffers buffers_;
  std::vector<PrefillCall> calls_;
};

bool accepts_prefill(const Limits& limits, const Shape& shape) {
  constexpr std::int64_t most = 65535;  // of a grid's y and z
  if (shape.batch < 1 || shape.batch > most || shape.q_heads < 1 || shape.q_heads > most)
    return false;
  if (shape.head_dim != 64 && shape.head_dim != 128) return false;
  if (shape.kv_heads < 1 || shape.q_heads % shape.kv_heads != 0) return false;
  if (shape.queries < 1 || shape.context < shape.queries || shape.context > (1 << 30)) return false;
  const double bytes =
      4.0 * static_cast<double>(shape.batch * shape.head_dim) *
      static_cast<double>(shape.queries * shape.q_heads + shape.context * shape.kv_heads);
  return bytes < 0.9 * static_cast<double>(limits.memory_bytes);
}

}  // namespace

void add_prefill(Registry& registry, PrefillVariant variant) {
  registry.add({.operation = Operation::attention_prefill,
                .format = "bf16",
                .name = variant.name,
                .target = variant.target,
                .shared_bytes = variant.shared_bytes,
                .accepts = accepts_prefill,
                .prepare = [variant = std::move(variant)](
                               Context& context, const Shape& shape,
                               std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<PrefillProblem>(context, shape, seed, variant);
                }});
}

}  // namespace microdc::kernels::cuda
