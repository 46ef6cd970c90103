// Memory bandwidth: read, write, copy and triad over a working set, by all threads and, where
// memory has several nodes, by the threads of one node on their own and on the others' memory.
#include <algorithm>
#include <atomic>
#include <set>

#include "kernels/cpu/buffer.hpp"
#include "kernels/cpu/cpu_kernel.hpp"

namespace microdc::kernels {
namespace {

/// Elements that streams handle in one turn of their loops.
constexpr std::int64_t grain = 64;

/// Who streams, and who touches the memory first.
struct Placement {
  std::string suffix;        ///< of the variant's name
  std::vector<int> readers;  ///< threads
  std::vector<int> owners;   ///< threads; slice i belongs to owner i modulo their number
};

std::vector<Placement> placements(const CpuContext& context) {
  std::vector<int> everyone;
  std::set<int> nodes;
  for (int thread = 0; thread < context.pool.size(); ++thread) {
    everyone.push_back(thread);
    nodes.insert(context.nodes[thread]);
  }
  std::vector<Placement> all{{"", everyone, everyone}};
  if (nodes.size() < 2) return all;
  const auto threads_of = [&](int node) {
    std::vector<int> threads;
    for (const int thread : everyone) {
      if (context.nodes[thread] == node) threads.push_back(thread);
    }
    return threads;
  };
  for (const int reader : nodes) {
    for (const int owner : nodes) {
      const std::string name = "@node" + std::to_string(reader);
      all.push_back({reader == owner ? name : name + "-from-node" + std::to_string(owner),
                     threads_of(reader), threads_of(owner)});
    }
  }
  return all;
}

/// Three arrays at most; what of them an operation uses are its working set.
class Stream final : public CpuKernel {
 public:
  Stream(const CpuContext& context, const simd::Streams& streams, Operation operation, bool past,
         Placement placement, const Shape& shape)
      : CpuKernel(context, 1),
        streams_(streams),
        operation_(operation),
        past_(past),
        placement_(std::move(placement)),
        arrays_(array_count(operation)),
        length_(shape.bytes / 4 / arrays_ / grain * grain) {
    for (int i = 0; i < arrays_; ++i) data_[i] = Buffer<float>(length_);
    pool_.run([&](int thread) {
      for (std::size_t slice = 0; slice < placement_.readers.size(); ++slice) {
        if (placement_.owners[slice % placement_.owners.size()] != thread) continue;
        const Range range = slice_range(slice);
        for (int i = 0; i < arrays_; ++i) {
          for (std::int64_t at = range.begin; at < range.end; ++at) {
            data_[i][at] =
                normal_like(static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(at));
          }
        }
      }
    });
  }

  static int array_count(Operation operation) {
    switch (operation) {
      case Operation::memory_copy: return 2;
      case Operation::memory_triad: return 3;
      default: return 1;
    }
  }

  Verification verify() override {
    Comparison comparison;
    if (operation_ == Operation::memory_read) {
      double expected = 0, absolute = 0;
      for (std::int64_t i = 0; i < length_; ++i) {
        expected += data_[0][i];
        absolute += std::abs(data_[0][i]);
      }
      call(0);
      double sum = 0;
      for (const double part : sums_) sum += part;
      // The sum of random signs is small: measure the error against the magnitudes.
      comparison.add(absolute + sum - expected, absolute);
      return comparison.verdict(tolerance_fp32);
    }
    call(0);
    for (std::int64_t i = 0; i < length_; ++i) {
      const double expected = operation_ == Operation::memory_write ? factor
                              : operation_ == Operation::memory_copy
                                  ? data_[1][i]
                                  : data_[1][i] + double{factor} * data_[2][i];
      comparison.add(data_[0][i], expected);
    }
    return comparison.verdict(tolerance_fp32);
  }

  [[nodiscard]] double bytes() const override {
    return 4.0 * arrays_ * static_cast<double>(length_);
  }
  [[nodiscard]] double flop() const override { return 0; }

 private:
  static constexpr float factor = 0.5f;

  [[nodiscard]] Range slice_range(std::size_t slice) const {
    return split(length_, grain, static_cast<int>(slice),
                 static_cast<int>(placement_.readers.size()));
  }

  void call(int) override {
    pool_.run([&](int thread) {
      const auto at = std::find(placement_.readers.begin(), placement_.readers.end(), thread);
      if (at == placement_.readers.end()) return;
      stream(thread, slice_range(static_cast<std::size_t>(at - placement_.readers.begin())));
    });
  }

  void stream(int thread, Range range) {
    float* first = data_[0].data() + range.begin;
    const auto count = static_cast<std::size_t>(range.size());
    switch (operation_) {
      case Operation::memory_read: sums_[thread * sum_stride] = streams_.read(first, count); return;
      case Operation::memory_write:
        return (past_ ? streams_.write_past : streams_.write)(first, factor, count);
      case Operation::memory_copy:
        return (past_ ? streams_.copy_past : streams_.copy)(first, data_[1].data() + range.begin,
                                                            count);
      default:
        return (past_ ? streams_.triad_past : streams_.triad)(
            first, data_[1].data() + range.begin, data_[2].data() + range.begin, factor, count);
    }
  }

  static constexpr int sum_stride = 8;  // a cache line each
  const simd::Streams& streams_;
  const Operation operation_;
  const bool past_;
  const Placement placement_;
  const int arrays_;
  const std::int64_t length_;
  Buffer<float> data_[3];
  std::vector<double> sums_ =
      std::vector<double>(static_cast<std::size_t>(pool_.size() * sum_stride));
};

}  // namespace

void add_streams(const CpuContext& context, const InstructionSet& set, Variants& variants) {
  const simd::Streams& streams = set.table->streams;
  const auto add = [&](Operation operation, bool past, const Placement& placement) {
    variants.push_back(
        {.operation = operation,
         .source = "own",
         .name = set.name + (past ? "_past_caches" : "") + placement.suffix,
         .accepts =
             [&context](const Shape& shape) {
               return shape.bytes >= 3 * 4 * grain * context.pool.size();
             },
         .prepare = [&context, &streams, operation, past, placement](
                        const Shape& shape, std::uint64_t) -> std::unique_ptr<PreparedKernel> {
           if (!fits_in_memory(shape.bytes)) return nullptr;
           return std::make_unique<Stream>(context, streams, operation, past, placement, shape);
         }});
  };
  for (const Placement& placement : placements(context)) {
    if (streams.read) add(Operation::memory_read, false, placement);
    if (streams.write) add(Operation::memory_write, false, placement);
    if (streams.write_past) add(Operation::memory_write, true, placement);
    if (streams.copy) add(Operation::memory_copy, false, placement);
    if (streams.copy_past) add(Operation::memory_copy, true, placement);
    if (streams.triad) add(Operation::memory_triad, false, placement);
    if (streams.triad_past) add(Operation::memory_triad, true, placement);
  }
}

}  // namespace microdc::kernels
