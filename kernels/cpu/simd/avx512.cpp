// AVX-512 (F, BW, DQ, VL). Compiled with flags of its own: see kernel_table.hpp.
#include "kernels/cpu/simd/avx512_machine.hpp"
#include "kernels/cpu/simd/general_table.hpp"

namespace microdc::kernels::simd {

const KernelTable& avx512_kernels() {
  static const KernelTable table = general_kernels<Machine, 12, 2>();
  return table;
}

}  // namespace microdc::kernels::simd
