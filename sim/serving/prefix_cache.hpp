// Which prompt prefixes a replica still holds in its KV blocks (vLLM's automatic prefix caching).
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <utility>

namespace microdc {

/// The prefix of one request: ids of its blocks, in order.
struct PrefixChain {
  std::span<const std::uint32_t> prompt;  ///< blocks of the prompt; the last may be partly filled
  std::span<const std::uint32_t> conversation;  ///< `prompt` and the blocks of the answer, as the
                                                ///< conversation's next prompt will name them
  std::int32_t block_tokens = 0;                ///< tokens per id; 0: no prefix information
};

/// Prefix blocks by content id. An id names the content of a block together with all blocks before
/// it, so equal ids mean equal prefixes. Blocks in use are pinned; the others stay until space is
/// needed, least recently used first. Sizes are counted in the replica's KV blocks.
///
/// The ids of one prompt follow each other, so blocks are kept in extents of ids that follow each
/// other and are pinned alike: the work is that of a few extents a prompt, not of all its blocks.
class PrefixCache {
 public:
  PrefixCache() = default;
  PrefixCache(const PrefixCache&) = delete;
  PrefixCache& operator=(const PrefixCache&) = delete;

  /// Leading ids that are present.
  [[nodiscard]] std::size_t count_hits(std::span<const std::uint32_t> ids) const;
  /// Pins ids. Those that are not present are added, `kv_blocks` each: they are being computed.
  void pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks);
  /// Gives pinned ids back.
  void unpin(std::span<const std::uint32_t> ids);
  /// Drops least recently used unpinned blocks until those that are left take at most so many KV
  /// blocks, or are none.
  void evict_down_to(std::int64_t unpinned_blocks);
  void clear();

  /// KV blocks of entries that nobody uses, and of those in use.
  [[nodiscard]] std::int64_t unpinned_blocks() const { return unpinned_blocks_; }
  [[nodiscard]] std::int64_t pinned_blocks() const { return pinned_blocks_; }

 private:
  struct Extent;
  using Entry = std::pair<const std::uint32_t, Extent>;  // first id
  struct Extent {
    std::uint32_t last = 0;  // id
    std::int32_t pins = 0;
    std::int32_t kv_blocks = 0;  // of each id
    // Neighbours among the unpinned. Of the ids of one extent the last is the least recently used.
    Entry* older = nullptr;
    Entry* newer = nullptr;
  };
  using Extents = std::map<std::uint32_t, Extent>;
  using Place = Extents::iterator;

  /// The extent that holds the id, or the next one.
  Place at_or_after(std::uint32_t id);
  /// Cuts the extent in front of `id`, which it holds and does not begin with; the part from there.
  Place split(Place extent, std::uint32_t id);
  void pin_run(std::uint32_t first, std::uint32_t last, std::int32_t kv_blocks);
  void unpin_run(std::uint32_t first, std::uint32_t last);
  void link_newest(Entry& added);
  void unlink(const Entry& gone);
  static std::int64_t blocks_of(const Entry& entry) {
    const auto& [first, extent] = entry;
    return (std::int64_t{extent.last} - first + 1) * extent.kv_blocks;
  }

  Extents extents_;
  Entry* oldest_ = nullptr;
  Entry* newest_ = nullptr;
  std::int64_t unpinned_blocks_ = 0;
  std::int64_t pinned_blocks_ = 0;
};

}  // namespace microdc
