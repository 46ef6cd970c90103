#include <unordered_map>

#include "sim/serving/router.hpp"

namespace microdc {
namespace {

/// Sends a prompt to the replica that saw the longest part of its prefix last, unless that replica
/// carries clearly more load than the least loaded one: then a cold cache is the smaller evil.
class PrefixAffinity final : public Router {
 public:
  std::optional<std::size_t> choose(const std::vector<std::unique_ptr<Replica>>& replicas,
                                    std::span<const std::uint32_t> prefixes) override {
    const auto idlest = least_loaded(replicas);
    if (!idlest || prefixes.empty()) return idlest;
    std::size_t chosen = *idlest;
    for (auto id = prefixes.rbegin(); id != prefixes.rend(); ++id) {
      const auto seen = last_replica_.find(*id);
      if (seen == last_replica_.end()) continue;
      const Replica& candidate = *replicas[seen->second];
      if (candidate.online() && candidate.load() <= tolerated_load(replicas[*idlest]->load())) {
        chosen = seen->second;
      }
      break;
    }
    for (const std::uint32_t id : prefixes) last_replica_[id] = chosen;
    return chosen;
  }

 private:
  /// A fresh prefill costs about as much as waiting behind a few requests.
  static std::int64_t tolerated_load(std::int64_t least) { return 2 * least + 4; }

  std::unordered_map<std::uint32_t, std::size_t> last_replica_;
};

}  // namespace

RouterKind prefix_affinity_router() {
  return {"prefix_affinity", "the replica that holds the prompt's prefix, unless it is overloaded",
          [] { return std::make_unique<PrefixAffinity>(); }};
}

}  // namespace microdc
