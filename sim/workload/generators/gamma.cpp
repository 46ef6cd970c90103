// Bursty arrivals: a renewal process with gamma-distributed gaps.
#include <fmt/format.h>

#include "hwprofiles/base/random.hpp"
#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {
namespace {

/// Gaps have shape k = 1/CV² and mean 1. The first one is what is left of a gap that began before
/// the observation, U·G with G of shape k+1 (the stationary forward recurrence time); without it a
/// bursty stream would have more than rate·duration requests in the mean.
Result<RequestStream> make_gamma(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                                 const std::filesystem::path&) {
  const double cv = spec.burstiness;
  if (!(cv >= 0.01 && cv <= 100)) {
    return workload_error(spec, "burstiness", "the burstiness is out of range",
                          fmt::format("{}", cv),
                          "0.01 to 100 (coefficient of variation of the gaps; Poisson: 1)",
                          "use kind constant for evenly spaced requests");
  }
  const double shape = 1 / (cv * cv);
  return open_loop(spec, seed, stream, [&](std::uint32_t index, bool first) {
    RandomStream random(seed, RandomPurpose::arrivals, stream, index);
    if (!first) return random.gamma(shape) / shape;
    const double position = random.uniform();
    return position * random.gamma(shape + 1) / shape;
  });
}

}  // namespace

WorkloadKind gamma_kind() {
  return {"gamma", "bursty arrivals: gamma-distributed gaps with a coefficient of variation",
          make_gamma, true};
}

}  // namespace microdc
