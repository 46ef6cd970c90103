// Eigen's matrix product, compiled once per instruction set.
#pragma once

#include "kernels/cpu/libraries/library_product.hpp"

namespace microdc::kernels {

void multiply_by_eigen_plain(const Fp32Product& product);
void multiply_by_eigen_avx2(const Fp32Product& product);
void multiply_by_eigen_avx512(const Fp32Product& product);

}  // namespace microdc::kernels
