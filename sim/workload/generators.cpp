#include "sim/workload/generators.hpp"

#include <algorithm>

#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"

namespace microdc {

const std::vector<WorkloadKind>& workload_kinds() {
  static const std::vector<WorkloadKind> kinds{trace_kind(),     poisson_kind(), gamma_kind(),
                                               constant_kind(),  burst_kind(),   closed_loop_kind(),
                                               office_day_kind()};
  return kinds;
}

bool is_steady(const WorkloadSpec& spec) {
  const auto& kinds = workload_kinds();
  return std::any_of(kinds.begin(), kinds.end(), [&](const WorkloadKind& kind) {
    return kind.name == spec.kind && kind.steady;
  });
}

Result<RequestStream> make_requests(const WorkloadSpec& spec, std::uint64_t seed,
                                    std::uint32_t stream_index,
                                    const std::filesystem::path& base_folder) {
  std::vector<std::string> names;
  for (const WorkloadKind& kind : workload_kinds()) {
    if (kind.name == spec.kind) return kind.make(spec, seed, stream_index, base_folder);
    names.push_back(kind.name);
  }
  const auto near = nearest_match(spec.kind, names);
  return workload_error(spec, "kind", "there is no such kind of workload", spec.kind,
                        join_names(names),
                        near ? "did you mean " + *near + "?" : "choose one of the kinds");
}

}  // namespace microdc
