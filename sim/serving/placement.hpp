// Where requests may go and where they went. Targets are the scenario's pools, then its clouds
// (sim/scenario/targets.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace microdc {

/// What the gateway may do, decided before the run by whoever knows the law; the gateway never
/// sends a request against it. Empty: everything is allowed.
class PlacementTable {
 public:
  PlacementTable() = default;
  /// Nothing is allowed yet.
  PlacementTable(std::size_t workloads, std::size_t targets)
      : targets_(targets), allowed_(workloads * targets, 0) {}

  void allow(std::size_t workload, std::size_t target) {
    allowed_.at(workload * targets_ + target) = 1;
  }
  [[nodiscard]] bool may(std::size_t workload, std::size_t target) const {
    return allowed_.empty() || allowed_[workload * targets_ + target] != 0;
  }
  [[nodiscard]] bool empty() const { return allowed_.empty(); }

 private:
  std::size_t targets_ = 0;
  std::vector<std::uint8_t> allowed_;
};

/// One request handed to a replica or a cloud: what really happened, for an auditor. A request that
/// moves (prefill to decode, another server after a failure) has several.
struct PlacedRequest {
  std::uint32_t stream = 0;
  std::uint32_t request = 0;  ///< index in the stream
  std::uint32_t where = 0;    ///< replica, by index in SimulationResult::replicas; or cloud
  bool cloud = false;         ///< `where` is an index in Scenario::clouds
};

}  // namespace microdc
