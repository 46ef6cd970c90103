// Which prompt prefixes a replica still holds in its KV blocks (vLLM's automatic prefix caching).
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

namespace microdc {

/// Prefix blocks by content id. An id names the content of a block together with all blocks before
/// it, so equal ids mean equal prefixes. Blocks in use are pinned; the others stay until space is
/// needed, least recently used first.
class PrefixCache {
 public:
  /// Leading ids that are present.
  [[nodiscard]] std::size_t count_hits(std::span<const std::uint32_t> ids) const;
  /// Pins ids that are present (as count_hits told).
  void pin(std::span<const std::uint32_t> ids);
  /// Adds ids that have just been computed and pins them. Returns how many leading ones were added;
  /// it stops at one that another sequence computed meanwhile.
  std::size_t insert_pinned(std::span<const std::uint32_t> ids);
  /// Gives pinned ids back.
  void unpin(std::span<const std::uint32_t> ids);
  /// Drops the least recently used unpinned block; false if there is none.
  bool evict_one();
  void clear();

  [[nodiscard]] std::size_t unpinned() const { return unused_.size(); }
  [[nodiscard]] std::size_t pinned() const { return entries_.size() - unused_.size(); }

 private:
  struct Entry {
    std::int32_t pins = 0;
    std::list<std::uint32_t>::iterator position;  // in unused_, when pins == 0
  };
  std::unordered_map<std::uint32_t, Entry> entries_;
  std::list<std::uint32_t> unused_;  // most recently used last
};

}  // namespace microdc
