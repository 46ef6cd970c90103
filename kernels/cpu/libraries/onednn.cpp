// oneDNN (2.6 of Debian 12 and 3.x): its matmul and inner product, weights packed beforehand as it
// prefers them, or left as they are (source onednn-plain), as frameworks call it that do not pack.
#include <omp.h>

#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>

#include "kernels/cpu/libraries/library_product.hpp"

namespace microdc::kernels {
namespace {

using dnnl::memory;

enum class Call { matmul, matmul_plain, inner_product };

/// The library's threads, which are those of OpenMP, one per CPU of the pool; they end with this
/// object, lest they spin beside the kernels that are measured next.
class OpenMpThreads {
 public:
  explicit OpenMpThreads(const std::vector<int>& cpus) : before_(omp_get_max_threads()) {
    const int count = std::max<int>(1, static_cast<int>(cpus.size()));
    omp_set_num_threads(count);
#pragma omp parallel num_threads(count)
    {
      const auto thread = static_cast<std::size_t>(omp_get_thread_num());
      // New threads inherit the mask of the caller, which is pinned.
      if (thread < cpus.size()) pin_to(cpus[thread]);
    }
  }
  ~OpenMpThreads() {
    omp_pause_resource_all(omp_pause_hard);
    omp_set_num_threads(before_);
  }
  OpenMpThreads(const OpenMpThreads&) = delete;
  OpenMpThreads& operator=(const OpenMpThreads&) = delete;

 private:
  const int before_;
};

dnnl::engine& cpu_engine() {
  static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

memory::data_type type_of(WeightFormat format) {
  return format == WeightFormat::bf16 ? memory::data_type::bf16 : memory::data_type::f32;
}

/// Weights are [n, k] in memory; matmul sees that as a transposed [k, n].
struct Descriptors {
  memory::desc values, plain_weights, any_weights, out;

  Descriptors(Call call, WeightFormat format, const Shape& s)
      : values({s.m, s.k}, type_of(format), memory::format_tag::ab),
        plain_weights(call == Call::inner_product
                          ? memory::desc({s.n, s.k}, type_of(format), memory::format_tag::ab)
                          : memory::desc({s.k, s.n}, type_of(format), memory::format_tag::ba)),
        any_weights(call == Call::inner_product ? memory::dims{s.n, s.k} : memory::dims{s.k, s.n},
                    type_of(format), memory::format_tag::any),
        out({s.m, s.n}, memory::data_type::f32, memory::format_tag::ab) {}
};

/// Empty if the library has none for this processor.
dnnl::matmul::primitive_desc describe_matmul(const Descriptors& d, const memory::desc& weights) {
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(), d.values, weights, d.out, dnnl::primitive_attr(), true};
#else
  return {dnnl::matmul::desc(d.values, weights, d.out), cpu_engine(), true};
#endif
}

dnnl::inner_product_forward::primitive_desc describe_inner_product(const Descriptors& d) {
  constexpr auto inference = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
  return {cpu_engine(), inference, d.values, d.any_weights, d.out, dnnl::primitive_attr(), true};
#else
  return {dnnl::inner_product_forward::desc(inference, d.values, d.any_weights, d.out),
          cpu_engine(), true};
#endif
}

/// A primitive and the layout that it wants of the weights; no primitive if there is none.
struct Chosen {
  dnnl::primitive primitive;
  memory::desc weights;

  Chosen(Call call, const Descriptors& d) {
    if (call == Call::inner_product) {
      const auto description = describe_inner_product(d);
      if (description) take(dnnl::inner_product_forward(description), description);
    } else {
      const auto description =
          describe_matmul(d, call == Call::matmul ? d.any_weights : d.plain_weights);
      if (description) take(dnnl::matmul(description), description);
    }
  }

 private:
  template <class Description>
  void take(const dnnl::primitive& made, const Description& description) {
    primitive = made;
    weights = description.weights_desc();
  }
};

class OneDnnProduct final : public LibraryProduct {
 public:
  OneDnnProduct(const CpuContext& context, Call call, WeightFormat format, const Shape& shape,
                int copies, std::uint64_t seed)
      : LibraryProduct(context, format, shape, copies, seed),
        cpus_(context.cpus),
        descriptors_(call, format, shape),
        stream_(cpu_engine()),
        bytes_per_value_(format == WeightFormat::bf16 ? 2 : 4),
        converted_(copies * shape.m * shape.k * bytes_per_value_) {
    const OpenMpThreads threads(cpus_);
    const Chosen chosen(call, descriptors_);
    primitive_ = chosen.primitive;
    const std::int64_t packed_bytes =
        round_up(static_cast<std::int64_t>(chosen.weights.get_size()), 4096);
    packed_ = Buffer<std::uint8_t>(copies * packed_bytes);
    const Buffer<std::uint8_t> plain = plain_weights();
    for (int copy = 0; copy < copies; ++copy) {
      std::uint8_t* const values = converted_.data() + copy * shape.m * shape.k * bytes_per_value_;
      convert(LibraryProduct::values(copy), shape.m * shape.k, values);
      memory weights(chosen.weights, cpu_engine(), packed_.data() + copy * packed_bytes);
      memory as_given(descriptors_.plain_weights, cpu_engine(), plain.data());
      dnnl::reorder(as_given, weights).execute(stream_, as_given, weights);
      arguments_.push_back({{DNNL_ARG_SRC, memory(descriptors_.values, cpu_engine(), values)},
                            {DNNL_ARG_WEIGHTS, weights},
                            {DNNL_ARG_DST, memory(descriptors_.out, cpu_engine(), out(copy))}});
    }
    stream_.wait();
  }

  Verification verify() override {
    const OpenMpThreads threads(cpus_);
    return LibraryProduct::verify();
  }
  double run(int calls, LaunchMode mode) override {
    const OpenMpThreads threads(cpus_);
    return LibraryProduct::run(calls, mode);
  }

 private:
  void call(int copy) override {
    primitive_.execute(stream_, arguments_[static_cast<std::size_t>(copy)]);
    stream_.wait();
  }

  void convert(const float* from, std::int64_t count, std::uint8_t* to) const {
    for (std::int64_t i = 0; i < count; ++i) {
      if (format_ == WeightFormat::bf16) {
        reinterpret_cast<std::uint16_t*>(to)[i] = bf16_of(from[i]);
      } else {
        reinterpret_cast<float*>(to)[i] = from[i];
      }
    }
  }

  [[nodiscard]] Buffer<std::uint8_t> plain_weights() const {
    const std::int64_t row_bytes = shape_.k * bytes_per_value_;
    Buffer<std::uint8_t> plain(shape_.n * row_bytes);
    for (std::int64_t n = 0; n < shape_.n; ++n) {
      convert(weights_.row(n), shape_.k, plain.data() + n * row_bytes);
    }
    return plain;
  }

  const std::vector<int> cpus_;
  const Descriptors descriptors_;
  dnnl::stream stream_;
  const std::int64_t bytes_per_value_;
  Buffer<std::uint8_t> converted_, packed_;
  dnnl::primitive primitive_;
  std::vector<std::unordered_map<int, memory>> arguments_;
};

bool runs(Call call, WeightFormat format, const Shape& shape) {
  return bool(Chosen(call, Descriptors(call, format, shape)).primitive);
}

void add(const CpuContext& context, Call call, WeightFormat format, const char* source,
         const char* name, Variants& variants) {
  if (!runs(call, format, {.m = 8, .n = 64, .k = 64})) return;
  variants.push_back(
      {.operation = Operation::gemm,
       .format = std::string(name_of(format)),
       .source = source,
       .name = name,
       .accepts = [](const Shape& shape) { return shape.m >= 1 && shape.n >= 1 && shape.k >= 1; },
       .prepare = [&context, call, format](const Shape& shape,
                                           std::uint64_t seed) -> std::unique_ptr<PreparedKernel> {
         const std::optional<int> copies = library_copies(context, format, shape);
         if (!copies) return nullptr;
         return std::make_unique<OneDnnProduct>(context, call, format, shape, *copies, seed);
       }});
}

}  // namespace

void add_onednn_products(const CpuContext& context, Variants& variants) {
  for (const WeightFormat format : {WeightFormat::fp32, WeightFormat::bf16}) {
    add(context, Call::matmul, format, "onednn", "matmul", variants);
    add(context, Call::inner_product, format, "onednn", "inner_product", variants);
    // Another source: an engine whose framework does not pack must not get times of packed weights.
    add(context, Call::matmul_plain, format, "onednn-plain", "matmul", variants);
  }
}

}  // namespace microdc::kernels
