#define Eigen eigen_for_avx512
#include "kernels/cpu/libraries/eigen.hpp"
#include "kernels/cpu/libraries/eigen_product.hpp"

namespace microdc::kernels {

void multiply_by_eigen_avx512(const Fp32Product& product) { multiply_by_eigen(product); }

}  // namespace microdc::kernels
