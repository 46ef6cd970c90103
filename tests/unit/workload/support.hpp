// What the tests of traces and generators share.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cmath>
#include <string>
#include <vector>

#include "sim/workload/trace_read.hpp"

namespace microdc {

inline Result<ReadTrace> read_text(std::string_view text, const std::string& format = "",
                                   const TraceReadOptions& options = {}) {
  return read_trace_from_memory(text, "t.csv", format, options);
}

/// The first error of a failed read.
inline Diagnostic first_error(const Result<ReadTrace>& result) {
  for (const Diagnostic& item : result.diagnostics().items()) {
    if (item.severity == Severity::error) return item;
  }
  ADD_FAILURE() << "there is no error";
  return {};
}

inline std::string gzip_bytes(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string result(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(result.size() - stream.avail_out);
  deflateEnd(&stream);
  return result;
}

/// Mean and coefficient of variation of the gaps between arrivals, in seconds.
struct GapMoments {
  double mean = 0;
  double cv = 0;
};
inline GapMoments gap_moments(const Trace& trace) {
  std::vector<double> gaps;
  for (std::size_t i = 1; i < trace.requests.size(); ++i) {
    gaps.push_back(1e-9 *
                   static_cast<double>(trace.requests[i].arrival - trace.requests[i - 1].arrival));
  }
  GapMoments moments;
  for (const double gap : gaps) moments.mean += gap / static_cast<double>(gaps.size());
  double variance = 0;
  for (const double gap : gaps) {
    variance += (gap - moments.mean) * (gap - moments.mean) / static_cast<double>(gaps.size());
  }
  moments.cv = std::sqrt(variance) / moments.mean;
  return moments;
}

}  // namespace microdc
