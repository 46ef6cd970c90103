// attention.csv of Vidur: prefill of chunks and decode of batches over a paged KV cache.
#include <algorithm>
#include <cmath>

#include "calibrate/import/vidur.hpp"

namespace microdc {
namespace {

/// The kernel of one row: a chunk behind `kv_cache_size` tokens, or one token per sequence.
KernelRow read_kernel(VidurRow& row, const ImportOptions& options) {
  KernelRow kernel = vidur_kernel(options);
  const double tp = row.positive("num_tensor_parallel_workers");
  const double heads = row.positive("n_q_head");
  kernel.head_dim = std::max(1.0, std::round(row.positive("n_embd") / heads));
  kernel.q_heads = std::max(1.0, heads / tp);
  kernel.kv_heads = std::max(1.0, row.positive("n_kv_head") / tp);
  kernel.batch = row.positive("batch_size");
  if (row.truth("is_prefill")) {
    kernel.operation = KernelOperation::attention_prefill;
    kernel.queries = row.positive("prefill_chunk_size");
    kernel.context = row.count("kv_cache_size") + kernel.queries;
    kernel.seconds = 1e-3 * row.positive(vidur_time("attn_prefill"));
  } else {
    kernel.operation = KernelOperation::attention_decode;
    kernel.queries = 1;
    kernel.context = row.positive("kv_cache_size");
    kernel.seconds = 1e-3 * row.positive(vidur_time("attn_decode"));
  }
  return kernel;
}

Result<KernelTable> read_vidur_attention(std::string_view text, const std::string& name,
                                         const ImportOptions& options) {
  if (options.device.empty()) return device_is_needed(name);
  const auto csv = CsvTable::parse(text, name);
  if (!csv) return csv.diagnostics();
  KernelTable table;
  table.lines = static_cast<std::int64_t>(csv->size());
  for (std::size_t i = 0; i < csv->size(); ++i) {
    VidurRow row(*csv, i);
    if (!csv->complete(i)) row.reject("wrong number of fields");
    KernelRow kernel = read_kernel(row, options);
    if (row.reason().empty()) {
      table.rows.push_back(std::move(kernel));
    } else {
      ++table.dropped[row.reason()];
    }
  }
  if (table.rows.empty()) return no_usable_row(name, table);
  return table;
}

bool recognises_vidur_attention(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  return header.find("time_stats.attn_prefill.median") != std::string_view::npos &&
         header.find("kv_cache_size") != std::string_view::npos;
}

}  // namespace

KernelFormat vidur_attention_format() {
  return {"vidur-attention", "attention.csv of Vidur: prefill and decode attention",
          recognises_vidur_attention, read_vidur_attention};
}

}  // namespace microdc
