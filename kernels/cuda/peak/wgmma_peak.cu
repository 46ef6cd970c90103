// Tensor cores through wgmma (Hopper), operands in shared memory: two warpgroups, each 64 rows of
// the left matrix times all 256 columns of the right one.
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/tiles.hpp"
#include "kernels/cuda/gemm/tma.cuh"
#include "kernels/cuda/gemm/wgmma.cuh"
#include "kernels/cuda/peak/peak.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int threads = 256;
constexpr int rows = 128;
constexpr int columns = 256;
constexpr int shared_bytes = (rows + columns) * tile_row_bytes + 1024;

template <class Operand>
__global__ void __launch_bounds__(threads, 1)
    wgmma_peak(const uint4* __restrict__ left, const uint4* __restrict__ right, int steps,
               float* __restrict__ sums) {
  extern __shared__ unsigned char shared[];
  unsigned char* tile_a = shared + (1024 - shared_address(shared) % 1024) % 1024;
  unsigned char* tile_b = tile_a + rows * tile_row_bytes;
  for (int i = static_cast<int>(threadIdx.x); i < (rows + columns) * 8; i += threads) {
    const bool in_a = i < rows * 8;
    const int chunk = in_a ? i : i - rows * 8;
    *reinterpret_cast<uint4*>((in_a ? tile_a : tile_b) + swizzled_offset(chunk / 8, chunk % 8)) =
        (in_a ? left : right)[chunk];
  }
  fence_shared_for_async();
  __syncthreads();
  const int group = static_cast<int>(threadIdx.x) / 128;
  const std::uint64_t a = tile_descriptor(tile_a + group * 64 * tile_row_bytes);
  const std::uint64_t b = tile_descriptor(tile_b);
  float d[columns / 2];
  for (int step = 0; step < steps; ++step) {
    multiply_fence();
#pragma unroll
    for (int part = 0; part < tile_row_bytes / 32; ++part) {
      multiply_async(d, along_k(a, part * 32), along_k(b, part * 32), step + part > 0, Operand{});
    }
    multiply_commit();
    multiply_wait<1>();
  }
  multiply_wait<0>();
  const int thread = static_cast<int>(threadIdx.x) % 128;
  const int row = group * 64 + thread / 32 * 16 + thread % 32 / 4;
  float* to = sums + std::int64_t{blockIdx.x} * rows * columns;
#pragma unroll
  for (int i = 0; i < columns / 2; ++i) {
    to[(row + i / 2 % 2 * 8) * columns + i / 4 * 8 + thread % 4 * 2 + i % 2] = d[i];
  }
}

template <class Operand>
void launch(const void* left, const void* right, int steps, void* sums, int blocks,
            cudaStream_t stream) {
  check(cudaFuncSetAttribute(wgmma_peak<Operand>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                             shared_bytes),
        "shared memory of wgmma_peak");
  wgmma_peak<Operand><<<static_cast<unsigned>(blocks), threads, shared_bytes, stream>>>(
      static_cast<const uint4*>(left), static_cast<const uint4*>(right), steps,
      static_cast<float*>(sums));
  check(cudaGetLastError(), "launch of wgmma_peak");
}

template <class Operand>
void add_format(Registry& registry, const char* format, Element operand, double tolerance) {
  PeakKernel kernel;
  kernel.format = format;
  kernel.name = "wgmma-shared";
  kernel.target = Target::sm_90a;
  kernel.operand = operand;
  kernel.shared_bytes = shared_bytes;
  kernel.rows = rows;
  kernel.columns = columns;
  kernel.depth = static_cast<int>(tile_row_bytes / storage_bytes(operand, 1));
  kernel.steps = 1 << 10;
  kernel.tolerance = tolerance;
  kernel.launch = launch<Operand>;
  add_peak(registry, kernel);
}

}  // namespace

void add_wgmma_peak(Registry& registry) {
  add_format<__nv_bfloat16>(registry, "bf16", Element::bf16, peak_tolerance);
  add_format<__half>(registry, "fp16", Element::fp16, peak_tolerance);
  add_format<__nv_fp8_e4m3>(registry, "fp8", Element::fp8, fp8_peak_tolerance);
}

}  // namespace microdc::kernels::cuda
