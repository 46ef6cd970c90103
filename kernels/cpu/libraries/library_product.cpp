#include "kernels/cpu/libraries/library_product.hpp"

#include <cstring>

#include "kernels/cpu/grid.hpp"

namespace microdc::kernels {
namespace {

/// Rows and columns of the result that a library handles at full speed; a thread gets multiples.
constexpr std::int64_t row_grain = 48, column_grain = 32;

/// Threads of the pool that call a single-threaded library, each for its part of the result.
class SharedProduct final : public LibraryProduct {
 public:
  SharedProduct(const CpuContext& context, Fp32Multiply multiply, const Shape& shape, int copies,
                std::uint64_t seed)
      : LibraryProduct(context, WeightFormat::fp32, shape, copies, seed),
        multiply_(multiply),
        grid_((shape.m + row_grain - 1) / row_grain, (shape.n + column_grain - 1) / column_grain,
              context.pool.size()),
        matrix_(copies * shape.n * shape.k) {
    pool_.run([&](int thread) {
      if (thread >= grid_.across) return;
      const Range columns = split(shape_.n, column_grain, thread, grid_.across);
      for (int copy = 0; copy < copies; ++copy) {
        for (std::int64_t n = columns.begin; n < columns.end; ++n) {
          std::copy_n(weights_.row(n), shape_.k, weights_at(copy, n));
        }
      }
    });
  }

 private:
  [[nodiscard]] float* weights_at(int copy, std::int64_t n) const {
    return matrix_.data() + (copy * shape_.n + n) * shape_.k;
  }

  void call(int copy) override {
    pool_.run([&](int thread) {
      if (thread >= grid_.down * grid_.across) return;
      const Range rows = split(shape_.m, row_grain, thread / grid_.across, grid_.down);
      const Range columns = split(shape_.n, column_grain, thread % grid_.across, grid_.across);
      if (rows.size() == 0 || columns.size() == 0) return;
      multiply_({.values = values(copy) + rows.begin * shape_.k,
                 .weights = weights_at(copy, columns.begin),
                 .out = out(copy) + rows.begin * shape_.n + columns.begin,
                 .m = rows.size(),
                 .n = columns.size(),
                 .k = shape_.k,
                 .out_stride = shape_.n});
    });
  }

  const Fp32Multiply multiply_;
  const Grid grid_;
  Buffer<float> matrix_;
};

}  // namespace

LibraryProduct::LibraryProduct(const CpuContext& context, WeightFormat format, const Shape& shape,
                               int copies, std::uint64_t seed)
    : CpuKernel(context, copies),
      format_(format),
      shape_(shape),
      weights_(format, shape.k, seed),
      values_(copies * shape.m * shape.k),
      out_(copies * shape.m * shape.n) {
  const RandomMatrix numbers(seed + 1, shape.k);
  for (std::int64_t i = 0; i < copies * shape.m; ++i) {
    std::copy_n(numbers.row(i), shape.k, values_.data() + i * shape.k);
  }
}

Verification LibraryProduct::verify() {
  call(0);
  return compare_products(weights_, values(0), shape_.k, out(0), shape_.n, shape_)
      .verdict(format_ == WeightFormat::bf16 ? tolerance_bf16 : tolerance_fp32);
}

std::optional<int> library_copies(const CpuContext& context, WeightFormat format,
                                  const Shape& shape) {
  const std::int64_t width = format == WeightFormat::bf16 ? 2 : 4;
  const std::int64_t call = width * shape.n * shape.k + (4 + width) * shape.m * (shape.n + shape.k);
  const int copies = copies_past_cache(context, call);
  if (!fits_in_memory((copies + 1) * call)) return std::nullopt;
  return copies;
}

void add_shared_product(const CpuContext& context, std::string source, std::string name,
                        Fp32Multiply multiply, bool (*accepts)(const Shape&), Variants& variants) {
  variants.push_back(
      {.operation = Operation::gemm,
       .format = std::string(name_of(WeightFormat::fp32)),
       .source = std::move(source),
       .name = std::move(name),
       .accepts =
           [accepts](const Shape& shape) {
             return shape.m >= 1 && shape.n >= 1 && shape.k >= 1 && accepts(shape);
           },
       .prepare = [&context, multiply](const Shape& shape,
                                       std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
         const std::optional<int> copies = library_copies(context, WeightFormat::fp32, shape);
         if (!copies) return nullptr;
         return std::make_unique<SharedProduct>(context, multiply, shape, *copies, seed);
       }});
}

}  // namespace microdc::kernels
