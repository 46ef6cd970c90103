// Which prompt prefixes a replica still holds in its KV blocks (vLLM's automatic prefix caching).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

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
/// Ids are small and those of one prompt follow each other, so entries lie by id in pages that are
/// there while one of their ids is: what a replica holds decides about memory, not how many ids
/// there have been.
class PrefixCache {
 public:
  /// Leading ids that are present.
  [[nodiscard]] std::size_t count_hits(std::span<const std::uint32_t> ids) const;
  /// Pins ids. Those that are not present are added, `kv_blocks` each: they are being computed.
  void pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks);
  /// Gives pinned ids back.
  void unpin(std::span<const std::uint32_t> ids);
  /// Drops the least recently used unpinned entry; false if there is none.
  bool evict_one();
  void clear();

  /// KV blocks of entries that nobody uses, and of those in use.
  [[nodiscard]] std::int64_t unpinned_blocks() const { return unpinned_blocks_; }
  [[nodiscard]] std::int64_t pinned_blocks() const { return pinned_blocks_; }

 private:
  static constexpr std::uint32_t none = UINT32_MAX;  // an id that nobody has
  static constexpr std::uint32_t page_bits = 8;
  struct Entry {
    std::int32_t pins = 0;
    std::int32_t kv_blocks = 0;  // 0: not present
    std::uint32_t older = none;  // neighbours among the unpinned
    std::uint32_t newer = none;
  };
  struct Page {
    std::array<Entry, 1U << page_bits> entries;
    std::int32_t present = 0;
  };

  [[nodiscard]] bool contains(std::uint32_t id) const;
  Entry& entry(std::uint32_t id) {  // present
    return pages_[id >> page_bits]->entries[id & ((1U << page_bits) - 1)];
  }
  Entry& add(std::uint32_t id, std::int32_t kv_blocks);
  void remove(std::uint32_t id);
  void link_newest(std::uint32_t id, Entry& entry);
  void unlink(const Entry& entry);

  std::vector<std::unique_ptr<Page>> pages_;  // by id; null: none of its ids is present
  std::vector<std::unique_ptr<Page>> spare_;  // empty pages
  std::uint32_t oldest_ = none;
  std::uint32_t newest_ = none;
  std::int64_t unpinned_blocks_ = 0;
  std::int64_t pinned_blocks_ = 0;
};

}  // namespace microdc
