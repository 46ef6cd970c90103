// How the gateway chooses a replica of a pool.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/serving/replica.hpp"

namespace microdc {

class Router {
 public:
  virtual ~Router() = default;
  /// Position in `replicas` of the one that gets the request; empty if none is online.
  /// `prefixes` are the prompt's prefix ids (may be empty).
  virtual std::optional<std::size_t> choose(const std::vector<std::unique_ptr<Replica>>& replicas,
                                            std::span<const std::uint32_t> prefixes) = 0;
};

struct RouterKind {
  std::string name;
  std::string description;
  std::function<std::unique_ptr<Router>()> make;
};

/// All routers, one file each in routers/.
const std::vector<RouterKind>& router_kinds();

RouterKind round_robin_router();
RouterKind least_loaded_router();
RouterKind prefix_affinity_router();

/// The online replica with the fewest waiting and running requests; the first of equals.
std::optional<std::size_t> least_loaded(const std::vector<std::unique_ptr<Replica>>& replicas);

}  // namespace microdc
