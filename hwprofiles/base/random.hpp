// Random numbers that depend only on (seed, purpose, stream, index): counter-based, so that the
// k-th request of a stream has the same luck in every variant of a scenario (common random
// numbers).
#pragma once

#include <array>
#include <cstdint>

namespace microdc {

/// One block of Philox4x32-10: a bijection of the counter, keyed. Source: Salmon, Moraes, Dror,
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key);

/// What a random number is used for; each purpose has numbers of its own.
enum class RandomPurpose : std::uint32_t {
  arrivals = 1,
  input_tokens = 2,
  output_tokens = 3,
  turns = 4,
  think_time = 5,
  users = 6,
  rate_modulation = 7,
  dequantise = 8,
  trace_clients = 9,
  speculation = 10,
  failures = 11,
  difficulty = 12,
  cloud_latency = 13,
  retrieval = 14,
  chunk_popularity = 15,
};

/// A sequence of random numbers. Distributions are own transforms: the standard library's are
/// different on every platform.
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, RandomPurpose purpose, std::uint32_t stream,
               std::uint32_t index = 0);

  std::uint32_t next_u32();
  std::uint64_t next_u64();
  /// Uniform in (0, 1), 53 bits; never 0 nor 1.
  double uniform();
  /// Mean 1.
  double exponential();
  /// Mean 0, variance 1, by the inverse distribution function.
  double normal();
  /// Gamma with the given shape > 0 and scale 1 (Marsaglia and Tsang 2000; shapes below 1 by their
  /// boost x·U^(1/shape)).
  double gamma(double shape);
  /// Weibull with the given shape > 0 and scale 1.
  double weibull(double shape);
  /// exp(mu + sigma·z).
  double lognormal(double mu, double sigma);
  /// Number of trials up to the first success, ≥ 1, with the given mean ≥ 1.
  std::int64_t geometric(double mean);
  /// Number of events of a Poisson process with this mean ≥ 0.
  std::int64_t poisson(double mean);

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

/// Inverse of the standard normal distribution function for 0 < p < 1; relative error below 1e-9
/// (Acklam's rational approximation and one Halley step).
double inverse_normal(double p);

}  // namespace microdc
