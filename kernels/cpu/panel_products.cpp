// GEMM of many tokens: weights packed beforehand in panels, activations packed by each call, tiles
// in registers, blocks in the caches (Goto and van de Geijn 2008). A thread takes columns of the
// weights and, where these are few, only some of the tokens.
#include <cstring>

#include "kernels/cpu/grid.hpp"
#include "kernels/cpu/weights.hpp"

namespace microdc::kernels {
namespace {

using simd::group_size;
using simd::PanelKernel;

/// Fewer tokens are the business of row products.
constexpr std::int64_t fewest_tokens = 5;
/// Depth of a block in elements: a panel of 32 columns is 64 KiB then, more than a first cache, but
/// it streams from the second one while sums are fetched and stored half as often as with 32 KiB
/// (a Zen 5 core: 0.81 instead of 0.79 of its peak).
constexpr std::int64_t block_depth = 512;
/// Tokens of a block, at most: 256 x 512 elements stay in a second cache of 1 MiB, beside the sums
/// of so many tokens and the panels of a group.
constexpr std::int64_t block_rows = 256;
constexpr std::int64_t group_panels = 4;

class PanelProducts final : public CpuKernel {
 public:
  PanelProducts(const CpuContext& context, const PanelKernel& kernel, simd::ExpandPanel expand,
                WeightFormat format, const Shape& shape, int copies, std::uint64_t seed)
      : CpuKernel(context, copies),
        kernel_(kernel),
        expand_(expand),
        format_(format),
        shape_(shape),
        width_(round_up(shape.k, simd::depth_grain)),
        depth_(kernel.paired ? width_ / 2 : width_),
        panels_((shape.n + kernel.tile_columns - 1) / kernel.tile_columns),
        row_tiles_((shape.m + kernel.tile_rows - 1) / kernel.tile_rows),
        panel_bytes_(panel_bytes(format, kernel, shape.k)),
        grid_(row_tiles_, panels_, context.pool.size()),
        weights_(format, shape.k, seed),
        packed_(copies * panels_ * panel_bytes_),
        scales_(panels_ * scale_count()),
        values_(copies * shape.m * width_),
        rows_(row_tiles_ * kernel.tile_rows * depth_),
        out_(copies * shape.m * shape.n),
        partial_(context.pool.size() * partial_size()),
        expanded_(context.pool.size() * block_depth * kernel.tile_columns) {
    const RandomMatrix numbers(seed + 1, shape.k);
    for (std::int64_t i = 0; i < copies * shape.m; ++i) {
      std::copy_n(numbers.row(i), shape.k, values_.data() + i * width_);
      std::fill_n(values_.data() + i * width_ + shape.k, width_ - shape.k, 0.0f);
    }
    pool_.run([&](int thread) {
      if (thread >= grid_.across) return;
      const Range panels = split(panels_, 1, thread, grid_.across);
      for (std::int64_t panel = panels.begin; panel < panels.end; ++panel) {
        pack(panel);
        // The copies differ in their addresses only.
        for (int copy = 1; copy < copies; ++copy) {
          std::memcpy(panel_at(copy, panel), panel_at(0, panel),
                      static_cast<std::size_t>(panel_bytes_));
        }
        pack_scales(panel);
      }
    });
  }

  static std::int64_t panel_bytes(WeightFormat format, const PanelKernel& kernel, std::int64_t k) {
    return static_cast<std::int64_t>(
               format == WeightFormat::int4
                   ? round_up(k, simd::depth_grain) / 2
                   : round_up(k, simd::depth_grain) *
                         static_cast<std::int64_t>(bytes_per_weight(format))) *
           kernel.tile_columns;
  }

  Verification verify() override {
    call(0);
    return compare_products(weights_, values_.data(), width_, out_.data(), shape_.n, shape_)
        .verdict(kernel_.paired ? tolerance_bf16 : tolerance_fp32);
  }

  [[nodiscard]] double bytes() const override { return product_bytes(format_, shape_); }
  [[nodiscard]] double flop() const override {
    return 2.0 * double(shape_.m) * double(shape_.n) * double(shape_.k);
  }

 private:
  /// Scales of a panel: one per column, int4: per group and column.
  [[nodiscard]] std::int64_t scale_count() const {
    switch (format_) {
      case WeightFormat::int8: return kernel_.tile_columns;
      case WeightFormat::int4: return kernel_.tile_columns * width_ / group_size;
      default: return 0;
    }
  }

  [[nodiscard]] float number(std::int64_t column, std::int64_t k) const {
    return column < shape_.n && k < shape_.k ? weights_.row(column)[k] : 0.0f;
  }

  [[nodiscard]] std::uint8_t* panel_at(int copy, std::int64_t panel) {
    return packed_.data() + (copy * panels_ + panel) * panel_bytes_;
  }

  /// The first copy.
  void pack(std::int64_t panel) {
    std::uint8_t* to = panel_at(0, panel);
    const int columns = kernel_.tile_columns;
    const std::int64_t first = panel * columns;
    for (std::int64_t k = 0; k < width_; ++k) {
      for (int c = 0; c < columns; ++c) {
        const float value = number(first + c, k);
        switch (format_) {
          case WeightFormat::fp32: reinterpret_cast<float*>(to)[k * columns + c] = value; break;
          case WeightFormat::bf16: {
            const std::int64_t at =
                kernel_.paired ? (k / 2 * columns + c) * 2 + k % 2 : k * columns + c;
            reinterpret_cast<std::uint16_t*>(to)[at] = bf16_of(value);
            break;
          }
          case WeightFormat::int8:
            to[k * columns + c] =
                static_cast<std::uint8_t>(weights_.quantised(value) + simd::int8_zero);
            break;
          case WeightFormat::int4:
            if (k % 2 == 0) {
              to[k / 2 * columns + c] = pack_int4(weights_.quantised(value),
                                                  weights_.quantised(number(first + c, k + 1)));
            }
            break;
        }
      }
    }
  }

  void pack_scales(std::int64_t panel) {
    const int columns = kernel_.tile_columns;
    for (std::int64_t i = 0; i < scale_count(); ++i) {
      scales_[panel * scale_count() + i] =
          weights_.scale(panel * columns + i % columns, i / columns);
    }
  }

  void call(int copy) override {
    pool_.run([&](int thread) {
      pack_activations(copy, thread);
      pool_.barrier();
      if (thread >= grid_.down * grid_.across) return;
      const Range tiles = split(row_tiles_, 1, thread / grid_.across, grid_.down);
      const Range panels = split(panels_, 1, thread % grid_.across, grid_.across);
      const Range rows{tiles.begin * kernel_.tile_rows,
                       std::min(shape_.m, tiles.end * kernel_.tile_rows)};
      const std::int64_t blocks = (rows.size() + block_rows - 1) / block_rows;
      for (int block = 0; block < blocks; ++block) {
        const Range part = split(rows.size(), kernel_.tile_rows, block, static_cast<int>(blocks));
        multiply(copy, thread, {rows.begin + part.begin, rows.begin + part.end}, panels);
      }
    });
  }

  /// Blocks of depth one after the other; within each, tiles of rows.
  void pack_activations(int copy, int thread) {
    const Range tiles = split(row_tiles_, 1, thread, pool_.size());
    const std::int64_t first = tiles.begin * kernel_.tile_rows;
    const std::int64_t rows = std::min(shape_.m, tiles.end * kernel_.tile_rows) - first;
    if (rows <= 0) return;
    const int elements = kernel_.paired ? 2 : 1;
    for (std::int64_t at = 0; at < depth_; at += block_depth) {
      const std::int64_t depth = std::min(block_depth, depth_ - at);
      kernel_.pack(values_.data() + (copy * shape_.m + first) * width_ + at * elements, width_,
                   rows, depth, packed_rows(at, depth, first));
    }
  }

  [[nodiscard]] float* packed_rows(std::int64_t at, std::int64_t depth, std::int64_t row) const {
    return rows_.data() + at * row_tiles_ * kernel_.tile_rows + row * depth;
  }

  /// Panels in groups, whose sums stay in the cache from the first to the last depth; one by one
  /// where the activations of all depths stay there.
  void multiply(int copy, int thread, Range rows, Range panels) {
    const bool few = rows.size() * depth_ <= block_rows * block_depth;
    const std::int64_t step = few ? 1 : group_panels;
    for (std::int64_t first = panels.begin; first < panels.end; first += step) {
      const std::int64_t end = std::min(panels.end, first + step);
      for (std::int64_t at = 0; at < depth_; at += block_depth) {
        for (std::int64_t panel = first; panel < end; ++panel) {
          const bool deeper = at + block_depth < depth_;
          multiply_block(copy, thread, at, rows, panel, panel - first,
                         panel + 1 < end ? block_of(copy, panel + 1, at)
                         : deeper        ? block_of(copy, first, at + block_depth)
                                         : block_of(copy, std::min(end, panels_ - 1), 0));
        }
      }
    }
  }

  /// `next`: what is read thereafter.
  void multiply_block(int copy, int thread, std::int64_t at, Range rows, std::int64_t panel,
                      std::int64_t in_group, const std::uint8_t* next) {
    const std::int64_t depth = std::min(block_depth, depth_ - at);
    const std::int64_t column = panel * kernel_.tile_columns;
    const std::int64_t sums = partial_size() / group_panels;
    kernel_.run({.left = packed_rows(at, depth, rows.begin),
                 .right = panel_block(copy, thread, panel, at, depth),
                 .out = out_.data() + (copy * shape_.m + rows.begin) * shape_.n + column,
                 .out_stride = shape_.n,
                 .rows = rows.size(),
                 .columns = std::min<std::int64_t>(kernel_.tile_columns, shape_.n - column),
                 .depth = depth,
                 .partial = partial_.data() + thread * partial_size() + in_group * sums,
                 .first = at == 0,
                 .last = at + depth == depth_,
                 .next = next,
                 .next_bytes = panel_bytes_ / depth_ * depth});
  }

  /// Of one thread: a group of panels times a block of tokens, whose last tile may be incomplete.
  [[nodiscard]] std::int64_t partial_size() const {
    return group_panels * kernel_.tile_columns * (block_rows + kernel_.tile_rows);
  }

  /// Of a panel, from depth `at` on, as it is stored.
  [[nodiscard]] const std::uint8_t* block_of(int copy, std::int64_t panel, std::int64_t at) const {
    return packed_.data() + (copy * panels_ + panel) * panel_bytes_ + panel_bytes_ / depth_ * at;
  }

  [[nodiscard]] const void* panel_block(int copy, int thread, std::int64_t panel, std::int64_t at,
                                        std::int64_t depth) const {
    const std::uint8_t* block = block_of(copy, panel, at);
    if (!expand_) return block;
    const float* scales = scales_.data() + panel * scale_count();
    if (format_ == WeightFormat::int4) scales += at / group_size * kernel_.tile_columns;
    float* to = expanded_.data() + thread * block_depth * kernel_.tile_columns;
    expand_(block, scales, depth, to);
    return to;
  }

  const PanelKernel& kernel_;
  const simd::ExpandPanel expand_;  ///< of quantised weights
  const WeightFormat format_;
  const Shape shape_;
  const std::int64_t width_;  ///< k, padded
  const std::int64_t depth_;  ///< elements of the kernel in it: floats or pairs
  const std::int64_t panels_, row_tiles_, panel_bytes_;
  const Grid grid_;
  const RandomWeights weights_;
  Buffer<std::uint8_t> packed_;
  Buffer<float> scales_, values_, rows_, out_, partial_, expanded_;
};

}  // namespace

void add_panel_products(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const auto add = [&](WeightFormat format, const PanelKernel& kernel, simd::ExpandPanel expand) {
    if (!kernel.run) return;
    variants.push_back(
        {.operation = Operation::gemm,
         .format = std::string(name_of(format)),
         .source = "own",
         .name = set.name + "_panels",
         .accepts =
             [](const Shape& shape) {
               return shape.m >= fewest_tokens && shape.n >= 1 && shape.k >= 1;
             },
         .prepare = [&context, &kernel, expand, format](
                        const Shape& shape, std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
           const std::int64_t columns = round_up(shape.n, kernel.tile_columns);
           const std::int64_t weights =
               columns / kernel.tile_columns * PanelProducts::panel_bytes(format, kernel, shape.k);
           const std::int64_t call = weights + 4 * shape.m * (shape.n + shape.k);
           const int copies = copies_past_cache(context, call);
           if (!fits_in_memory((copies + 1) * call)) return nullptr;
           return std::make_unique<PanelProducts>(context, kernel, expand, format, shape, copies,
                                                  seed);
         }});
  };
  const simd::KernelTable& table = *set.table;
  add(WeightFormat::fp32, table.panels_fp32, nullptr);
  add(WeightFormat::bf16, table.panels_bf16, nullptr);
  if (table.expand_int8) add(WeightFormat::int8, table.panels_fp32, table.expand_int8);
  if (table.expand_int4) add(WeightFormat::int4, table.panels_fp32, table.expand_int4);
}

}  // namespace microdc::kernels
