// Memory streams and arithmetic peaks (see vectors.hpp on how this file is used).
#pragma once

#include "kernels/cpu/simd/vectors.hpp"

namespace microdc::kernels::simd {
namespace {

/// Elements per turn of a stream's loop: four cache lines.
constexpr std::size_t turn = 64;

template <class M>
float stream_read(const float* in, std::size_t count) {
  constexpr int vectors = turn / M::width;
  typename M::Float sums[vectors] = {};
  for (std::size_t i = 0; i < count; i += turn) {
#pragma GCC unroll 16
    for (int v = 0; v < vectors; ++v) sums[v] += load<typename M::Float>(in + i + v * M::width);
  }
  typename M::Float all = {};
  for (int v = 0; v < vectors; ++v) all += sums[v];
  return sum_of<M>(all);
}

template <class M, bool Past>
inline void put(float* to, const typename M::Float& vector) {
  if constexpr (Past) {
    M::store_past(to, vector);
  } else {
    store(to, vector);
  }
}

template <class M, bool Past>
void stream_write(float* out, float value, std::size_t count) {
  const typename M::Float vector = broadcast<M>(value);
  for (std::size_t i = 0; i < count; i += turn) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < turn; v += M::width) put<M, Past>(out + i + v, vector);
  }
  if constexpr (Past) M::fence();
}

template <class M, bool Past>
void stream_copy(float* out, const float* in, std::size_t count) {
  for (std::size_t i = 0; i < count; i += turn) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < turn; v += M::width) {
      put<M, Past>(out + i + v, load<typename M::Float>(in + i + v));
    }
  }
  if constexpr (Past) M::fence();
}

template <class M, bool Past>
void stream_triad(float* out, const float* a, const float* b, float factor, std::size_t count) {
  for (std::size_t i = 0; i < count; i += turn) {
#pragma GCC unroll 16
    for (std::size_t v = 0; v < turn; v += M::width) {
      put<M, Past>(out + i + v, load<typename M::Float>(a + i + v) +
                                    load<typename M::Float>(b + i + v) * factor);
    }
  }
  if constexpr (Past) M::fence();
}

/// Writes past the caches only where the machine has stores for it.
template <class M>
Streams streams() {
  Streams all{.read = stream_read<M>,
              .write = stream_write<M, false>,
              .copy = stream_copy<M, false>,
              .triad = stream_triad<M, false>};
  if constexpr (requires { M::fence(); }) {
    all.write_past = stream_write<M, true>;
    all.copy_past = stream_copy<M, true>;
    all.triad_past = stream_triad<M, true>;
  }
  return all;
}

/// Independent chains: enough to cover a latency of 5 cycles at two per cycle.
constexpr int chains = 12;

template <class M>
float fma_chains(std::int64_t rounds) {
  typename M::Float sums[chains];
  for (int c = 0; c < chains; ++c) sums[c] = broadcast<M>(0.001f * static_cast<float>(c));
  // The factor keeps sums bounded: x <- 0.999 x + 0.001.
  typename M::Float factor = broadcast<M>(0.999f), added = broadcast<M>(0.001f);
  for (std::int64_t i = 0; i < rounds; ++i) {
#pragma GCC unroll 16
    for (int c = 0; c < chains; ++c) sums[c] = sums[c] * factor + added;
  }
  typename M::Float all = {};
  for (int c = 0; c < chains; ++c) all += sums[c];
  return sum_of<M>(all);
}

template <class M>
Peak peak_of_fma() {
  return {fma_chains<M>, 2.0 * chains * M::width};
}

}  // namespace
}  // namespace microdc::kernels::simd
