#include "tests/support/gemm_on_host.hpp"

#include <cmath>
#include <cstring>
#include <stdexcept>

#include "kernels/cuda/gemm/gemm_instructions.cuh"
#include "kernels/cuda/gemm/wgmma.cuh"

namespace microdc::kernels::cuda {

using namespace testing::host_device;

uint4 load_once(const void* from) {
  if (reinterpret_cast<std::uintptr_t>(from) % 16 != 0)
    throw std::runtime_error("a vector is not at a multiple of 16 bytes");
  uint4 vector;
  std::memcpy(&vector, from, sizeof vector);
  return vector;
}

uint4 load_shared_by_many(const void* from) { return load_once(from); }

namespace {

/// Of the halves `at` 0 or 16 bits up: bf16, of which 16 bits matter, the sign, 8 of exponent, 7 of
/// fraction.
std::uint32_t half_multiplied(std::uint32_t a, std::uint32_t b, std::uint32_t c, int at) {
  const auto value = [at](std::uint32_t pair) { return __uint_as_float(pair >> at << 16); };
  const __nv_bfloat16 nearest = __float2bfloat16(std::fma(value(a), value(b), value(c)));
  std::uint16_t bits = 0;
  std::memcpy(&bits, &nearest, sizeof bits);
  return std::uint32_t{bits} << at;
}

}  // namespace

std::uint32_t multiply_add_bf16_pair(std::uint32_t a, std::uint32_t b, std::uint32_t c) {
  return half_multiplied(a, b, c, 0) | half_multiplied(a, b, c, 16);
}

std::uint32_t multiply_bf16_pair(std::uint32_t a, std::uint32_t b) {
  return multiply_add_bf16_pair(a, b, 0x80008000u);  // -0: the sign of a zero stays
}

/// From the other lanes by shuffles; layout of mma.m16n8k32 (PTX manual, "Matrix fragments for
/// mma.m16n8k32"): byte i of register r is of row lane / 4 + r % 2 * 8 and k lane % 4 * 4 + i +
/// r / 2 * 16; of b, column lane / 4 and the same k with r / 2 replaced by r.
void multiply_add(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1,
                  __nv_fp8_e4m3) {
  const int own_row = lane() / 4;
  const int own_column = lane() % 4 * 2;
  std::uint32_t rows[4][4];
  std::uint32_t columns[2][2][4];
  for (int quad = 0; quad < 4; ++quad) {
    for (int r = 0; r < 4; ++r) rows[r][quad] = shuffle(a[r], own_row * 4 + quad);
    for (int c = 0; c < 2; ++c) {
      columns[c][0][quad] = shuffle(b0, (own_column + c) * 4 + quad);
      columns[c][1][quad] = shuffle(b1, (own_column + c) * 4 + quad);
    }
  }
  const auto byte_of = [](std::uint32_t word, int i) {
    const auto byte = static_cast<unsigned char>(word >> (8 * i));
    return value_at(&byte, __nv_fp8_e4m3{});
  };
  for (int i = 0; i < 4; ++i) {
    double sum = 0;
    for (int k = 0; k < 32; ++k) {
      sum += byte_of(rows[i / 2 + k / 16 * 2][k % 16 / 4], k % 4) *
             byte_of(columns[i % 2][k / 16][k % 16 / 4], k % 4);
    }
    d[i] = static_cast<float>(d[i] + sum);
  }
}

}  // namespace microdc::kernels::cuda
