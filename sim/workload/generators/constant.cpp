#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {

WorkloadKind constant_kind() {
  return {"constant", "one request every 1/rate seconds, the first at 0",
          [](const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
             const std::filesystem::path&) {
            return open_loop(spec, seed, stream,
                             [](std::uint32_t, bool first) { return first ? 0.0 : 1.0; });
          },
          true};
}

}  // namespace microdc
