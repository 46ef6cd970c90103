// The table of kernel families. Each adds its variants to the registry.
#pragma once

#include <span>

namespace microdc::kernels::cuda {

class Registry;

struct FamilyEntry {
  const char* name;
  void (*add_variants)(Registry&);
};

std::span<const FamilyEntry> families();

void add_memory(Registry& registry);
void add_bulk_copies(Registry& registry);
void add_latency(Registry& registry);
void add_attention_decode(Registry& registry);
void add_attention_decode_bulk(Registry& registry);
void add_attention_decode_columns(Registry& registry);
void add_attention_prefill(Registry& registry);
void add_attention_prefill_wgmma(Registry& registry);
void add_row_kernels(Registry& registry);
void add_elementwise(Registry& registry);
void add_sampling(Registry& registry);
void add_all_reduce(Registry& registry);

}  // namespace microdc::kernels::cuda
