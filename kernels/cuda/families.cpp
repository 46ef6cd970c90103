#include "kernels/cuda/families.hpp"

#include <array>

#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

std::span<const FamilyEntry> families() {
  static constexpr std::array all{
      FamilyEntry{"memory", add_memory},
      FamilyEntry{"bulk copies", add_bulk_copies},
      FamilyEntry{"latency and launch", add_latency},
      FamilyEntry{"decode attention", add_attention_decode},
      FamilyEntry{"prefill attention", add_attention_prefill},
      FamilyEntry{"norm and quantisation", add_row_kernels},
      FamilyEntry{"activation and RoPE", add_elementwise},
      FamilyEntry{"sampling", add_sampling},
      FamilyEntry{"all-reduce", add_all_reduce},
  };
  return all;
}

}  // namespace microdc::kernels::cuda
