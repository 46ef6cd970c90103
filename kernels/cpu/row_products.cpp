// GEMV and skinny GEMM: every thread takes rows of the weights and all tokens.
#include <cstring>

#include "kernels/cpu/weights.hpp"

namespace microdc::kernels {
namespace {

using simd::group_size;
using simd::RowKernels;
using simd::RowLayout;

/// More tokens are the business of panel products, but for kernels that work on blocks.
constexpr std::int64_t most_tokens = 32;
/// Tokens that pass over the rows together: their quantised activations come from the last cache
/// for every row but the first ones.
constexpr std::int64_t tokens_at_once = 256;
/// Rows that a kernel handles together.
std::int64_t grain_of(const RowKernels& kernels) {
  return kernels.layout == RowLayout::blocks ? simd::block_rows : 4;
}

class RowProducts final : public CpuKernel {
 public:
  RowProducts(const CpuContext& context, const RowKernels& kernels, bool prefetch,
              WeightFormat format, const Shape& shape, int copies, std::uint64_t seed)
      : CpuKernel(context, copies),
        kernels_(kernels),
        kernel_(prefetch ? kernels.run_with_prefetch : kernels.run),
        format_(format),
        shape_(shape),
        depth_(round_up(shape.k, simd::depth_grain)),
        row_bytes_(row_bytes(format, shape.k)),
        grain_(grain_of(kernels)),
        padded_rows_(round_up(shape.n, grain_)),
        weights_(format, shape.k, seed),
        packed_(copies * padded_rows_ * row_bytes_),
        scales_(padded_rows_ * scale_bytes()),
        values_(copies * shape.m * depth_),
        out_(copies * shape.m * shape.n),
        bf16_(shape.m * depth_),
        quantised_(shape.m * depth_),
        token_scales_(shape.m * depth_ / group_size),
        token_sums_(shape.m * depth_ / group_size) {
    const RandomMatrix numbers(seed + 1, shape.k);
    for (std::int64_t i = 0; i < copies * shape.m; ++i) {
      std::copy_n(numbers.row(i), shape.k, values_.data() + i * depth_);
      std::fill_n(values_.data() + i * depth_ + shape.k, depth_ - shape.k, 0.0f);
    }
    pool_.run([&](int thread) {
      const Range rows = rows_of(thread);
      for (std::int64_t row = rows.begin; row < rows.end; row += grain_) {
        if (kernels_.layout == RowLayout::blocks) {
          pack_block(row);
        } else {
          for (std::int64_t r = row; r < std::min(rows.end, row + grain_); ++r) pack(r);
        }
      }
      // The copies differ in their addresses only.
      for (int copy = 1; copy < copies; ++copy) {
        std::memcpy(row_at(copy, rows.begin), row_at(0, rows.begin),
                    static_cast<std::size_t>(round_up(rows.size(), grain_) * row_bytes_));
      }
      const std::int64_t padded_end = rows.begin + round_up(rows.size(), grain_);
      for (std::int64_t row = rows.begin; row < padded_end; ++row) pack_scales(row);
    });
  }

  static std::int64_t row_bytes(WeightFormat format, std::int64_t k) {
    const std::int64_t depth = round_up(k, simd::depth_grain);
    switch (format) {
      case WeightFormat::fp32: return 4 * depth;
      case WeightFormat::bf16: return 2 * depth;
      case WeightFormat::int8: return depth;
      case WeightFormat::int4: return depth / 2;
    }
    return 0;
  }

  Verification verify() override {
    call(0);
    const double tolerance = !kernels_.prepare               ? tolerance_fp32
                             : format_ == WeightFormat::bf16 ? tolerance_bf16
                                                             : tolerance_int8;
    return compare_products(weights_, values_.data(), depth_, out_.data(), shape_.n, shape_)
        .verdict(tolerance);
  }

  [[nodiscard]] double bytes() const override { return product_bytes(format_, shape_); }
  [[nodiscard]] double flop() const override {
    return 2.0 * double(shape_.m) * double(shape_.n) * double(shape_.k);
  }

 private:
  [[nodiscard]] Range rows_of(int thread) const {
    return split(shape_.n, grain_, thread, pool_.size());
  }
  [[nodiscard]] std::int64_t scale_bytes() const {
    switch (format_) {
      case WeightFormat::int8: return 4;
      case WeightFormat::int4: return 2 * depth_ / group_size;
      default: return 0;
    }
  }

  [[nodiscard]] std::uint8_t* row_at(int copy, std::int64_t row) {
    return packed_.data() + (copy * padded_rows_ + row) * row_bytes_;
  }

  /// The first copy.
  void pack(std::int64_t row) {
    std::uint8_t* to = row_at(0, row);
    const float* from = weights_.row(row);
    const auto at = [&](std::int64_t k) { return k < shape_.k ? from[k] : 0.0f; };
    switch (format_) {
      case WeightFormat::fp32:
        for (std::int64_t k = 0; k < depth_; ++k) reinterpret_cast<float*>(to)[k] = at(k);
        return;
      case WeightFormat::bf16:
        for (std::int64_t k = 0; k < depth_; ++k) {
          reinterpret_cast<std::uint16_t*>(to)[k] = bf16_of(at(k));
        }
        return;
      case WeightFormat::int8:
        for (std::int64_t k = 0; k < depth_; ++k) {
          to[k] = static_cast<std::uint8_t>(weights_.quantised(at(k)) + simd::int8_zero);
        }
        return;
      case WeightFormat::int4: return pack_int4_row(to, at);
    }
  }

  /// As rows.hpp of the kernels wants it: element j of a group beside element j + 64.
  template <class At>
  void pack_int4_row(std::uint8_t* to, const At& at) const {
    constexpr int half = group_size / 2;
    for (std::int64_t group = 0; group < depth_; group += group_size) {
      for (int j = 0; j < half; ++j) {
        *to++ =
            pack_int4(weights_.quantised(at(group + j)), weights_.quantised(at(group + half + j)));
      }
    }
  }

  /// Quantised weights in blocks (RowLayout); rows behind the end become zeros.
  void pack_block(std::int64_t first) {
    std::uint8_t* to = row_at(0, first);
    const auto at = [&](std::int64_t row, std::int64_t k) {
      const bool inside = first + row < shape_.n && k < shape_.k;
      return inside ? weights_.quantised(weights_.row(first + row)[k]) : 0;
    };
    const bool narrow = format_ == WeightFormat::int4;
    for (std::int64_t k = 0; k < depth_; k += narrow ? 8 : 4) {
      for (std::int64_t row = 0; row < simd::block_rows; ++row) {
        for (int j = 0; j < 4; ++j) {
          *to++ = narrow ? pack_int4(at(row, k + j), at(row, k + 4 + j))
                         : static_cast<std::uint8_t>(at(row, k + j) + simd::int8_zero);
        }
      }
    }
  }

  void pack_scales(std::int64_t row) {
    if (format_ == WeightFormat::int8) {
      reinterpret_cast<float*>(scales_.data())[row] = weights_.scale(row, 0);
    } else if (format_ == WeightFormat::int4) {
      const std::int64_t groups = depth_ / group_size;
      auto* to = reinterpret_cast<std::uint16_t*>(scales_.data());
      for (std::int64_t group = 0; group < groups; ++group) {
        const std::int64_t in_block = (row / grain_ * groups + group) * grain_ + row % grain_;
        to[kernels_.layout == RowLayout::blocks ? in_block : row * groups + group] =
            half_of(weights_.scale(row, group));
      }
    }
  }

  void call(int copy) override {
    const simd::Activations activations{values_.data() + copy * shape_.m * depth_, bf16_.data(),
                                        quantised_.data(), token_scales_.data(),
                                        token_sums_.data()};
    pool_.run([&](int thread) {
      if (kernels_.prepare) {
        prepare(activations, thread);
        pool_.barrier();
      }
      for (std::int64_t token = 0; token < shape_.m; token += tokens_at_once) {
        multiply(copy, rows_of(thread), activations, token);
      }
    });
  }

  void multiply(int copy, Range rows, const simd::Activations& all, std::int64_t token) {
    const std::int64_t element = token * depth_, group = element / group_size;
    kernel_({.weights = row_at(copy, rows.begin),
             .scales = scales_.data() + rows.begin * scale_bytes(),
             .activations = {all.values + element, all.bf16 + element, all.quantised + element,
                             all.scales + group, all.sums + group},
             .out = out_.data() + (copy * shape_.m + token) * shape_.n + rows.begin,
             .out_stride = shape_.n,
             .rows = rows.size(),
             .tokens = std::min(tokens_at_once, shape_.m - token),
             .depth = depth_});
  }

  void prepare(const simd::Activations& activations, int thread) const {
    const Range groups = split(depth_ / group_size, 1, thread, pool_.size());
    for (std::int64_t token = 0; token < shape_.m; ++token) {
      kernels_.prepare(activations, token, groups.begin, groups.end, depth_);
    }
  }

  const RowKernels& kernels_;
  const simd::RowKernel kernel_;
  const WeightFormat format_;
  const Shape shape_;
  const std::int64_t depth_, row_bytes_, grain_, padded_rows_;
  const RandomWeights weights_;
  Buffer<std::uint8_t> packed_, scales_;
  Buffer<float> values_, out_;
  Buffer<std::uint16_t> bf16_;
  Buffer<std::int8_t> quantised_;
  Buffer<float> token_scales_;
  Buffer<std::int32_t> token_sums_;
};

bool accepts_product(const RowKernels& kernels, const Shape& shape) {
  const bool few = shape.m <= most_tokens || kernels.layout == RowLayout::blocks;
  return shape.m >= 1 && few && shape.n >= 1 && shape.k >= 1;
}

}  // namespace

void add_row_products(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const auto add = [&](WeightFormat format, const RowKernels& kernels, bool prefetch) {
    if (!(prefetch ? kernels.run_with_prefetch : kernels.run)) return;
    variants.push_back(
        {.operation = Operation::gemm,
         .format = std::string(name_of(format)),
         .source = "own",
         .name = set.name + (prefetch ? "_rows_prefetch" : "_rows"),
         .accepts = [&kernels](const Shape& shape) { return accepts_product(kernels, shape); },
         .prepare = [&context, &kernels, format, prefetch](
                        const Shape& shape, std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
           const std::int64_t weights =
               round_up(shape.n, grain_of(kernels)) * RowProducts::row_bytes(format, shape.k);
           const std::int64_t call = weights + 4 * shape.m * (shape.n + shape.k);
           const int copies = copies_past_cache(context, call);
           if (!fits_in_memory(copies * call)) return nullptr;
           return std::make_unique<RowProducts>(context, kernels, prefetch, format, shape, copies,
                                                seed);
         }});
  };
  const simd::KernelTable& table = *set.table;
  for (const bool prefetch : {false, true}) {
    add(WeightFormat::fp32, table.rows_fp32, prefetch);
    add(WeightFormat::bf16, table.rows_bf16, prefetch);
    add(WeightFormat::int8, table.rows_int8, prefetch);
    add(WeightFormat::int4, table.rows_int4, prefetch);
  }
}

}  // namespace microdc::kernels
