#include "sim/serving/router.hpp"

namespace microdc {

std::optional<std::size_t> least_loaded(const std::vector<std::unique_ptr<Replica>>& replicas) {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    if (replicas[i]->online() && (!best || replicas[i]->load() < replicas[*best]->load())) best = i;
  }
  return best;
}

namespace {

class LeastLoaded final : public Router {
 public:
  std::optional<std::size_t> choose(const std::vector<std::unique_ptr<Replica>>& replicas,
                                    std::span<const std::uint32_t>) override {
    return least_loaded(replicas);
  }
};

}  // namespace

RouterKind least_loaded_router() {
  return {"least_loaded", "the replica with the fewest waiting and running requests",
          [] { return std::make_unique<LeastLoaded>(); }};
}

}  // namespace microdc
