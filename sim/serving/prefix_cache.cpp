#include "sim/serving/prefix_cache.hpp"

#include <utility>

namespace microdc {

bool PrefixCache::contains(std::uint32_t id) const {
  const std::size_t page = id >> page_bits;
  if (page >= pages_.size() || !pages_[page]) return false;
  return pages_[page]->entries[id & ((1U << page_bits) - 1)].kv_blocks > 0;
}

PrefixCache::Entry& PrefixCache::add(std::uint32_t id, std::int32_t kv_blocks) {
  const std::size_t index = id >> page_bits;
  if (index >= pages_.size()) pages_.resize(index + 1);
  std::unique_ptr<Page>& page = pages_[index];
  if (!page && !spare_.empty()) {
    page = std::move(spare_.back());
    spare_.pop_back();
  }
  if (!page) page = std::make_unique<Page>();
  ++page->present;
  Entry& added = page->entries[id & ((1U << page_bits) - 1)];
  added = {.kv_blocks = kv_blocks};
  return added;
}

void PrefixCache::remove(std::uint32_t id) {
  std::unique_ptr<Page>& page = pages_[id >> page_bits];
  page->entries[id & ((1U << page_bits) - 1)].kv_blocks = 0;
  if (--page->present == 0) spare_.push_back(std::move(page));
}

void PrefixCache::link_newest(std::uint32_t id, Entry& added) {
  added.older = newest_;
  added.newer = none;
  if (newest_ != none) entry(newest_).newer = id;
  else oldest_ = id;
  newest_ = id;
}

void PrefixCache::unlink(const Entry& gone) {
  if (gone.older != none) entry(gone.older).newer = gone.newer;
  else oldest_ = gone.newer;
  if (gone.newer != none) entry(gone.newer).older = gone.older;
  else newest_ = gone.older;
}

std::size_t PrefixCache::count_hits(std::span<const std::uint32_t> ids) const {
  std::size_t hits = 0;
  while (hits < ids.size() && contains(ids[hits])) ++hits;
  return hits;
}

void PrefixCache::pin(std::span<const std::uint32_t> ids, std::int32_t kv_blocks) {
  for (const std::uint32_t id : ids) {
    if (!contains(id)) {
      add(id, kv_blocks).pins = 1;
      pinned_blocks_ += kv_blocks;
      continue;
    }
    Entry& known = entry(id);
    if (known.pins++ > 0) continue;
    unlink(known);
    pinned_blocks_ += known.kv_blocks;
    unpinned_blocks_ -= known.kv_blocks;
  }
}

void PrefixCache::unpin(std::span<const std::uint32_t> ids) {
  // The tail of a prefix is the least useful part: it becomes the oldest.
  for (auto id = ids.rbegin(); id != ids.rend(); ++id) {
    Entry& known = entry(*id);
    if (--known.pins > 0) continue;
    link_newest(*id, known);
    unpinned_blocks_ += known.kv_blocks;
    pinned_blocks_ -= known.kv_blocks;
  }
}

bool PrefixCache::evict_one() {
  if (oldest_ == none) return false;
  const std::uint32_t id = oldest_;
  const Entry& gone = entry(id);
  unpinned_blocks_ -= gone.kv_blocks;
  unlink(gone);
  remove(id);
  return true;
}

void PrefixCache::clear() {
  for (std::unique_ptr<Page>& page : pages_) {
    if (!page) continue;
    *page = Page();
    spare_.push_back(std::move(page));
  }
  oldest_ = newest_ = none;
  unpinned_blocks_ = pinned_blocks_ = 0;
}

}  // namespace microdc
