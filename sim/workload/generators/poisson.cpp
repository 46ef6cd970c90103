#include "hwprofiles/base/random.hpp"
#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {

WorkloadKind poisson_kind() {
  return {"poisson", "independent arrivals at a constant mean rate (exponential gaps)",
          [](const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
             const std::filesystem::path&) {
            return open_loop(spec, seed, stream, [&](std::uint32_t index, bool) {
              return RandomStream(seed, RandomPurpose::arrivals, stream, index).exponential();
            });
          },
          true};
}

}  // namespace microdc
