#include "sim/serving/prefix_cache.hpp"

#include <algorithm>
#include <iterator>

#include "sim/serving/prefix_runs.hpp"

namespace microdc {
PrefixCache::Place PrefixCache::at_or_after(std::uint32_t id) {
  const Place after = extents_.upper_bound(id);
  if (after == extents_.begin()) return after;
  const Place before = std::prev(after);
  return before->second.last >= id ? before : after;
}

std::size_t PrefixCache::count_hits(std::span<const std::uint32_t> ids) const {
  std::size_t hits = 0;
  while (hits < ids.size()) {
    const auto after = extents_.upper_bound(ids[hits]);
    if (after == extents_.begin()) return hits;
    const std::uint32_t last = std::prev(after)->second.last;
    if (last < ids[hits]) return hits;
    const std::size_t run = leading_run(ids.subspan(hits));
    hits += std::min<std::size_t>(run, std::size_t{last} - ids[hits] + 1);
  }
  return hits;
}

void PrefixCache::link_newest(Entry& added) {
  // What was given back just before may continue this extent: then they are one, in the same order.
  if (newest_ != nullptr && newest_->first == std::uint64_t{added.second.last} + 1 &&
      newest_->second.kv_blocks == added.second.kv_blocks) {
    const std::uint32_t next = newest_->first;
    added.second.last = newest_->second.last;
    unlink(*newest_);
    extents_.erase(next);
  }
  added.second.older = newest_;
  added.second.newer = nullptr;
  (newest_ != nullptr ? newest_->second.newer : oldest_) = &added;
  newest_ = &added;
}

void PrefixCache::unlink(const Entry& gone) {
  const Extent& extent = gone.second;
  (extent.older != nullptr ? extent.older->second.newer : oldest_) = extent.newer;
  (extent.newer != nullptr ? extent.newer->second.older : newest_) = extent.older;
}

PrefixCache::Place PrefixCache::split(Place extent, std::uint32_t id) {
  const Place upper = extents_.emplace_hint(std::next(extent), id, extent->second);
  extent->second.last = id - 1;
  if (extent->second.pins > 0) return upper;
  // The upper ids are the older ones.
  Entry* const older = upper->second.older;
  (older != nullptr ? older->second.newer : oldest_) = &*upper;
  upper->second.newer = &*extent;
  extent->second.older = &*upper;
  return upper;
}

void PrefixCache::pin_run(std::uint32_t first, std::uint32_t last, std::int32_t kv_blocks) {
  for (std::uint64_t next = first; next <= last;) {
    const auto id = static_cast<std::uint32_t>(next);
    Place extent = at_or_after(id);
    if (extent == extents_.end() || extent->first > id) {
      const std::uint32_t end = extent == extents_.end() ? last : extent->first - 1;
      extent = extents_.emplace_hint(
          extent, id, Extent{.last = std::min(last, end), .pins = 1, .kv_blocks = kv_blocks});
      pinned_blocks_ += blocks_of(*extent);
    } else {
      if (extent->first < id) extent = split(extent, id);
      if (extent->second.last > last) split(extent, last + 1);
      if (extent->second.pins++ == 0) {
        unlink(*extent);
        pinned_blocks_ += blocks_of(*extent);
        unpinned_blocks_ -= blocks_of(*extent);
      }
    }
    next = std::uint64_t{extent->second.last} + 1;
  }
}

void PrefixCache::unpin_run(std::uint32_t first, std::uint32_t last) {
  // The tail of a prefix is the least useful part: it becomes the oldest.
  for (std::int64_t next = last; next >= first;) {
    const auto id = static_cast<std::uint32_t>(next);
    Place extent = at_or_after(id);
    if (extent->second.last > id) split(extent, id + 1);
    if (extent->first < first) extent = split(extent, first);
    next = std::int64_t{extent->first} - 1;
    if (--extent->second.pins > 0) continue;
    unpinned_blocks_ += blocks_of(*extent);
    pinned_blocks_ -= blocks_of(*extent);
    link_newest(*extent);
  }
}

void PrefixCache::pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks) {
  while (!ids.empty()) {
    const std::size_t run = leading_run(ids);
    pin_run(ids.front(), ids[run - 1], kv_blocks);
    ids = ids.subspan(run);
  }
}

void PrefixCache::unpin(std::span<const std::uint32_t> ids) {
  while (!ids.empty()) {
    const std::size_t run = trailing_run(ids);
    unpin_run(ids[ids.size() - run], ids.back());
    ids = ids.first(ids.size() - run);
  }
}

void PrefixCache::evict_down_to(std::int64_t unpinned_blocks) {
  while (unpinned_blocks_ > unpinned_blocks && oldest_ != nullptr) {
    Entry& extent = *oldest_;
    const std::int64_t each = extent.second.kv_blocks;
    const std::int64_t too_many = (unpinned_blocks_ - unpinned_blocks + each - 1) / each;
    if (too_many * each < blocks_of(extent)) {
      extent.second.last -= static_cast<std::uint32_t>(too_many);
      unpinned_blocks_ -= too_many * each;
      return;
    }
    unpinned_blocks_ -= blocks_of(extent);
    unlink(extent);
    const std::uint32_t first = extent.first;
    extents_.erase(first);
  }
}

void PrefixCache::clear() {
  extents_.clear();
  oldest_ = newest_ = nullptr;
  unpinned_blocks_ = pinned_blocks_ = 0;
}

}  // namespace microdc
