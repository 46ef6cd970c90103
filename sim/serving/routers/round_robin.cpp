#include "sim/serving/router.hpp"

namespace microdc {
namespace {

class RoundRobin final : public Router {
 public:
  std::optional<std::size_t> choose(const std::vector<std::unique_ptr<Replica>>& replicas,
                                    std::span<const std::uint32_t>) override {
    for (std::size_t tried = 0; tried < replicas.size(); ++tried) {
      const std::size_t candidate = next_++ % replicas.size();
      if (replicas[candidate]->online()) return candidate;
    }
    return std::nullopt;
  }

 private:
  std::size_t next_ = 0;
};

}  // namespace

RouterKind round_robin_router() {
  return {"round_robin", "each replica in turn", [] { return std::make_unique<RoundRobin>(); }};
}

}  // namespace microdc
