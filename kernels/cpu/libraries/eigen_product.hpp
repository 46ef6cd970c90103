// The body of eigen_*.cpp. Each of them renames Eigen's namespace before, so that what the compiler
// emits for its instruction set is not merged with the Eigen of the rest of the program (why:
// simd/kernel_table.hpp); a test looks for weak symbols without that name.
#pragma once

#define EIGEN_NO_IO
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

namespace microdc::kernels {
namespace {

/// As declared in library_product.hpp, whose inline functions must not be emitted here.
template <class Product>
inline void multiply_by_eigen(const Product& p) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const Eigen::Map<const Matrix> values(p.values, p.m, p.k), weights(p.weights, p.n, p.k);
  Eigen::Map<Matrix, 0, Eigen::OuterStride<>> out(p.out, p.m, p.n,
                                                  Eigen::OuterStride<>(p.out_stride));
  out.noalias() = values * weights.transpose();
}

}  // namespace
}  // namespace microdc::kernels
