#include <algorithm>

#include "kernels/cuda/device_buffer.hpp"
#include "kernels/cuda/element.cuh"
#include "kernels/cuda/error.hpp"
#include "kernels/cuda/fill.hpp"
#include "kernels/cuda/philox.hpp"

namespace microdc::kernels::cuda {
namespace {

constexpr int threads = 256;

unsigned blocks_for(std::size_t items) {
  return static_cast<unsigned>(
      std::clamp<std::size_t>((items + threads - 1) / threads, 1, 1 << 14));
}

__device__ std::size_t first_item() { return blockIdx.x * std::size_t{threads} + threadIdx.x; }
__device__ std::size_t item_step() { return gridDim.x * std::size_t{threads}; }

__device__ PhiloxWords random_words(std::size_t index, std::uint64_t seed, std::uint32_t purpose) {
  return philox(
      {{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32), purpose, 0}},
      static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
}

/// Two independent N(0,1) numbers (Box and Muller).
__device__ float2 normal_pair(std::uint32_t a, std::uint32_t b) {
  const float u = (static_cast<float>(a) + 1.0F) * 0x1p-32F;
  const float radius = sqrtf(-2.0F * logf(fminf(u, 1.0F)));
  float sine = 0;
  float cosine = 0;
  sincospif(static_cast<float>(b) * 0x1p-31F, &sine, &cosine);
  return {radius * cosine, radius * sine};
}

template <class T>
__global__ void fill_normal_kernel(T* data, std::size_t count, float scale, std::uint64_t seed,
                                   std::uint32_t purpose) {
  for (std::size_t i = first_item(); i < (count + 3) / 4; i += item_step()) {
    const PhiloxWords words = random_words(i, seed, purpose);
    const float2 low = normal_pair(words.word[0], words.word[1]);
    const float2 high = normal_pair(words.word[2], words.word[3]);
    const float values[4] = {low.x, low.y, high.x, high.y};
    for (int j = 0; j < 4; ++j) {
      if (i * 4 + j < count) data[i * 4 + j] = from_float<T>(values[j] * scale);
    }
  }
}

__global__ void fill_bits_kernel(std::uint8_t* data, std::size_t bytes, std::uint64_t seed,
                                 std::uint32_t purpose) {
  for (std::size_t i = first_item(); i < (bytes + 15) / 16; i += item_step()) {
    const PhiloxWords words = random_words(i, seed, purpose);
    for (int j = 0; j < 16; ++j) {
      if (i * 16 + j < bytes) {
        data[i * 16 + j] = static_cast<std::uint8_t>(words.word[j / 4] >> (j % 4 * 8));
      }
    }
  }
}

__global__ void count_unpoisoned_kernel(const std::uint8_t* data, std::size_t bytes,
                                        unsigned long long* count) {
  unsigned long long found = 0;
  for (std::size_t i = first_item(); i < bytes; i += item_step()) found += data[i] != 0xFF;
  if (found != 0) atomicAdd(count, found);
}

template <class T>
__global__ void count_not_finite_kernel(const T* data, std::size_t items,
                                        unsigned long long* count) {
  unsigned long long found = 0;
  for (std::size_t i = first_item(); i < items; i += item_step()) {
    found += isfinite(to_float(data[i])) ? 0 : 1;
  }
  if (found != 0) atomicAdd(count, found);
}

__global__ void read_through_kernel(const uint4* data, std::size_t items, unsigned* never) {
  unsigned mix = 0;
  for (std::size_t i = first_item(); i < items; i += item_step()) {
    const uint4 word = data[i];
    mix ^= word.x ^ word.y ^ word.z ^ word.w;
  }
  // The memory holds zeros; the compiler does not know.
  if (mix == 0x5EED5EED) *never = mix;
}

template <class Launch>
std::size_t counted(cudaStream_t stream, const Launch& launch) {
  const DeviceMemory count(sizeof(unsigned long long));
  check(cudaMemsetAsync(count.data(), 0, count.bytes(), stream), "cudaMemsetAsync");
  launch(count.as<unsigned long long>());
  check(cudaGetLastError(), "launch of a counting kernel");
  unsigned long long result = 0;
  check(cudaMemcpyAsync(&result, count.data(), sizeof result, cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "counting kernel");
  return result;
}

template <class T>
std::size_t not_finite(const void* data, std::size_t count, cudaStream_t stream) {
  return counted(stream, [&](unsigned long long* found) {
    count_not_finite_kernel<<<blocks_for(count), threads, 0, stream>>>(static_cast<const T*>(data),
                                                                       count, found);
  });
}

template <class T>
void fill_normal(void* data, std::size_t count, float scale, std::uint64_t seed,
                 std::uint32_t purpose, cudaStream_t stream) {
  fill_normal_kernel<<<blocks_for((count + 3) / 4), threads, 0, stream>>>(
      static_cast<T*>(data), count, scale, seed, purpose);
}

}  // namespace

std::size_t storage_bytes(Element element, std::size_t count) {
  switch (element) {
    case Element::fp32: return count * 4;
    case Element::bf16:
    case Element::fp16: return count * 2;
    case Element::fp8:
    case Element::int8: return count;
    case Element::int4: return (count + 1) / 2;
  }
  return 0;
}

void fill_random(void* data, Element element, std::size_t count, float scale, std::uint64_t seed,
                 std::uint32_t purpose, cudaStream_t stream) {
  const std::size_t bytes = storage_bytes(element, count);
  switch (element) {
    case Element::fp32: fill_normal<float>(data, count, scale, seed, purpose, stream); break;
    case Element::bf16:
      fill_normal<__nv_bfloat16>(data, count, scale, seed, purpose, stream);
      break;
    case Element::fp16: fill_normal<__half>(data, count, scale, seed, purpose, stream); break;
    case Element::fp8: fill_normal<__nv_fp8_e4m3>(data, count, scale, seed, purpose, stream); break;
    case Element::int8: fill_normal<std::int8_t>(data, count, 32.0F, seed, purpose, stream); break;
    case Element::int4:
      fill_bits_kernel<<<blocks_for((bytes + 15) / 16), threads, 0, stream>>>(
          static_cast<std::uint8_t*>(data), bytes, seed, purpose);
      break;
  }
  check(cudaGetLastError(), "launch of the kernel that fills operands");
}

void poison(void* data, std::size_t bytes, cudaStream_t stream) {
  check(cudaMemsetAsync(data, 0xFF, bytes, stream), "cudaMemsetAsync");
}

std::size_t count_unpoisoned_bytes(const void* data, std::size_t bytes, cudaStream_t stream) {
  return counted(stream, [&](unsigned long long* found) {
    count_unpoisoned_kernel<<<blocks_for(bytes), threads, 0, stream>>>(
        static_cast<const std::uint8_t*>(data), bytes, found);
  });
}

std::size_t count_not_finite(const void* data, Element element, std::size_t count,
                             cudaStream_t stream) {
  switch (element) {
    case Element::fp32: return not_finite<float>(data, count, stream);
    case Element::bf16: return not_finite<__nv_bfloat16>(data, count, stream);
    case Element::fp16: return not_finite<__half>(data, count, stream);
    case Element::fp8: return not_finite<__nv_fp8_e4m3>(data, count, stream);
    case Element::int8:
    case Element::int4: return 0;
  }
  return 0;
}

void read_through(const void* data, std::size_t bytes, cudaStream_t stream) {
  const auto* words = static_cast<const uint4*>(data);
  read_through_kernel<<<blocks_for(bytes / 64), threads, 0, stream>>>(words, bytes / sizeof(uint4),
                                                                      nullptr);
  check(cudaGetLastError(), "launch of the kernel that reads through the cache");
}

}  // namespace microdc::kernels::cuda
