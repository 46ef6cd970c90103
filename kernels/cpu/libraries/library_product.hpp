// GEMM by a library, measured beside the own kernels: operands as frameworks hold them, without
// padding.
#pragma once

#include "kernels/cpu/weights.hpp"

namespace microdc::kernels {

/// Activations and results of `copies` calls, and the comparison with float64.
class LibraryProduct : public CpuKernel {
 public:
  LibraryProduct(const CpuContext& context, WeightFormat format, const Shape& shape, int copies,
                 std::uint64_t seed);

  Verification verify() override;
  [[nodiscard]] double bytes() const override { return product_bytes(format_, shape_); }
  [[nodiscard]] double flop() const override {
    return 2.0 * double(shape_.m) * double(shape_.n) * double(shape_.k);
  }

 protected:
  [[nodiscard]] float* values(int copy) const {
    return values_.data() + copy * shape_.m * shape_.k;
  }
  [[nodiscard]] float* out(int copy) const { return out_.data() + copy * shape_.m * shape_.n; }

  const WeightFormat format_;
  const Shape shape_;
  const RandomWeights weights_;

 private:
  Buffer<float> values_, out_;
};

/// Copies of the operands that a measurement needs; none if memory does not hold twice as many
/// (weights as given and as the library packs them).
std::optional<int> library_copies(const CpuContext& context, WeightFormat format,
                                  const Shape& shape);

/// out[m, n] = values[m, k] * weights[n, k]^T; `out_stride` from one row to the next, the others
/// without gaps.
struct Fp32Product {
  const float* values = nullptr;
  const float* weights = nullptr;
  float* out = nullptr;
  std::int64_t m = 0, n = 0, k = 0, out_stride = 0;
};
/// On the calling thread alone.
using Fp32Multiply = void (*)(const Fp32Product& product);

/// Adds a GEMM in fp32 whose threads are those of the pool, each with a part of the result.
/// `accepts` beside what every product needs.
void add_shared_product(const CpuContext& context, std::string source, std::string name,
                        Fp32Multiply multiply, bool (*accepts)(const Shape&), Variants& variants);

/// Eigen, compiled for the instruction set; nothing where it has no such build.
void add_eigen_products(const CpuContext& context, const InstructionSet& set, Variants& variants);
/// OpenBLAS, if the machine has it (libopenblas.so.0).
void add_openblas_products(const CpuContext& context, Variants& variants);
/// oneDNN, if this build has it.
void add_onednn_products(const CpuContext& context, Variants& variants);

}  // namespace microdc::kernels
