// Norms, activations and RoPE: rows shared out among threads.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/cpu_kernel.hpp"

namespace microdc::kernels {
namespace {

/// Up to three inputs and one output of m rows of n floats.
class RowKernel : public CpuKernel {
 public:
  RowKernel(const CpuContext& context, const simd::Elementwise& kernels, const Shape& shape,
            int tensors, int copies, std::uint64_t seed)
      : CpuKernel(context, copies),
        kernels_(kernels),
        shape_(shape),
        tensors_(tensors),
        data_(copies * tensors * shape.m * shape.n) {
    const RandomMatrix numbers(seed, shape.n);
    pool_.run([&](int thread) {
      const Range rows = rows_of(thread);
      for (int i = 0; i < copies * tensors; ++i) {
        for (std::int64_t r = rows.begin; r < rows.end; ++r) {
          std::copy_n(numbers.row(i * shape.m + r), shape.n,
                      data_.data() + (i * shape.m + r) * shape.n);
        }
      }
    });
  }

  [[nodiscard]] double bytes() const override {
    return 4.0 * traffic() * double(shape_.m) * double(shape_.n);
  }
  [[nodiscard]] double flop() const override { return 0; }

 protected:
  /// Tensors read or written by a call.
  [[nodiscard]] virtual int traffic() const = 0;
  virtual void on_row(int copy, std::int64_t row) = 0;

  [[nodiscard]] float* row(int copy, int tensor, std::int64_t r) const {
    return data_.data() + ((copy * tensors_ + tensor) * shape_.m + r) * shape_.n;
  }
  [[nodiscard]] std::vector<float> snapshot() const {
    return {data_.data(), data_.data() + tensors_ * shape_.m * shape_.n};
  }

  const simd::Elementwise& kernels_;
  const Shape shape_;

 private:
  [[nodiscard]] Range rows_of(int thread) const { return split(shape_.m, 1, thread, pool_.size()); }

  void call(int copy) final {
    pool_.run([&](int thread) {
      const Range rows = rows_of(thread);
      for (std::int64_t r = rows.begin; r < rows.end; ++r) on_row(copy, r);
    });
  }

  const int tensors_;
  Buffer<float> data_;
};

/// Tensors: residual, what is added to it, result.
class Norm final : public RowKernel {
 public:
  Norm(const CpuContext& context, const simd::Elementwise& kernels, const Shape& shape, int copies,
       std::uint64_t seed)
      : RowKernel(context, kernels, shape, 3, copies, seed), gain_(shape.n) {
    for (std::int64_t i = 0; i < shape.n; ++i) {
      gain_[i] = 1 + 0.1f * normal_like(seed + 1, static_cast<std::uint64_t>(i));
    }
  }

  Verification verify() override {
    const std::vector<float> before = snapshot();
    run(1, LaunchMode::eager);
    Comparison comparison;
    for (std::int64_t r = 0; r < shape_.m; ++r) {
      const float* residual = before.data() + r * shape_.n;
      const float* added = residual + shape_.m * shape_.n;
      double squares = 0;
      for (std::int64_t i = 0; i < shape_.n; ++i)
        squares += std::pow(double(residual[i]) + added[i], 2);
      const double factor = 1 / std::sqrt(squares / double(shape_.n) + 1e-6);
      for (std::int64_t i = 0; i < shape_.n; ++i) {
        comparison.add(row(0, 2, r)[i], (double(residual[i]) + added[i]) * factor * gain_[i]);
        comparison.add(row(0, 0, r)[i], double(residual[i]) + added[i]);
      }
    }
    return comparison.verdict(tolerance_fp32);
  }

 private:
  [[nodiscard]] int traffic() const override { return 4; }
  void on_row(int copy, std::int64_t r) override {
    kernels_.norm(row(copy, 0, r), row(copy, 1, r), gain_.data(), row(copy, 2, r), shape_.n);
  }
  Buffer<float> gain_;
};

/// Tensors: gate, up, result.
class Activation final : public RowKernel {
 public:
  Activation(const CpuContext& context, const simd::Elementwise& kernels, const Shape& shape,
             int copies, std::uint64_t seed)
      : RowKernel(context, kernels, shape, 3, copies, seed) {}

  Verification verify() override {
    run(1, LaunchMode::eager);
    Comparison comparison;
    for (std::int64_t r = 0; r < shape_.m; ++r) {
      for (std::int64_t i = 0; i < shape_.n; ++i) {
        const double gate = row(0, 0, r)[i];
        comparison.add(row(0, 2, r)[i], gate / (1 + std::exp(-gate)) * row(0, 1, r)[i]);
      }
    }
    return comparison.verdict(tolerance_fp32);
  }

 private:
  [[nodiscard]] int traffic() const override { return 3; }
  void on_row(int copy, std::int64_t r) override {
    kernels_.act(row(copy, 0, r), row(copy, 1, r), row(copy, 2, r), shape_.n);
  }
};

/// In place on rows of heads. Sines and cosines of a position come from a table, as in engines.
class Rope final : public RowKernel {
 public:
  Rope(const CpuContext& context, const simd::Elementwise& kernels, const Shape& shape, int copies,
       std::uint64_t seed)
      : RowKernel(context, kernels, shape, 1, copies, seed),
        half_(shape.head_dim / 2),
        cosine_(shape.m * half_),
        sine_(shape.m * half_) {
    for (std::int64_t r = 0; r < shape.m; ++r) {
      for (std::int64_t i = 0; i < half_; ++i) {
        const double angle = double(r) * std::pow(10000.0, -double(i) / double(half_));
        cosine_[r * half_ + i] = static_cast<float>(std::cos(angle));
        sine_[r * half_ + i] = static_cast<float>(std::sin(angle));
      }
    }
  }

  Verification verify() override {
    const std::vector<float> before = snapshot();
    run(1, LaunchMode::eager);
    Comparison comparison;
    for (std::int64_t r = 0; r < shape_.m; ++r) {
      for (std::int64_t i = 0; i < shape_.n; ++i) {
        const std::int64_t in_head = i % shape_.head_dim, pair = in_head % half_;
        const double c = cosine_[r * half_ + pair], s = sine_[r * half_ + pair];
        const float* old = before.data() + r * shape_.n + i;
        comparison.add(row(0, 0, r)[i],
                       in_head < half_ ? *old * c - old[half_] * s : *old * c + old[-half_] * s);
      }
    }
    return comparison.verdict(tolerance_fp32);
  }

 private:
  [[nodiscard]] int traffic() const override { return 2; }
  void on_row(int copy, std::int64_t r) override {
    for (std::int64_t head = 0; head < shape_.n; head += shape_.head_dim) {
      kernels_.rope(row(copy, 0, r) + head, cosine_.data() + r * half_, sine_.data() + r * half_,
                    shape_.head_dim);
    }
  }

  const std::int64_t half_;
  Buffer<float> cosine_, sine_;
};

bool accepts_rows(const Shape& shape) { return shape.m >= 1 && shape.n >= 16 && shape.n % 16 == 0; }

bool accepts_heads(const Shape& shape) {
  return accepts_rows(shape) && shape.head_dim >= 32 && shape.head_dim % 32 == 0 &&
         shape.n % shape.head_dim == 0;
}

template <class Kernel>
void add(const CpuContext& context, const InstructionSet& set, Operation operation,
         bool (*accepts)(const Shape&), Variants& variants) {
  variants.push_back(
      {.operation = operation,
       .format = "fp32",
       .source = "own",
       .name = set.name,
       .accepts = accepts,
       .prepare = [&context, &kernels = set.table->elementwise](
                      const Shape& shape, std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
         const std::int64_t call = 3 * 4 * shape.m * shape.n;
         const int copies = copies_past_cache(context, call);
         if (!fits_in_memory(copies * call)) return nullptr;
         return std::make_unique<Kernel>(context, kernels, shape, copies, seed);
       }});
}

}  // namespace

void add_elementwise(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  if (!set.table->elementwise.norm) return;
  add<Norm>(context, set, Operation::elementwise_norm, accepts_rows, variants);
  add<Activation>(context, set, Operation::elementwise_act, accepts_rows, variants);
  add<Rope>(context, set, Operation::elementwise_rope, accepts_heads, variants);
}

}  // namespace microdc::kernels
