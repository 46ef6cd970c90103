#include <array>
#include <vector>

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
      const std::uint32_t seen = last_replica(*id);
      if (seen == none) continue;
      const Replica& candidate = *replicas[seen];
      if (candidate.online() && candidate.load() <= tolerated_load(replicas[*idlest]->load())) {
        chosen = seen;
      }
      break;
    }
    for (const std::uint32_t id : prefixes) note(id, static_cast<std::uint32_t>(chosen));
    return chosen;
  }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;
  static constexpr std::uint32_t page_bits = 10;
  static constexpr std::uint32_t in_page = (1U << page_bits) - 1;
  using Page = std::array<std::uint32_t, 1U << page_bits>;

  /// A fresh prefill costs about as much as waiting behind a few requests.
  static std::int64_t tolerated_load(std::int64_t least) { return 2 * least + 4; }

  [[nodiscard]] std::uint32_t last_replica(std::uint32_t id) const {
    const std::size_t page = id >> page_bits;
    return page < pages_.size() && pages_[page] ? (*pages_[page])[id & in_page] : none;
  }
  void note(std::uint32_t id, std::uint32_t replica) {
    const std::size_t page = id >> page_bits;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) {
      pages_[page] = std::make_unique<Page>();
      pages_[page]->fill(none);
    }
    (*pages_[page])[id & in_page] = replica;
  }

  // By prefix id. Ids of one prompt follow each other, so that pages beat a hash table.
  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace

RouterKind prefix_affinity_router() {
  return {"prefix_affinity", "the replica that holds the prompt's prefix, unless it is overloaded",
          [] { return std::make_unique<PrefixAffinity>(); }};
}

}  // namespace microdc
