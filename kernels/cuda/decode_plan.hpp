// Who reads what in decode attention: the KV cache of a batch, page by page, shared among the
// blocks that a device holds at once. An engine makes one plan per step for all layers.
#pragma once

#include <cstdint>
#include <vector>

namespace microdc::kernels::cuda {

/// A run of units (one or two pages) of one sequence and KV head, read by one block.
struct DecodePart {
  int sequence;
  int kv_head;
  int first_page;  ///< of the sequence
  int units;       ///< at least 1
  int tokens;      ///< from the first page on; at least one in every unit
  int slot;        ///< where the part's result waits to be combined; whole_pair if it needs none
  int split_pair;  ///< whose slot that is
};
inline constexpr int whole_pair = -1;

/// A sequence and KV head that several parts share; their slots follow each other.
struct SplitPair {
  int sequence;
  int kv_head;
  int first_slot;
  int slots;
};

/// Where a block begins: one reading from memory has to end before it knows what to read, instead
/// of three.
struct DecodeStart {
  static constexpr int known_pages = 16;
  int first_part, end_part;  ///< of the plan's parts
  DecodePart part;           ///< the first
  int pages[known_pages];    ///< of its first units, from the block table
};

struct DecodePlan {
  std::vector<DecodePart> parts;  ///< block after block
  std::vector<int> first_parts;   ///< of each block, and the number of parts
  std::vector<SplitPair> split_pairs;
  int slots = 0;

  [[nodiscard]] int blocks() const { return static_cast<int>(first_parts.size()) - 1; }
  /// Of each block. The table is [sequence][pages_per_sequence].
  [[nodiscard]] std::vector<DecodeStart> starts(const std::vector<int>& block_table,
                                                int pages_per_sequence) const;
  [[nodiscard]] int most_slots() const;  ///< of one pair; 0 if none is split
};

/// How a kernel runs on a device.
struct DecodeResources {
  int blocks;               ///< that the device holds at once
  int multiprocessors;      ///< which share them
  int rounds;               ///< of blocks at most, so that faster multiprocessors take more
  int warps;                ///< of a block; each reads a unit at a time
  int unit_pages;           ///< pages of a unit
  std::int64_t unit_bytes;  ///< keys and values of a unit
  /// What a block reads in the time that combining parts takes.
  std::int64_t combining_bytes = 64 * 1024;
};

/// The plan that should end first: either every block gets as many units as the next, whatever
/// pairs they belong to, or whole pairs, which saves the combination of parts.
/// Contexts are in tokens, at least 1.
DecodePlan plan_decode(const std::vector<int>& contexts, int kv_heads,
                       const DecodeResources& resources);

}  // namespace microdc::kernels::cuda
