// Runs of prefix ids that follow each other, as most ids of a prompt do.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace microdc {

/// How many of the first ids follow each other; at least one, of ids that are not empty.
inline std::size_t leading_run(std::span<const std::uint32_t> ids) {
  ids = ids.first(std::min<std::size_t>(ids.size(), std::size_t{UINT32_MAX} - ids.front() + 1));
  std::size_t length = 1;
  // Whole blocks without a branch, which compilers make a few instructions.
  constexpr std::size_t block = 32;
  while (length + block <= ids.size()) {
    std::uint32_t broken = 0;
    for (std::size_t i = length; i < length + block; ++i) broken |= ids[i] - ids[i - 1] - 1;
    if (broken != 0) break;
    length += block;
  }
  while (length < ids.size() && ids[length] == ids[length - 1] + 1) ++length;
  return length;
}

/// How many of the last ids follow each other.
inline std::size_t trailing_run(std::span<const std::uint32_t> ids) {
  ids = ids.last(std::min<std::size_t>(ids.size(), std::size_t{ids.back()} + 1));
  std::size_t first = ids.size() - 1;
  constexpr std::size_t block = 32;
  while (first >= block) {
    std::uint32_t broken = 0;
    for (std::size_t i = first - block; i < first; ++i) broken |= ids[i + 1] - ids[i] - 1;
    if (broken != 0) break;
    first -= block;
  }
  while (first > 0 && ids[first - 1] + 1 == ids[first]) --first;
  return ids.size() - first;
}

}  // namespace microdc
