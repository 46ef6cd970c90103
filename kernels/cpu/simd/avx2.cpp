// AVX2 and FMA. Compiled with flags of its own: see kernel_table.hpp.
#include <immintrin.h>

#include "kernels/cpu/simd/attention.hpp"
#include "kernels/cpu/simd/elementwise.hpp"
#include "kernels/cpu/simd/streams.hpp"

namespace microdc::kernels::simd {
namespace {

struct Machine {
  using Float [[gnu::vector_size(32)]] = float;
  using Int [[gnu::vector_size(32)]] = int;
  static constexpr int width = 8;
  static constexpr int query_rows = 4;

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
  static constexpr int rows = 6, vectors = 2, columns = vectors * Machine::width;
  static const KernelTable table{
      .streams = streams<Machine>(),
      .peak_fp32 = peak_of_fma<Machine>(),
      .rows_fp32 = value_rows<Machine, Fp32Weights>(),
      .rows_bf16 = value_rows<Machine, Bf16Weights>(),
      .rows_int8 = value_rows<Machine, Int8Weights>(),
      .rows_int4 = int4_rows<Machine>(),
      .panels_fp32 = {rows, columns, false, panel_product<Machine, Fp32Weights, rows, vectors>,
                      pack_floats<rows>},
      .panels_bf16 = {rows, columns, false, panel_product<Machine, Bf16Weights, rows, vectors>,
                      pack_floats<rows>},
      .expand_int8 = expand_int8<Machine, columns>,
      .expand_int4 = expand_int4<Machine, columns>,
      .attention_fp32 = paged_attention<Machine, Fp32Weights>,
      .attention_bf16 = paged_attention<Machine, Bf16Weights>,
      .elementwise = elementwise<Machine>(),
  };
  return table;
}

}  // namespace microdc::kernels::simd
