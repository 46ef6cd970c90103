// Random operands of a GEMM on the host, and its result in float64.
#pragma once

#include "tests/support/gemm_on_host.hpp"
// After the above.
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "kernels/cuda/gemm/packed_weights.hpp"

namespace microdc::testing {

template <class T>
double value_of(const T& element) {
  if constexpr (std::is_same_v<T, __nv_fp8_e4m3>) {
    return static_cast<double>(static_cast<float>(element));
  } else if constexpr (std::is_same_v<T, __half>) {
    return static_cast<double>(__half2float(element));
  } else {
    return static_cast<double>(__bfloat162float(element));
  }
}

/// N(0,1), rounded, at a multiple of 16 bytes as operator new gives it.
template <class T>
std::vector<T> random_elements(std::size_t count, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<T> values(count);
  for (T& value : values) value = T(normal(random));
  return values;
}

inline std::size_t product(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

/// C[m,n] = A[m,k] W[n,k]^T of values.
inline std::vector<double> multiplied(const std::vector<double>& a, const std::vector<double>& w,
                                      int m, int n, int k) {
  std::vector<double> c(product(m, n));
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      double sum = 0;
      for (int x = 0; x < k; ++x) {
        sum += a[product(i, k) + static_cast<std::size_t>(x)] *
               w[product(j, k) + static_cast<std::size_t>(x)];
      }
      c[product(i, n) + static_cast<std::size_t>(j)] = sum;
    }
  }
  return c;
}

template <class T>
std::vector<double> values_of(const std::vector<T>& elements) {
  std::vector<double> values;
  values.reserve(elements.size());
  for (const T& element : elements) values.push_back(value_of(element));
  return values;
}

/// Largest error relative to the larger of the element and the rms; infinite if one is NaN.
template <class T>
double largest_error(const std::vector<T>& result, const std::vector<double>& expected) {
  double squares = 0;
  for (const double value : expected) squares += value * value;
  const double rms = std::sqrt(squares / static_cast<double>(expected.size()));
  double largest = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double error =
        std::abs(value_of(result[i]) - expected[i]) / std::max(std::abs(expected[i]), rms);
    if (!(error <= largest)) largest = std::isnan(error) ? INFINITY : error;
  }
  return largest;
}

/// One rounding, and a little for sums in single precision.
template <class T>
double one_rounding() {
  return std::is_same_v<T, __half> ? 1.05 / 2048 : 1.05 / 256;
}

/// Room for C and a guard band, all NaN.
template <class T>
std::vector<T> poisoned(std::size_t count) {
  return std::vector<T>(count + 64, T(NAN));
}

template <class T>
bool guard_is_whole(const std::vector<T>& result, std::size_t count) {
  for (std::size_t i = count; i < result.size(); ++i) {
    if (!std::isnan(value_of(result[i]))) return false;
  }
  return true;
}

}  // namespace microdc::testing
