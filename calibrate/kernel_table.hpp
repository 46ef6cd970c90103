// Measured kernel times from a CSV file (columns: docs/calibrate.md).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

/// How `microdc calibrate` times: medians of graph replays over operands that rotate past the
/// caches.
inline constexpr const char* own_timing_method = "graph_median";

enum class KernelOperation { gemm, attention_prefill, attention_decode, elementwise, all_reduce };

/// One measured kernel. Shapes are those of one GPU; what does not apply to the operation is zero.
struct KernelRow {
  std::string source;  ///< project that measured
  std::string device;  ///< as written in the file
  std::string engine;  ///< lower case, '_' as '-': "vllm", "nccl", "vllm-custom-graph"
  std::string engine_version;
  std::string method;  ///< of timing; own_timing_method: ours
  KernelOperation operation = KernelOperation::gemm;
  NumberFormat format = NumberFormat::bf16;
  NumberFormat kv_format = NumberFormat::bf16;
  double m = 0, n = 0, k = 0;
  double batch = 0, queries = 0, context = 0, q_heads = 0, kv_heads = 0, head_dim = 0;
  double group = 0, message = 0;  ///< ranks; bytes per GPU
  double bytes = 0;               ///< elementwise traffic
  double seconds = 0;
};

/// How many rows were left out, by reason. Ordered by reason: same file, same report.
using DroppedRows = std::map<std::string, std::int64_t>;

struct KernelTable {
  std::vector<KernelRow> rows;
  std::int64_t lines = 0;  ///< rows in the file, without the header
  DroppedRows dropped;
};

/// "a reason (3 rows); another (1 row)", the most frequent first; long lists are cut.
std::string reasons_text(const DroppedRows& dropped);

/// Reads the table. A row that cannot be used is counted with its reason, never an error. Errors:
/// no such file, no header, a column that every operation needs is missing, no usable row at all.
Result<KernelTable> read_kernel_table(const std::filesystem::path& path);
/// The same from text; `name` for messages.
Result<KernelTable> parse_kernel_table(std::string_view text, const std::string& name);
/// The error when a file holds nothing that can be used, with every reason.
Diagnostic no_usable_row(const std::string& name, const KernelTable& table);

}  // namespace microdc
