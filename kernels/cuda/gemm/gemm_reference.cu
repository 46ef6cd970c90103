#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/gemm/gemm_reference.hpp"
#include "kernels/cuda/gemm/packed_weights.hpp"
#include "kernels/cuda/reference.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int most_samples = 48;
constexpr int threads = 128;

__device__ double element_at(const void* data, Element element, std::int64_t index) {
  switch (element) {
    case Element::fp32: return static_cast<const float*>(data)[index];
    case Element::bf16: return to_float(static_cast<const __nv_bfloat16*>(data)[index]);
    case Element::fp16: return to_float(static_cast<const __half*>(data)[index]);
    case Element::fp8: return to_float(static_cast<const __nv_fp8_e4m3*>(data)[index]);
    case Element::int8:
    case Element::int4: break;
  }
  return 0;
}

__device__ double weight_at(const GemmOperands& operands, Element element, std::int64_t row,
                            int k) {
  if (element != Element::int8 && element != Element::int4) {
    return element_at(operands.weights, element, row * operands.k + k);
  }
  return packed_weight(PackedFormat{element == Element::int8 ? 8 : 4},
                       static_cast<const unsigned char*>(operands.weights), row, k, operands.n);
}

__device__ double scale_at(const GemmOperands& operands, const GemmFormats& formats,
                           std::int64_t row, int k) {
  if (operands.scales == nullptr) return 1;
  if (formats.weights != Element::int4) return static_cast<const float*>(operands.scales)[row];
  const std::int64_t at = std::int64_t{k / int4_group} * int4_scale_pitch(operands.n) + row;
  return to_float(static_cast<const __half*>(operands.scales)[at]);
}

/// One block per sampled element: result[0][i] is the reference, result[1][i] what the kernel gave.
__global__ void __launch_bounds__(threads)
    reference_kernel(GemmOperands operands, GemmFormats formats, const std::int64_t* rows,
                     const std::int64_t* columns, int column_count, double* result) {
  const std::int64_t row = rows[blockIdx.x / column_count];
  const std::int64_t column = columns[blockIdx.x % column_count];
  double sum = 0;
  for (int k = static_cast<int>(threadIdx.x); k < operands.k; k += threads) {
    sum += element_at(operands.a, formats.a, row * operands.k + k) *
           weight_at(operands, formats.weights, column, k) * scale_at(operands, formats, column, k);
  }
  __shared__ double partial[threads];
  partial[threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.x != 0) return;
  for (int i = 1; i < threads; ++i) sum += partial[i];
  result[blockIdx.x] = sum;
  result[gridDim.x + blockIdx.x] = element_at(operands.c, formats.c, row * operands.n + column);
}

__global__ void __launch_bounds__(threads)
    full_product_kernel(const void* a, const void* w, Element element, int m, int n, int k,
                        double* result) {
  const std::int64_t i = blockIdx.x * std::int64_t{threads} + threadIdx.x;
  if (i >= std::int64_t{m} * n) return;
  double sum = 0;
  for (int x = 0; x < k; ++x) {
    sum += element_at(a, element, i / n * k + x) * element_at(w, element, i % n * k + x);
  }
  result[i] = sum;
}

DeviceMemory copied(const std::vector<std::int64_t>& values, cudaStream_t stream) {
  DeviceMemory memory(values.size() * sizeof(std::int64_t));
  check(
      cudaMemcpyAsync(memory.data(), values.data(), memory.bytes(), cudaMemcpyHostToDevice, stream),
      "cudaMemcpyAsync");
  return memory;
}

}  // namespace

Verification compare_gemm(const GemmOperands& operands, const GemmFormats& formats,
                          std::uint64_t seed, cudaStream_t stream) {
  const std::vector<std::int64_t> rows = sampled_indices(operands.m, most_samples, seed);
  const std::vector<std::int64_t> columns = sampled_indices(operands.n, most_samples, seed + 1);
  const DeviceMemory device_rows = copied(rows, stream);
  const DeviceMemory device_columns = copied(columns, stream);
  const std::size_t samples = rows.size() * columns.size();
  const DeviceMemory result(2 * samples * sizeof(double));
  reference_kernel<<<static_cast<unsigned>(samples), threads, 0, stream>>>(
      operands, formats, device_rows.as<std::int64_t>(), device_columns.as<std::int64_t>(),
      static_cast<int>(columns.size()), result.as<double>());
  check(cudaGetLastError(), "launch of the GEMM reference");
  std::vector<double> values(2 * samples);
  check(
      cudaMemcpyAsync(values.data(), result.data(), result.bytes(), cudaMemcpyDeviceToHost, stream),
      "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "GEMM reference");

  double squares = 0;
  for (std::size_t i = 0; i < samples; ++i) squares += values[i] * values[i];
  const double rms = std::sqrt(squares / static_cast<double>(samples));
  Verification verification{true, 0, formats.tolerance};
  for (std::size_t i = 0; i < samples; ++i) {
    const double error =
        std::abs(values[samples + i] - values[i]) / std::max(std::abs(values[i]), rms);
    // Not max(): an error that is not a number must count.
    if (!(error <= verification.largest_error)) verification.largest_error = error;
    if (!(error <= verification.tolerance)) verification.passed = false;
  }
  const auto elements = static_cast<std::size_t>(operands.m) * static_cast<std::size_t>(operands.n);
  if (count_not_finite(operands.c, formats.c, elements, stream) != 0) verification.passed = false;
  return verification;
}

std::vector<double> full_product(const void* a, const void* w, Element element, int m, int n, int k,
                                 cudaStream_t stream) {
  const std::size_t count = static_cast<std::size_t>(m) * static_cast<std::size_t>(n);
  const DeviceMemory result(count * sizeof(double));
  full_product_kernel<<<static_cast<unsigned>((count + threads - 1) / threads), threads, 0,
                        stream>>>(a, w, element, m, n, k, result.as<double>());
  check(cudaGetLastError(), "launch of the full reference");
  std::vector<double> values(count);
  check(
      cudaMemcpyAsync(values.data(), result.data(), result.bytes(), cudaMemcpyDeviceToHost, stream),
      "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "full reference");
  return values;
}

}  // namespace microdc::kernels::cuda
