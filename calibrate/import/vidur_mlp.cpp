// mlp.csv of Vidur: the GEMMs and elementwise kernels of a decoder layer by number of tokens.
#include <algorithm>
#include <cmath>

#include "calibrate/import/vidur.hpp"

namespace microdc {
namespace {

constexpr double half_precision_bytes = 2;  ///< bytes of an fp16 number

/// The layer of one row, per GPU.
struct Layer {
  double tokens = 0, hidden = 0, inner = 0, q = 0, kv = 0;
  double gate = 1;  ///< matrices beside up_proj's that it holds: 2 with a gate
};

Layer read_layer(VidurRow& row) {
  const double tp = row.positive("num_tensor_parallel_workers");
  const double heads = row.positive("n_head");
  Layer layer{.tokens = row.positive("num_tokens"), .hidden = row.positive("n_embd")};
  const double head_dim = layer.hidden / heads;
  layer.inner = row.positive("n_expanded_embd") / tp;
  layer.q = heads * head_dim / tp;
  // Keys and values are copied where there are fewer heads than GPUs.
  layer.kv = std::max(1.0, row.positive("n_kv_head") / tp) * head_dim;
  layer.gate = row.truth("use_gated_mlp") ? 2 : 1;
  return layer;
}

/// Adds the kernel of one operation, if the file has its time.
class Kernels {
 public:
  Kernels(const CsvTable& csv, std::size_t row, const ImportOptions& options, KernelTable& table)
      : csv_(csv), row_(row), options_(options), table_(table) {}

  void gemm(const char* operation, double m, double n, double k) {
    if (KernelRow* kernel = add(operation)) {
      kernel->operation = KernelOperation::gemm;
      kernel->m = m;
      kernel->n = std::max(1.0, std::round(n));
      kernel->k = std::max(1.0, std::round(k));
    }
  }
  void elementwise(const char* operation, double m, double n, double bytes) {
    if (KernelRow* kernel = add(operation)) {
      kernel->operation = KernelOperation::elementwise;
      kernel->m = m;
      kernel->n = n;
      kernel->bytes = bytes;
    }
  }

 private:
  KernelRow* add(const char* operation) {
    const std::string column = vidur_time(operation);
    if (!csv_.has(column)) return nullptr;
    ++table_.lines;
    VidurRow row(csv_, row_);
    const double milliseconds = row.positive(column);
    if (!row.reason().empty()) {
      ++table_.dropped[row.reason()];
      return nullptr;
    }
    table_.rows.push_back(vidur_kernel(options_));
    table_.rows.back().seconds = 1e-3 * milliseconds;
    return &table_.rows.back();
  }

  const CsvTable& csv_;
  std::size_t row_;
  const ImportOptions& options_;
  KernelTable& table_;
};

void read_row(const CsvTable& csv, std::size_t i, const ImportOptions& options,
              KernelTable& table) {
  VidurRow row(csv, i);
  const Layer l = read_layer(row);
  if (!csv.complete(i)) row.reject("wrong number of fields");
  if (!row.reason().empty()) {
    ++table.lines;
    ++table.dropped[row.reason()];
    return;
  }
  Kernels add(csv, i, options, table);
  add.gemm("attn_pre_proj", l.tokens, l.q + 2 * l.kv, l.hidden);
  add.gemm("attn_post_proj", l.tokens, l.hidden, l.q);
  add.gemm("mlp_up_proj", l.tokens, l.gate * l.inner, l.hidden);
  add.gemm("mlp_down_proj", l.tokens, l.hidden, l.inner);
  // Read and write of each tensor once.
  const double norm = 2 * half_precision_bytes * l.tokens * l.hidden;
  add.elementwise("input_layernorm", l.tokens, l.hidden, norm);
  add.elementwise("post_attention_layernorm", l.tokens, l.hidden, norm);
  add.elementwise("mlp_act", l.tokens, l.inner,
                  (l.gate + 1) * half_precision_bytes * l.tokens * l.inner);
  add.elementwise("attn_rope", l.tokens, l.q + l.kv,
                  2 * half_precision_bytes * l.tokens * (l.q + l.kv));
  add.elementwise("add", l.tokens, l.hidden, 3 * half_precision_bytes * l.tokens * l.hidden);
}

Result<KernelTable> read_vidur_mlp(std::string_view text, const std::string& name,
                                   const ImportOptions& options) {
  if (options.device.empty()) return device_is_needed(name);
  const auto csv = CsvTable::parse(text, name);
  if (!csv) return csv.diagnostics();
  KernelTable table;
  for (std::size_t i = 0; i < csv->size(); ++i) read_row(*csv, i, options, table);
  if (table.rows.empty()) return no_usable_row(name, table);
  return table;
}

bool recognises_vidur_mlp(std::string_view text) {
  const std::string_view header = text.substr(0, text.find('\n'));
  return header.find("time_stats.mlp_up_proj.median") != std::string_view::npos;
}

}  // namespace

KernelFormat vidur_mlp_format() {
  return {"vidur-mlp", "mlp.csv of Vidur: GEMMs and elementwise kernels of a layer",
          recognises_vidur_mlp, read_vidur_mlp};
}

}  // namespace microdc
