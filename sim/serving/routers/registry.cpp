#include "sim/serving/router.hpp"

namespace microdc {

const std::vector<RouterKind>& router_kinds() {
  static const std::vector<RouterKind> kinds{least_loaded_router(), prefix_affinity_router(),
                                             round_robin_router()};
  return kinds;
}

}  // namespace microdc
