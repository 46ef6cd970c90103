// AVX2 and FMA. Compiled with flags of its own: see kernel_table.hpp.
#include <immintrin.h>

#include "kernels/cpu/simd/general_table.hpp"

namespace microdc::kernels::simd {
namespace {

struct Machine {
  using Float [[gnu::vector_size(32)]] = float;
  using Int [[gnu::vector_size(32)]] = int;
  static constexpr int width = 8;
  static constexpr int query_rows = 4, accumulators = 8;

  static Int widen_8(const std::uint8_t* from) {
    return reinterpret_cast<Int>(
        _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from))));
  }
  static Int widen_16(const std::uint8_t* from) {
    return reinterpret_cast<Int>(
        _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  static Float to_float(const Int& value) { return __builtin_convertvector(value, Float); }
  static Float spread(const float* from) { return *from - Float{}; }
  static Float multiply_add(const Float& sum, const Float& a, const Float& b) {
    return sum + a * b;
  }
  static void store_past(float* to, const Float& value) { _mm256_stream_ps(to, value); }
  static void fence() { _mm_sfence(); }
};

}  // namespace

const KernelTable& avx2_kernels() {
  static const KernelTable table = general_kernels<Machine, 6, 2>();
  return table;
}

}  // namespace microdc::kernels::simd
