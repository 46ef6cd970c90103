#define Eigen eigen_for_avx2
#include "kernels/cpu/libraries/eigen.hpp"
#include "kernels/cpu/libraries/eigen_product.hpp"

namespace microdc::kernels {

void multiply_by_eigen_avx2(const Fp32Product& product) { multiply_by_eigen(product); }

}  // namespace microdc::kernels
