#include "kernels/cuda/gemm/gemm_problem.hpp"

#include <limits>
#include <utility>
#include <vector>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_reference.hpp"
#include "kernels/cuda/gemm/packed_weights.hpp"
#include "kernels/cuda/timed_kernel.hpp"

namespace microdc::kernels::cuda {
namespace {

enum Operand : std::uint32_t {
  operand_a,
  operand_weights,
  operand_scales,
  operand_c,
  operand_count
};

std::size_t count_of(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

struct Scales {
  Element element = Element::fp32;
  std::size_t count = 0;
};

/// What GemmOperands::scales holds; none if A has the format of the weights.
Scales scales_of(const GemmFormats& formats, const Shape& shape) {
  if (formats.weights == Element::int4) {
    return {Element::fp16,
            count_of(shape.k / int4_group, int4_scale_pitch(static_cast<int>(shape.n)))};
  }
  if (formats.weights == formats.a) return {};
  return {Element::fp32, count_of(shape.n, 1)};
}

/// Null for weights that lie in rows.
const PackedFormat* packed_format(Element element) {
  if (element == Element::int8) return &packed_int8;
  return element == Element::int4 ? &packed_int4 : nullptr;
}

std::size_t weight_bytes(Element element, const Shape& shape) {
  if (const PackedFormat* packed = packed_format(element)) {
    return static_cast<std::size_t>(
        packed_bytes(shape.n, static_cast<int>(shape.k), packed->row_k()));
  }
  return storage_bytes(element, count_of(shape.n, shape.k));
}

std::vector<std::size_t> operand_bytes(const GemmFormats& formats, const Shape& shape) {
  const Scales scales = scales_of(formats, shape);
  return {storage_bytes(formats.a, count_of(shape.m, shape.k)),
          weight_bytes(formats.weights, shape), storage_bytes(scales.element, scales.count),
          storage_bytes(formats.c, count_of(shape.m, shape.n))};
}

class GemmRun final : public TimedKernel {
 public:
  GemmRun(Context& context, const GemmKernel& kernel, const Shape& shape, std::uint64_t seed)
      : TimedKernel(context),
        formats_(kernel.formats),
        shape_(shape),
        seed_(seed),
        buffers_(context.limits(), operand_bytes(kernel.formats, shape)) {
    if (const std::size_t bytes = kernel.workspace_bytes(context.limits(), shape); bytes > 0) {
      workspace_ = DeviceMemory(bytes);
      check(cudaMemsetAsync(workspace_.data(), 0, bytes, context.stream()), "cudaMemsetAsync");
    }
    for (int slot = 0; slot < buffers_.slots(); ++slot) {
      fill(slot);
      calls_.push_back(kernel.call(context.limits(), operands(slot)));
    }
    context.synchronize("filling of the GEMM's operands");
  }

  Verification verify() override {
    const cudaStream_t stream = context().stream();
    const GemmOperands checked = operands(0);
    // Twice: the second call finds what the first left in the workspace.
    for (int call = 0; call < 2; ++call) {
      poison(checked.c, buffers_.operand_bytes(operand_c) + RotatedBuffers::guard_bytes, stream);
      launch(stream, 0);
    }
    Verification verification = compare_gemm(checked, formats_, seed_, stream);
    const auto* guard =
        static_cast<const std::byte*>(checked.c) + buffers_.operand_bytes(operand_c);
    if (count_unpoisoned_bytes(guard, RotatedBuffers::guard_bytes, stream) != 0) {
      verification.passed = false;
    }
    return verification;
  }

  double bytes() const override {
    double sum = 0;
    for (std::size_t i = 0; i < operand_count; ++i) {
      sum += static_cast<double>(buffers_.operand_bytes(i));
    }
    return sum;
  }

  double flop() const override {
    return 2 * static_cast<double>(shape_.m) * static_cast<double>(shape_.n) *
           static_cast<double>(shape_.k);
  }

 protected:
  void launch(cudaStream_t stream, int slot) override {
    calls_[static_cast<std::size_t>(slot)](stream);
  }
  int slots() const override { return buffers_.slots(); }

 private:
  GemmOperands operands(int slot) const {
    const bool scaled = buffers_.operand_bytes(operand_scales) > 0;
    return {buffers_.at(slot, operand_a),
            buffers_.at(slot, operand_weights),
            scaled ? buffers_.at(slot, operand_scales) : nullptr,
            buffers_.at(slot, operand_c),
            workspace_.data(),
            static_cast<int>(shape_.m),
            static_cast<int>(shape_.n),
            static_cast<int>(shape_.k)};
  }

  void fill(int slot) {
    const cudaStream_t stream = context().stream();
    const auto random = [&](Operand operand, Element element, std::size_t count, float scale) {
      fill_random(buffers_.at(slot, operand), element, count, scale, seed_,
                  static_cast<std::uint32_t>(slot) * operand_count + operand, stream);
    };
    random(operand_a, formats_.a, count_of(shape_.m, shape_.k), 1);
    if (packed_format(formats_.weights) != nullptr) {  // any bits are weights
      random(operand_weights, Element::int4, 2 * buffers_.operand_bytes(operand_weights), 1);
    } else {
      random(operand_weights, formats_.weights, count_of(shape_.n, shape_.k), 1);
    }
    const Scales scales = scales_of(formats_, shape_);
    if (scales.count > 0) random(operand_scales, scales.element, scales.count, 0.05F);
    poison(buffers_.at(slot, operand_c), buffers_.operand_bytes(operand_c), stream);
  }

  GemmFormats formats_;
  Shape shape_;
  std::uint64_t seed_;
  RotatedBuffers buffers_;
  DeviceMemory workspace_;
  std::vector<GemmCall> calls_;
};

}  // namespace

bool gemm_shape_fits(const Shape& shape, Element a, Element weights) {
  constexpr std::int64_t most = std::numeric_limits<int>::max() / 2;
  const auto aligned = [&](Element element) {
    return storage_bytes(element, static_cast<std::size_t>(shape.k)) % 16 == 0;
  };
  return shape.m >= 1 && shape.n >= 1 && shape.k >= 1 && shape.m < most && shape.n < most &&
         shape.k < most && aligned(a) && aligned(weights);
}

void add_gemm(Registry& registry, GemmKernel kernel) {
  CudaVariant variant;
  variant.operation = Operation::gemm;
  variant.format = kernel.format;
  variant.source = kernel.source;
  variant.name = kernel.name;
  variant.target = kernel.target;
  variant.shared_bytes = kernel.shared_bytes;
  variant.accepts = [accepts = kernel.accepts, formats = kernel.formats](const Limits& limits,
                                                                         const Shape& shape) {
    return gemm_shape_fits(shape, formats.a, formats.weights) && accepts(limits, shape);
  };
  variant.prepare = [kernel = std::move(kernel)](Context& context, const Shape& shape,
                                                 std::uint64_t seed) {
    return std::unique_ptr<PreparedKernel>(std::make_unique<GemmRun>(context, kernel, shape, seed));
  };
  registry.add(std::move(variant));
}

}  // namespace microdc::kernels::cuda
