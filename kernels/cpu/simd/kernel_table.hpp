// What an instruction set offers, as plain function pointers: the only way into code that is
// compiled with -m flags of its own.
//
// Why so narrow: an inline function or template instance that the compiler emits in an object built
// with -mavx512f holds AVX-512 instructions, and the linker keeps one copy of it for the whole
// program. If it keeps that one, the program dies on machines without AVX-512. So the files of this
// folder include no library but <immintrin.h> and this header, which holds types only, and all they
// share stands in unnamed namespaces. A test looks for weak symbols in their objects.
#pragma once

#include <cstddef>
#include <cstdint>

namespace microdc::kernels::simd {

/// Weights are packed for the kernels in rows of a multiple of this many elements, zeros behind the
/// end: no kernel has a loop for the rest.
inline constexpr int depth_grain = 128;
/// Elements that share a scale, in int4 weights and in activations quantised on the fly.
inline constexpr int group_size = 128;
/// Zero points: quantised weights are stored unsigned, as dot product instructions want them.
inline constexpr int int8_zero = 128, int4_zero = 8;
/// Tokens in a page of the KV cache.
inline constexpr int page_tokens = 16;
/// Largest head dimension of the attention kernels; it is a multiple of 16.
inline constexpr int largest_head = 256;
/// Queries that attention kernels handle together.
inline constexpr int query_block = 64;

using StreamRead = float (*)(const float* in, std::size_t count);
using StreamWrite = void (*)(float* out, float value, std::size_t count);
using StreamCopy = void (*)(float* out, const float* in, std::size_t count);
using StreamTriad = void (*)(float* out, const float* a, const float* b, float factor,
                             std::size_t count);

/// Memory streams; counts are multiples of 64, addresses of 64 bytes. The second of a kind writes
/// past the caches.
struct Streams {
  StreamRead read = nullptr;
  StreamWrite write = nullptr, write_past = nullptr;
  StreamCopy copy = nullptr, copy_past = nullptr;
  StreamTriad triad = nullptr, triad_past = nullptr;
};

/// Chains of multiply-adds on registers.
struct Peak {
  float (*run)(std::int64_t rounds) = nullptr;
  double operations_per_round = 0;  ///< two per multiply-add
};

/// Activations as a kernel reads them. Rows of `depth` elements.
struct Activations {
  const float* values = nullptr;
  std::uint16_t* bf16 = nullptr;
  std::int8_t* quantised = nullptr;
  float* scales = nullptr;       ///< per row and group
  std::int32_t* sums = nullptr;  ///< of `quantised`, per row and group
};

/// Rows of weights against few rows of activations: out[t, r] = sum_k weights[r, k] values[t, k].
struct RowProduct {
  const void* weights = nullptr;  ///< of the first row
  /// float per row (int8), fp16 per row and group (int4; in blocks: per block, group and row)
  const void* scales = nullptr;
  Activations activations;
  float* out = nullptr;
  std::int64_t out_stride = 0;
  std::int64_t rows = 0, tokens = 0, depth = 0;
};
using RowKernel = void (*)(const RowProduct& product);
/// Fills what the kernel reads beside `values`, for groups begin…end of row `token`.
using PrepareActivations = void (*)(const Activations& activations, std::int64_t token,
                                    std::int64_t begin_group, std::int64_t end_group,
                                    std::int64_t depth);

/// Layout of the weights: rows one after the other, or blocks of `block_rows` rows in which every
/// four neighbours in depth of the block's rows lie beside each other, [depth/4][row][4]. int4: the
/// even fours in the low halves of bytes, the odd ones in the high halves.
enum class RowLayout { rows, blocks };
inline constexpr int block_rows = 16;

struct RowKernels {
  RowKernel run = nullptr;
  RowKernel run_with_prefetch = nullptr;
  PrepareActivations prepare = nullptr;  ///< null: the values are enough
  RowLayout layout = RowLayout::rows;
};

/// A block of packed rows times a packed panel of columns: out[i, j] = sum_d left[d, i] right[d,
/// j]. An element is a float or, of paired kernels, two bf16 neighbours in depth.
struct PanelProduct {
  const float* left = nullptr;  ///< tiles of `tile_rows` rows as `pack` writes them
  const void* right = nullptr;  ///< [depth][tile_columns] of the kernel's format
  float* out = nullptr;
  std::int64_t out_stride = 0;
  std::int64_t rows = 0, columns = 0, depth = 0;
  /// Sums between the first and the last depth: tiles of tile_rows times tile_columns, next to each
  /// other as the result is not (its rows may share a set of the cache).
  float* partial = nullptr;
  bool first = true, last = true;  ///< depths: nothing to add yet, the result is complete
  /// What the next product reads as `right`, to be fetched meanwhile.
  const void* next = nullptr;
  std::int64_t next_bytes = 0;
};
struct PanelKernel {
  int tile_rows = 0, tile_columns = 0;
  bool paired = false;
  void (*run)(const PanelProduct& product) = nullptr;
  /// Packs tiles of `left` from rows of floats `stride` apart; rows past `rows` become zeros.
  void (*pack)(const float* values, std::int64_t stride, std::int64_t rows, std::int64_t depth,
               float* packed) = nullptr;
};
/// Expands a panel of quantised weights for a PanelKernel: `columns` = its tile_columns;
/// int8: bytes [depth][columns], a scale per column; int4: bytes [depth/2][columns], the even depth
/// in the low half, fp32 scales [depth/group][columns].
using ExpandPanel = void (*)(const std::uint8_t* packed, const float* scales, std::int64_t depth,
                             float* out);

/// One KV head of one sequence in its pages. Elements have 32 bits: a number, or in bf16 two of
/// them, neighbours in head_dim of the keys and in tokens of the values, the even one in the low
/// half.
struct PagedCache {
  const void* keys = nullptr;    ///< page p: [head_dim][page_tokens] at p * page_stride elements
  const void* values = nullptr;  ///< page p: [head_dim / 16][page_tokens][16]
  const std::int32_t* pages = nullptr;
  std::int64_t page_stride = 0;
};

/// Softmax-weighted values of `queries` queries over tokens begin…end, not yet divided by the sum.
struct AttentionPart {
  const float* queries = nullptr;  ///< rows of head_dim
  float scale = 1;                 ///< of the products of queries and keys
  std::int64_t query_stride = 0;
  int count = 0;  ///< of queries, at most query_block
  int head_dim = 0;
  std::int64_t begin = 0, end = 0;  ///< begin is a multiple of page_tokens
  /// Query i sees tokens before `causal_end + i`.
  std::int64_t causal_end = 0;
  float* out = nullptr;      ///< rows of head_dim
  float* largest = nullptr;  ///< per query
  float* sum = nullptr;      ///< per query
};
struct AttentionKernel {
  void (*run)(const PagedCache& cache, const AttentionPart& part) = nullptr;
  bool rounds = false;  ///< queries and probabilities to bf16
};

/// Elementwise kernels on one row; `count` is a multiple of 16.
struct Elementwise {
  void (*norm)(float* residual, const float* added, const float* gain, float* out,
               std::int64_t count) = nullptr;
  void (*act)(const float* gate, const float* up, float* out, std::int64_t count) = nullptr;
  /// Rotates pairs (i, i + count/2) by the angles with these sines and cosines.
  void (*rope)(float* row, const float* cosine, const float* sine, std::int64_t count) = nullptr;
};

/// Null pointers: nothing better than in a plainer set.
struct KernelTable {
  Streams streams;
  Peak peak_fp32, peak_bf16, peak_int8;
  RowKernels rows_fp32, rows_bf16, rows_int8, rows_int4;
  PanelKernel panels_fp32;
  PanelKernel panels_bf16;
  ExpandPanel expand_int8 = nullptr, expand_int4 = nullptr;  ///< for panels_fp32
  AttentionKernel attention_fp32, attention_bf16;
  Elementwise elementwise;
};

const KernelTable& plain_kernels();
const KernelTable& avx2_kernels();
const KernelTable& avx512_kernels();
const KernelTable& avx512_vnni_kernels();
const KernelTable& avx512_bf16_kernels();
const KernelTable& amx_bf16_kernels();

}  // namespace microdc::kernels::simd
