#include <algorithm>
#include <iterator>
#include <map>

#include "sim/serving/prefix_runs.hpp"
#include "sim/serving/router.hpp"

namespace microdc {
namespace {

/// Which replica saw each prefix id last, by extents of ids that follow each other.
class LastReplicas {
 public:
  /// Of the last id that any replica saw; empty if none did.
  [[nodiscard]] std::optional<std::size_t> of_longest(std::span<const std::uint32_t> ids) const {
    while (!ids.empty()) {
      const std::size_t run = trailing_run(ids);
      const auto after = extents_.upper_bound(ids.back());
      if (after != extents_.begin() && std::prev(after)->second.last >= ids[ids.size() - run]) {
        return std::prev(after)->second.replica;
      }
      ids = ids.first(ids.size() - run);
    }
    return std::nullopt;
  }

  void note(std::span<const std::uint32_t> ids, std::size_t replica) {
    while (!ids.empty()) {
      const std::size_t run = leading_run(ids);
      note(ids.front(), ids[run - 1], replica);
      ids = ids.subspan(run);
    }
  }

 private:
  struct Extent {
    std::uint32_t last = 0;  // id
    std::size_t replica = 0;
  };

  void note(std::uint32_t first, std::uint32_t last, std::size_t replica) {
    auto at = extents_.lower_bound(first);
    if (at != extents_.begin()) {
      Extent& before = std::prev(at)->second;
      if (before.last >= first) {
        const Extent whole = before;
        before.last = first - 1;
        if (whole.last > last) at = extents_.emplace_hint(at, last + 1, whole);
      }
    }
    while (at != extents_.end() && at->first <= last) {
      const Extent covered = at->second;
      at = extents_.erase(at);
      if (covered.last > last) at = extents_.emplace_hint(at, last + 1, covered);
    }
    extents_.emplace_hint(at, first, Extent{last, replica});
  }

  std::map<std::uint32_t, Extent> extents_;  // by first id
};

/// Sends a prompt to the replica that saw the longest part of its prefix last, unless that replica
/// carries clearly more load than the least loaded one: then a cold cache is the smaller evil.
class PrefixAffinity final : public Router {
 public:
  std::optional<std::size_t> choose(const std::vector<std::unique_ptr<Replica>>& replicas,
                                    std::span<const std::uint32_t> prefixes) override {
    const auto idlest = least_loaded(replicas);
    if (!idlest || prefixes.empty()) return idlest;
    std::size_t chosen = *idlest;
    if (const auto seen = last_.of_longest(prefixes)) {
      const Replica& candidate = *replicas[*seen];
      if (candidate.online() && candidate.load() <= tolerated_load(replicas[*idlest]->load())) {
        chosen = *seen;
      }
    }
    last_.note(prefixes, chosen);
    return chosen;
  }

 private:
  /// A fresh prefill costs about as much as waiting behind a few requests.
  static std::int64_t tolerated_load(std::int64_t least) { return 2 * least + 4; }

  LastReplicas last_;
};

}  // namespace

RouterKind prefix_affinity_router() {
  return {"prefix_affinity", "the replica that holds the prompt's prefix, unless it is overloaded",
          [] { return std::make_unique<PrefixAffinity>(); }};
}

}  // namespace microdc
