// Contents of device memory: random operands, poisoned results, and what is left of the poison.
#pragma once

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>

namespace microdc::kernels::cuda {

/// Storage of one element.
enum class Element {
  fp32,
  bf16,
  fp16,
  fp8,  ///< e4m3
  int8,
  int4,  ///< two to a byte; `count` is that of nibbles
};

/// Bytes of `count` elements.
std::size_t storage_bytes(Element element, std::size_t count);

/// Queues random data: floating-point formats get scale * N(0,1), rounded; int8 gets N(0,1) * 32,
/// clipped to +-127; int4 all 16 values with equal chance. The same seed and `purpose` (which
/// operand, which slot) give the same data on every device.
void fill_random(void* data, Element element, std::size_t count, float scale, std::uint64_t seed,
                 std::uint32_t purpose, cudaStream_t stream);

/// Queues 0xFF in every byte: NaN in every floating-point format here, -1 as an integer.
void poison(void* data, std::size_t bytes, cudaStream_t stream);

/// Number of bytes that are no longer poison. Waits for the stream.
std::size_t count_unpoisoned_bytes(const void* data, std::size_t bytes, cudaStream_t stream);

/// Number of elements that are NaN or infinite; for integers always 0. Waits for the stream.
std::size_t count_not_finite(const void* data, Element element, std::size_t count,
                             cudaStream_t stream);

/// Queues reading all of it.
void read_through(const void* data, std::size_t bytes, cudaStream_t stream);

}  // namespace microdc::kernels::cuda
