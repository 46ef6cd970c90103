// Which prompt prefixes a replica still holds in its KV blocks (vLLM's automatic prefix caching).
#pragma once

#include <cstdint>
#include <list>
#include <span>
#include <unordered_map>

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
  struct Entry {
    std::int32_t pins = 0;
    std::int32_t kv_blocks = 0;
    std::list<std::uint32_t>::iterator position;  // in unused_, when pins == 0
  };
  std::unordered_map<std::uint32_t, Entry> entries_;
  std::list<std::uint32_t> unused_;  // most recently used last
  std::int64_t unpinned_blocks_ = 0;
  std::int64_t pinned_blocks_ = 0;
};

}  // namespace microdc
