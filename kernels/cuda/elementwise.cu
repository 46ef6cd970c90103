// Operations on elements or pairs of them: SiLU(gate) times up, and RoPE.
#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cuda/elementwise.cuh"
#include "kernels/cuda/elementwise_kernel.hpp"
#include "kernels/cuda/families.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {
namespace {

template <int Unroll>
class SiluKernel final : public ElementwiseKernel {
 public:
  SiluKernel(Context& context, const Shape& shape, std::uint64_t seed)
      : ElementwiseKernel(context, shape, seed,
                          {static_cast<std::size_t>(shape.m * shape.n) * 2,
                           static_cast<std::size_t>(shape.m * shape.n) * 4}) {
    fill_operand(gate_up);
  }

  double bytes() const override {
    return 6 * static_cast<double>(shape_.m) * static_cast<double>(shape_.n);
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison_result(buffers_, 0, out, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, out, Element::bf16, stream));
    for (const std::int64_t row : sampled_indices(shape_.m, compared_rows, seed_)) {
      const auto in = fetch_bf16(gate_up, 2 * row * shape_.n, 2 * shape_.n);
      const auto found = fetch_bf16(out, row * shape_.n, shape_.n);
      for (std::size_t i = 0; i < found.size(); ++i)
        meter.add(found[i], silu_multiply_reference(in[i], in[found.size() + i]));
    }
    return meter.result(bf16_tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    const auto count = static_cast<std::uint32_t>(shape_.m * shape_.n / 8);
    silu_multiply<Unroll><<<blocks_for(count, 256 * Unroll), 256, 0, stream>>>(
        buffers_.as<uint4>(slot, gate_up), buffers_.as<uint4>(slot, out), count,
        FastDivision(static_cast<std::uint32_t>(shape_.n / 8)));
    check(cudaGetLastError(), "launch of SiLU");
  }

 private:
  enum Operand : std::size_t { out, gate_up };
};

constexpr int positions = 4096;  // of the table of angles

std::int64_t heads_of(const Shape& shape) { return shape.q_heads + shape.kv_heads; }

double angle_of(int position, std::int64_t pair, std::int64_t head_dim) {
  return position *
         std::pow(10000.0, -2.0 * static_cast<double>(pair) / static_cast<double>(head_dim));
}

template <int Heads>
class RopeKernel final : public ElementwiseKernel {
 public:
  RopeKernel(Context& context, const Shape& shape, std::uint64_t seed)
      : ElementwiseKernel(context, shape, seed,
                          {static_cast<std::size_t>(shape.m * heads_of(shape) * shape.head_dim) * 2,
                           static_cast<std::size_t>(shape.m) * sizeof(int)}),
        table_bytes_(static_cast<std::size_t>(positions * shape.head_dim / 2) * sizeof(float)),
        cosines_(table_bytes_),
        sines_(table_bytes_) {
    fill_operand(heads);
    lay_tables();
    for (std::int64_t token = 0; token < shape.m; ++token)
      where_.push_back(static_cast<int>((seed + static_cast<std::uint64_t>(token)) % positions));
    for (int slot = 0; slot < slots(); ++slot)
      upload(buffers_.at(slot, token_positions), where_, context.stream());
  }

  /// The heads are read and written; the table of angles stays in the cache.
  double bytes() const override {
    return 4 * static_cast<double>(shape_.m * heads_of(shape_) * shape_.head_dim) +
           4 * static_cast<double>(shape_.m);
  }

  Verification verify() override {
    const auto rows = sampled_indices(shape_.m * heads_of(shape_), compared_rows, seed_);
    std::vector<std::vector<double>> before;
    for (const std::int64_t row : rows)
      before.push_back(fetch_bf16(heads, row * shape_.head_dim, shape_.head_dim));
    const cudaStream_t stream = context().stream();
    const auto* end = buffers_.as<std::byte>(0, heads) + buffers_.operand_bytes(heads);
    poison(const_cast<std::byte*>(end), RotatedBuffers::guard_bytes, stream);
    launch(stream, 0);
    ErrorMeter meter;
    meter.add_exact(wholly_written(buffers_, 0, heads, Element::bf16, stream));
    const auto half = static_cast<std::size_t>(shape_.head_dim / 2);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const auto found = fetch_bf16(heads, rows[i] * shape_.head_dim, shape_.head_dim);
      const int position = where_[static_cast<std::size_t>(rows[i] / heads_of(shape_))];
      for (std::size_t pair = 0; pair < half; ++pair) {
        const double angle = angle_of(position, static_cast<std::int64_t>(pair), shape_.head_dim);
        const double a = before[i][pair], b = before[i][pair + half];
        meter.add(found[pair], a * std::cos(angle) - b * std::sin(angle));
        meter.add(found[pair + half], b * std::cos(angle) + a * std::sin(angle));
      }
    }
    return meter.result(bf16_tolerance);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    const auto groups = static_cast<std::uint32_t>((heads_of(shape_) + Heads - 1) / Heads);
    const auto pieces = static_cast<std::uint32_t>(shape_.head_dim / 16);
    const RopeArguments arguments{
        .heads = buffers_.as<uint4>(slot, heads),
        .cosines = cosines_.as<float4>(),
        .sines = sines_.as<float4>(),
        .positions = buffers_.as<int>(slot, token_positions),
        .work_items = static_cast<std::uint32_t>(shape_.m) * groups * pieces,
        .head_groups = FastDivision(groups),
        .pieces = FastDivision(pieces),
        .heads_per_token = static_cast<int>(heads_of(shape_))};
    rotate<Heads><<<blocks_for(arguments.work_items, 256), 256, 0, stream>>>(arguments);
    check(cudaGetLastError(), "launch of RoPE");
  }

 private:
  enum Operand : std::size_t { heads, token_positions };

  void lay_tables() {
    std::vector<float> cosines, sines;
    for (int position = 0; position < positions; ++position) {
      for (std::int64_t pair = 0; pair < shape_.head_dim / 2; ++pair) {
        const double angle = angle_of(position, pair, shape_.head_dim);
        cosines.push_back(static_cast<float>(std::cos(angle)));
        sines.push_back(static_cast<float>(std::sin(angle)));
      }
    }
    upload(cosines_.data(), cosines, context().stream());
    upload(sines_.data(), sines, context().stream());
  }

  std::size_t table_bytes_;
  DeviceMemory cosines_, sines_;
  std::vector<int> where_;
};

template <int Unroll>
void add_silu(Registry& registry) {
  registry.add({.operation = Operation::elementwise_act,
                .format = "bf16",
                .name = "unroll" + std::to_string(Unroll),
                .accepts = [](const Limits& limits,
                              const Shape& shape) { return accepts_rows(limits, shape, 6); },
                .prepare = [](Context& context, const Shape& shape,
                              std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<SiluKernel<Unroll>>(context, shape, seed);
                }});
}

bool accepts_rope(const Limits& limits, const Shape& shape) {
  if (shape.head_dim < 16 || shape.head_dim % 16 != 0 || shape.head_dim > 512) return false;
  if (shape.q_heads < 1 || shape.kv_heads < 0 || shape.m < 1) return false;
  Shape rows = shape;
  rows.n = heads_of(shape) * shape.head_dim;
  return accepts_rows(limits, rows, 2);
}

template <int Heads>
void add_rope(Registry& registry) {
  registry.add({.operation = Operation::elementwise_rope,
                .format = "bf16",
                .name = std::to_string(Heads) + "heads",
                .accepts = accepts_rope,
                .prepare = [](Context& context, const Shape& shape,
                              std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                  return std::make_unique<RopeKernel<Heads>>(context, shape, seed);
                }});
}

}  // namespace

void add_elementwise(Registry& registry) {
  add_silu<1>(registry);
  add_silu<2>(registry);
  add_silu<4>(registry);
  add_rope<1>(registry);
  add_rope<2>(registry);
  add_rope<4>(registry);
}

}  // namespace microdc::kernels::cuda
