#include "sim/serving/prefix_cache.hpp"

namespace microdc {

std::size_t PrefixCache::count_hits(std::span<const std::uint32_t> ids) const {
  std::size_t hits = 0;
  while (hits < ids.size() && entries_.contains(ids[hits])) ++hits;
  return hits;
}

void PrefixCache::pin(std::span<const std::uint32_t> ids) {
  for (const std::uint32_t id : ids) {
    Entry& entry = entries_.at(id);
    if (entry.pins++ == 0) unused_.erase(entry.position);
  }
}

std::size_t PrefixCache::insert_pinned(std::span<const std::uint32_t> ids) {
  std::size_t added = 0;
  for (const std::uint32_t id : ids) {
    const auto [entry, is_new] = entries_.try_emplace(id);
    if (!is_new) break;
    entry->second.pins = 1;
    ++added;
  }
  return added;
}

void PrefixCache::unpin(std::span<const std::uint32_t> ids) {
  // The tail of a prefix is the least useful part: it becomes the oldest.
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    Entry& entry = entries_.at(*id);
    if (--entry.pins == 0) entry.position = unused_.insert(unused_.end(), *id);
  }
}

bool PrefixCache::evict_one() {
  if (unused_.empty()) return false;
  entries_.erase(unused_.front());
  unused_.pop_front();
  return true;
}

void PrefixCache::clear() {
  entries_.clear();
  unused_.clear();
}

}  // namespace microdc
