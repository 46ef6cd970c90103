// Results on the host, for verify().
#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <vector>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/fill.hpp"

namespace microdc::kernels::cuda {

/// Copies `rows` rows of `columns` elements, `stride` elements apart. Waits for the stream.
template <class T>
std::vector<T> fetch_rows(const void* device, std::size_t rows, std::size_t columns,
                          std::size_t stride, cudaStream_t stream) {
  std::vector<T> host(rows * columns);
  check(cudaMemcpy2DAsync(host.data(), columns * sizeof(T), device, stride * sizeof(T),
                          columns * sizeof(T), rows, cudaMemcpyDeviceToHost, stream),
        "cudaMemcpy2DAsync");
  check(cudaStreamSynchronize(stream), "copying to the host");
  return host;
}

template <class T>
std::vector<T> fetch(const void* device, std::size_t count, cudaStream_t stream) {
  std::vector<T> host(count);
  check(cudaMemcpyAsync(host.data(), device, count * sizeof(T), cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "copying to the host");
  return host;
}

/// Copies to the device. Waits for the stream.
template <class T>
void upload(void* device, const std::vector<T>& host, cudaStream_t stream) {
  check(
      cudaMemcpyAsync(device, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice, stream),
      "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "copying to the device");
}

/// Poisons an operand that a kernel is to fill, and what follows it.
inline void poison_result(const RotatedBuffers& buffers, int slot, std::size_t operand,
                          cudaStream_t stream) {
  poison(buffers.at(slot, operand), buffers.operand_bytes(operand) + RotatedBuffers::guard_bytes,
         stream);
}

/// After poison_result and the kernel: every element was written, with a finite number, and nothing
/// behind the operand.
inline bool wholly_written(const RotatedBuffers& buffers, int slot, std::size_t operand,
                           Element element, cudaStream_t stream) {
  const std::size_t bytes = buffers.operand_bytes(operand);
  const auto* end = static_cast<const std::byte*>(buffers.at(slot, operand)) + bytes;
  return count_not_finite(buffers.at(slot, operand), element, bytes * 2 / storage_bytes(element, 2),
                          stream) == 0 &&
         count_unpoisoned_bytes(end, RotatedBuffers::guard_bytes, stream) == 0;
}

}  // namespace microdc::kernels::cuda
