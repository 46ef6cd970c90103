#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {
namespace {

Result<RequestStream> make_burst(const WorkloadSpec& spec, std::uint64_t seed, std::uint32_t stream,
                                 const std::filesystem::path&) {
  const auto count = request_count(spec);
  if (!count) return count.diagnostics();
  std::vector<Opener> openers(static_cast<std::size_t>(*count));
  for (std::size_t i = 0; i < openers.size(); ++i) {
    openers[i].turns = draw_turns(spec, seed, stream, static_cast<std::uint32_t>(i));
  }
  return assemble(spec, seed, stream, openers, 0);
}

}  // namespace

WorkloadKind burst_kind() { return {"burst", "all requests at once, at the start", make_burst}; }

}  // namespace microdc
