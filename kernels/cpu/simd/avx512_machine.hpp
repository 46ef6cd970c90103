// Vectors of 512 bits, for the files of the AVX-512 family (see vectors.hpp on how this file is
// used).
#pragma once

#include <immintrin.h>

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

struct Machine {
  using Float [[gnu::vector_size(64)]] = float;
  using Int [[gnu::vector_size(64)]] = int;
  static constexpr int width = 16;
  static constexpr int query_rows = 8, accumulators = 16;
  /// g++ 12 warns of its own header where these conversions have no mask.
  static constexpr __mmask16 all = 0xffff;

  static Int widen_8(const std::uint8_t* from) {
    return reinterpret_cast<Int>(
        _mm512_maskz_cvtepu8_epi32(all, _mm_loadu_si128(reinterpret_cast<const __m128i*>(from))));
  }
  static Int widen_16(const std::uint8_t* from) {
    return reinterpret_cast<Int>(_mm512_maskz_cvtepu16_epi32(
        all, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from))));
  }
  static Float to_float(const Int& value) { return __builtin_convertvector(value, Float); }
  static Float spread(const float* from) { return *from - Float{}; }
  static Float multiply_add(const Float& sum, const Float& a, const Float& b) {
    return sum + a * b;
  }
  static void store_int8(std::int8_t* to, const Int& value) {
    _mm512_mask_cvtepi32_storeu_epi8(to, all, reinterpret_cast<__m512i>(value));
  }
  static Float widen_half(const void* from) {
    return _mm512_maskz_cvtph_ps(all, _mm256_loadu_si256(static_cast<const __m256i*>(from)));
  }
  static void store_past(float* to, const Float& value) { _mm512_stream_ps(to, value); }
  static void fence() { _mm_sfence(); }
};

}  // namespace
}  // namespace microdc::kernels::simd
