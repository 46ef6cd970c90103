// How quantised weights lie in memory, and the bit tricks that turn them into bf16 without a loss.
// Shared with host tests.
#pragma once

#include <cstdint>

#include "kernels/cuda/host_device.hpp"

namespace microdc::kernels::cuda {

/// Weights per int4 scale, along k.
inline constexpr int int4_group = 128;

/// int8 and int4 weights lie in tiles of 8 rows by 128 bytes: those of all rows for the first 128
/// bytes of k, then those for the next. So what a block reads at a time, 128 bytes of some rows, is
/// one piece; an H200 reads such pieces 13 % faster than rows that lie apart. Within a tile the
/// chunks of 16 bytes are swizzled as in shared memory (swizzled_offset). Rows past n and weights
/// past k may hold anything.
inline constexpr int packed_rows = 8, packed_row_bytes = 128;
inline constexpr int packed_tile_bytes = packed_rows * packed_row_bytes;

/// Tiles side by side for n rows.
MICRODC_HD constexpr std::int64_t packed_tiles(std::int64_t n) {
  return (n + packed_rows - 1) / packed_rows;
}
/// All of a matrix, of which `row_k` weights fit a tile's row (int8: 128, int4: 256).
MICRODC_HD constexpr std::int64_t packed_bytes(std::int64_t n, int k, int row_k) {
  return packed_tiles(n) * ((k + row_k - 1) / row_k) * packed_tile_bytes;
}
/// Where the 128 bytes of `row` in the `unit`-th tile along k start.
MICRODC_HD constexpr std::int64_t packed_row_offset(std::int64_t row, int unit, std::int64_t n) {
  return (unit * packed_tiles(n) + row / packed_rows) * packed_tile_bytes +
         row % packed_rows * packed_row_bytes;
}

/// Where weight `k` of a row lies, in bits from the start of its 128 bytes, before the swizzle.
/// Lane t of a quad needs for mma.m16n8k16, in step j of 16 k, the pairs 16 j + 2 t and 16 j + 2 t
/// + 8: it finds those of several steps in 16 bytes. int8: steps 0 to 3 in chunk t, 4 to 7 in chunk
/// t + 4, a step per word; the bytes of a pair are two apart.
MICRODC_HD constexpr int int8_bit(int k) {
  const int step = k / 16;
  const int chunk = step / 4 * 4 + k % 8 / 2;
  return (chunk * 16 + step % 4 * 4 + k % 2 * 2 + k % 16 / 8) * 8;
}
/// int4: chunk t of the first or second group, two steps per word; the nibbles of a pair are four
/// apart.
MICRODC_HD constexpr int int4_bit(int k) {
  const int step = k % int4_group / 16;
  const int chunk = k / int4_group * 4 + k % 8 / 2;
  return (chunk * 16 + step / 2 * 4) * 8 + (step % 2 * 2 + k % 16 / 8 + k % 2 * 4) * 4;
}

/// How weights of `bits` are packed: unsigned, offset by half of their range.
struct PackedFormat {
  int bits = 8;
  MICRODC_HD constexpr int row_k() const { return packed_row_bytes * 8 / bits; }
  MICRODC_HD constexpr int offset() const { return 1 << (bits - 1); }
  MICRODC_HD constexpr int bit_of(int k) const {
    return bits == 8 ? int8_bit(k % row_k()) : int4_bit(k % row_k());
  }
  MICRODC_HD constexpr std::int64_t byte_of(std::int64_t row, int k, std::int64_t n) const {
    const int byte = bit_of(k) / 8;
    const auto chunk = byte / 16 ^ static_cast<int>(row % packed_rows);
    return packed_row_offset(row, k / row_k(), n) + chunk * 16 + byte % 16;
  }
};
inline constexpr PackedFormat packed_int8{8}, packed_int4{4};

/// Weight (row, k) of a matrix with n rows.
MICRODC_HD constexpr int packed_weight(const PackedFormat& format, const unsigned char* weights,
                                       std::int64_t row, int k, std::int64_t n) {
  const int byte = weights[format.byte_of(row, k, n)];
  return (byte >> format.bit_of(k) % 8 & ((1 << format.bits) - 1)) - format.offset();
}

/// Puts it there; its bits were 0.
MICRODC_HD constexpr void pack_weight(const PackedFormat& format, unsigned char* weights,
                                      std::int64_t row, int k, std::int64_t n, int weight) {
  weights[format.byte_of(row, k, n)] |=
      static_cast<unsigned char>((weight + format.offset()) << format.bit_of(k) % 8);
}

/// fp16 scales of int4 weights are stored [group][row], this many rows apart: a multiple of 16
/// bytes.
MICRODC_HD constexpr int int4_scale_pitch(int n) { return (n + 7) / 8 * 8; }

/// An integer below 256 in the lower bits of a 16-bit lane is a bf16 of as many times 2^-133: below
/// 128 a subnormal one, from there on of the lowest exponent. So one mask makes a pair of bf16, and
/// one multiplication and addition brings it to size and subtracts the offset, all exactly.
MICRODC_HD constexpr std::uint32_t int8_pair_over_2_133(std::uint32_t word, int pair) {
  return word >> (8 * pair) & 0x00FF00FFu;
}
/// Of nibbles that lie in the upper half of a byte, 16 times as much.
MICRODC_HD constexpr std::uint32_t int4_pair_over_2_133(std::uint32_t word, int pair) {
  return word >> (pair / 2 * 8) & (pair % 2 == 0 ? 0x000F000Fu : 0x00F000F0u);
}
/// Weights that come out are too small by this factor; that of 2^127 is the largest there is.
inline constexpr float packed_weight_enlargement = 64;
/// Two bf16 each: 2^127; 2^123, for upper nibbles; -offset / 64: -128 / 64 and -8 / 64.
inline constexpr std::uint32_t bf16_pair_of_2_127 = 0x7F007F00u, bf16_pair_of_2_123 = 0x7D007D00u;
inline constexpr std::uint32_t bf16_pair_of_int8_offset = 0xC000C000u;
inline constexpr std::uint32_t bf16_pair_of_int4_offset = 0xBE00BE00u;

/// e4m3 bits in the upper bytes of two 16-bit lanes (of a pair of weights) to two bf16 that are
/// too small by 2^120, the difference of the exponents' biases (127 - 7); subnormals come out
/// right, NaN does not.
MICRODC_HD constexpr std::uint32_t e4m3_pair_over_2_120(std::uint32_t upper_bytes) {
  return (upper_bytes & 0x80008000u) | ((upper_bytes >> 4) & 0x07F007F0u);
}
/// 2^120 as two bf16: exponent 120 + 127.
inline constexpr std::uint32_t bf16_pair_of_2_120 = 0x7B807B80u;

}  // namespace microdc::kernels::cuda
