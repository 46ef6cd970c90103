#include "sim/serving/prefix_cache.hpp"

namespace microdc {

std::size_t PrefixCache::count_hits(std::span<const std::uint32_t> ids) const {
  std::size_t hits = 0;
  while (hits < ids.size() && entries_.contains(ids[hits])) ++hits;
  return hits;
}

void PrefixCache::pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks) {
  for (const std::uint32_t id : ids) {
    const auto [at, is_new] = entries_.try_emplace(id);
    Entry& entry = at->second;
    if (is_new) entry.kv_blocks = kv_blocks;
    if (entry.pins++ > 0) continue;
    pinned_blocks_ += entry.kv_blocks;
    if (is_new) continue;
    unused_.erase(entry.position);
    unpinned_blocks_ -= entry.kv_blocks;
  }
}

void PrefixCache::unpin(std::span<const std::uint32_t> ids) {
  // The tail of a prefix is the least useful part: it becomes the oldest.
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    Entry& entry = entries_.at(*id);
    if (--entry.pins > 0) continue;
    entry.position = unused_.insert(unused_.end(), *id);
    unpinned_blocks_ += entry.kv_blocks;
    pinned_blocks_ -= entry.kv_blocks;
  }
}

bool PrefixCache::evict_one() {
  if (unused_.empty()) return false;
  const auto oldest = entries_.find(unused_.front());
  unpinned_blocks_ -= oldest->second.kv_blocks;
  entries_.erase(oldest);
  unused_.pop_front();
  return true;
}

void PrefixCache::clear() {
  entries_.clear();
  unused_.clear();
  unpinned_blocks_ = pinned_blocks_ = 0;
}

}  // namespace microdc
