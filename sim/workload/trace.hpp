// Requests as they arrive: the one internal form of every trace and generator.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace microdc {

/// Logic time: integer nanoseconds from the start of the simulation.
using Nanoseconds = std::int64_t;

struct TraceRequest {
  Nanoseconds arrival = 0;
  std::int32_t input_tokens = 0;
  std::int32_t output_tokens = 0;
  /// First of this request's entries in Trace::prefix_hashes; its blocks lie in
  /// [prefix_begin, prefix_begin + prefix_count).
  std::uint32_t prefix_begin = 0;
  std::uint16_t prefix_count = 0;
  std::uint16_t client = 0;  ///< index in Trace::clients: a traffic class or client of the trace
};

/// A whole trace in memory, ordered by arrival (stable for equal times). 24 bytes a request and 4 a
/// prefix block.
struct Trace {
  std::vector<TraceRequest> requests;
  /// Ids of prefix blocks: equal ids in the same position are equal content.
  std::vector<std::uint32_t> prefix_hashes;
  std::int32_t prefix_block_tokens = 0;  ///< tokens per hash id; 0: no prefix information
  std::vector<std::string> clients;      ///< names of classes; may be empty
  std::string source;                    ///< file or generator, for the record
  Nanoseconds duration = 0;              ///< observation window; at least the last arrival
};

}  // namespace microdc
