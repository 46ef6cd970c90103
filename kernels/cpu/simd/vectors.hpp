// Vectors of floats by the compiler's vector extension, for kernels written once and compiled for
// every instruction set. Included by the files that define `Machine`, never elsewhere: everything
// here is in an unnamed namespace on purpose (kernel_table.hpp says why).
#pragma once

#include "kernels/cpu/simd/kernel_table.hpp"

namespace microdc::kernels::simd {
namespace {

constexpr int line_bytes = 64, floats_per_line = 16;

template <class Vector>
inline __attribute__((always_inline)) Vector load(const void* from) {
  Vector vector;
  __builtin_memcpy(&vector, from, sizeof vector);
  return vector;
}

template <class Vector>
inline __attribute__((always_inline)) void store(void* to, const Vector& vector) {
  __builtin_memcpy(to, &vector, sizeof vector);
}

template <class M>
inline __attribute__((always_inline)) typename M::Float broadcast(float value) {
  return value - typename M::Float{};
}

template <class M>
inline __attribute__((always_inline)) float sum_of(const typename M::Float& vector) {
  float lanes[M::width];
  store(lanes, vector);
  for (int half = M::width / 2; half > 0; half /= 2) {
    for (int i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  }
  return lanes[0];
}

template <class M>
inline float largest_of(const typename M::Float& vector) {
  float lanes[M::width];
  store(lanes, vector);
  float largest = lanes[0];
  for (int i = 1; i < M::width; ++i) largest = lanes[i] > largest ? lanes[i] : largest;
  return largest;
}

inline float float_from_bits(std::uint32_t bits) {
  float value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

inline std::uint32_t bits_of(float value) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// To the nearest, ties to even. Not for NaN.
inline std::uint16_t to_bf16(float value) {
  const std::uint32_t bits = bits_of(value);
  return static_cast<std::uint16_t>((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
}

/// Of a half-precision scale: positive and normal.
inline float from_half(std::uint16_t half) {
  return float_from_bits(((half & 0x7fffu) << 13) + (112u << 23));
}

/// e^x, 2 units in the last place; x is clamped to +-87 first.
template <class M>
inline typename M::Float exponential(typename M::Float x) {
  using Float = typename M::Float;
  using Int = typename M::Int;
  const Float high = broadcast<M>(87.0f);
  x = x > high ? high : x;
  x = x < -high ? -high : x;
  // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
  const Float magic = broadcast<M>(12582912.0f);
  const Float shifted = x * 1.44269504f + magic;
  const Float n = shifted - magic;
  const Float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  Float p = broadcast<M>(1.9875691500e-4f);
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  const Int power = (reinterpret_cast<Int>(shifted) << 23) + 0x3f800000;
  return p * reinterpret_cast<Float>(power);
}

}  // namespace
}  // namespace microdc::kernels::simd
