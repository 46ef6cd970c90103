// One GEMM call: C[m,n] = A[m,k] W[n,k]^T, rows contiguous, W as linear layers keep it. What every
// GEMM kernel is given, how it is launched, prepared, checked and timed.
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "kernels/cuda/fill.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

/// Pointers of one call. `c` has the element of `a`, but bf16 if that is fp8.
struct GemmOperands {
  const void* a = nullptr;
  const void* weights = nullptr;  ///< int8, int4: as in packed_weights.hpp
  /// int4: fp16 [k/128][int4_scale_pitch(n)], multiplied into the weights of a group; int8 and fp8
  /// weight-only: fp32 [n]; otherwise unused.
  const void* scales = nullptr;
  void* c = nullptr;
  /// fp32 partial sums and counters of split-K; as many bytes as GemmLaunch::workspace_bytes.
  /// Counters are zero before the first call; kernels leave them so.
  void* workspace = nullptr;
  int m = 0, n = 0, k = 0;
};

/// Formats of the operands.
struct GemmFormats {
  Element a = Element::bf16;
  Element weights = Element::bf16;
  Element c = Element::bf16;
  /// Of the comparison with float64, relative to the larger of the element and the rms of all.
  double tolerance = 0;
};

/// One rounding of C (2^-8 in bf16, 2^-11 in fp16) and a quarter more for sums in fp32.
inline constexpr GemmFormats bf16_gemm{Element::bf16, Element::bf16, Element::bf16, 1.25 / 256};
inline constexpr GemmFormats fp16_gemm{Element::fp16, Element::fp16, Element::fp16, 1.25 / 2048};
/// Tensor cores of Ada and Hopper keep 14 bits or so of the sums of fp8 products (DeepSeek-V3
/// report, section 3.3.2: errors near 2 % at k = 4096).
inline constexpr GemmFormats fp8_gemm{Element::fp8, Element::fp8, Element::bf16, 1.0 / 32};

/// A call made ready for one slot: launches on the stream it is given. Throws Error.
using GemmCall = std::function<void(cudaStream_t)>;

/// A GEMM kernel as its family describes it.
struct GemmKernel {
  std::string format, source = "own", name;
  GemmFormats formats;
  Target target = Target::sm_80_up;
  int shared_bytes = 0;
  std::function<bool(const Limits&, const Shape&)> accepts;
  /// Bytes of workspace of one call.
  std::function<std::size_t(const Limits&, const Shape&)> workspace_bytes;
  std::function<GemmCall(const Limits&, const GemmOperands&)> call;
};

/// Adds it, prepared by the common code: buffers, random data, check against float64.
void add_gemm(Registry& registry, GemmKernel kernel);

/// True for m, n, k >= 1 that fit an int and rows of A and W at multiples of 16 bytes (TMA,
/// cp.async and vector loads need that).
bool gemm_shape_fits(const Shape& shape, Element a, Element weights);

}  // namespace microdc::kernels::cuda
