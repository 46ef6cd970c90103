#include "kernels/cuda/sampling.cuh"

#include <algorithm>
#include <numbers>
#include <string>

#include "kernels/cuda/families.hpp"
#include "kernels/cuda/fetch.hpp"
#include "kernels/cuda/launch_shape.hpp"
#include "kernels/cuda/reference.hpp"
#include "kernels/cuda/registry.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

// As model cards recommend them; time depends on none of the three.
constexpr int top_k = 50;
constexpr float top_p = 0.9f;
constexpr float temperature = 0.7f;
constexpr float logit_spread = 3.0f;

class SamplingKernel final : public TimedKernel {
 public:
  SamplingKernel(Context& context, const Shape& shape, std::uint64_t seed, int slices)
      : TimedKernel(context),
        shape_(shape),
        seed_(seed),
        slices_(slices),
        buffers_(context.limits(),
                 {static_cast<std::size_t>(shape.m) * sizeof(int),
                  static_cast<std::size_t>(shape.m * shape.n) * sizeof(float),
                  static_cast<std::size_t>(shape.m) * slices * top_k * sizeof(Candidate)}) {
    for (int slot = 0; slot < slots(); ++slot) {
      fill_random(buffers_.at(slot, logits), Element::fp32,
                  static_cast<std::size_t>(shape.m * shape.n), logit_spread, seed,
                  static_cast<std::uint32_t>(slot), context.stream());
    }
    context.synchronize("filling the logits");
  }

  double bytes() const override {
    return 4 * static_cast<double>(shape_.m) * static_cast<double>(shape_.n);
  }
  double flop() const override { return 0; }

  /// The largest error is the share of rows whose token is wrong.
  Verification verify() override {
    const cudaStream_t stream = context().stream();
    poison_result(buffers_, 0, tokens, stream);
    launch(stream, 0);
    const auto drawn =
        fetch<int>(buffers_.at(0, tokens), static_cast<std::size_t>(shape_.m), stream);
    std::int64_t wrong = 0, compared = 0;
    for (const int token : drawn) wrong += token < 0 || token >= shape_.n;
    for (const std::int64_t row : sampled_indices(shape_.m, 32, seed_)) {
      const auto own = fetch<float>(buffers_.as<float>(0, logits) + row * shape_.n,
                                    static_cast<std::size_t>(shape_.n), stream);
      const float uniform = uniform_of_row(seed_, static_cast<std::uint32_t>(row));
      wrong += !sampled_rightly(own, top_k, top_p, temperature, uniform,
                                drawn[static_cast<std::size_t>(row)], 1e-5);
      ++compared;
    }
    return {.passed = wrong == 0,
            .largest_error = static_cast<double>(wrong) / static_cast<double>(compared),
            .tolerance = 0};
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    const SamplingArguments arguments{
        .logits = buffers_.as<float>(slot, logits),
        .candidates = buffers_.as<Candidate>(slot, candidates),
        .tokens = buffers_.as<int>(slot, tokens),
        .vocabulary = static_cast<int>(shape_.n),
        .slices = slices_,
        .top_k = top_k,
        .top_p = top_p,
        .inverse_temperature = std::numbers::log2e_v<float> / temperature,
        .seed = seed_};
    const auto rows = static_cast<unsigned>(shape_.m);
    select_candidates<<<dim3(static_cast<unsigned>(slices_), rows), sampling_threads, 0, stream>>>(
        arguments);
    check(cudaGetLastError(), "launch of the selection of candidates");
    const std::size_t shared = sizeof(Candidate) * power_of_two_from(slices_ * top_k);
    sample_candidates<<<rows, sampling_threads, shared, stream>>>(arguments);
    check(cudaGetLastError(), "launch of the draw");
  }
  int slots() const override { return buffers_.slots(); }

 private:
  enum Operand : std::size_t { tokens, logits, candidates };
  Shape shape_;
  std::uint64_t seed_;
  int slices_;
  RotatedBuffers buffers_;
};

bool accepts_sampling(const Limits& limits, const Shape& shape, int slices) {
  return shape.m >= 1 && shape.m <= 65535 && shape.n >= slices && shape.n < (1 << 30) &&
         4 * static_cast<double>(shape.m) * static_cast<double>(shape.n) <
             0.9 * static_cast<double>(limits.memory_bytes);
}

}  // namespace

void add_sampling(Registry& registry) {
  for (const int slices : {1, 2, 4, 8, 16, 32}) {
    registry.add({.operation = Operation::sampling,
                  .format = "fp32",
                  .name = std::to_string(slices) + "slices",
                  .accepts =
                      [slices](const Limits& limits, const Shape& shape) {
                        return accepts_sampling(limits, shape, slices);
                      },
                  .prepare = [slices](Context& context, const Shape& shape,
                                      std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
                    return std::make_unique<SamplingKernel>(context, shape, seed, slices);
                  }});
  }
}

}  // namespace microdc::kernels::cuda
