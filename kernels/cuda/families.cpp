#include "kernels/cuda/families.hpp"

#include <array>

#include "kernels/cuda/gemm/cublaslt.hpp"
#include "kernels/cuda/gemm/gemm_mma.hpp"
#include "kernels/cuda/gemm/gemm_nvrtc.hpp"
#include "kernels/cuda/gemm/gemm_wgmma.hpp"
#include "kernels/cuda/gemm/skinny.hpp"
#include "kernels/cuda/peak/peak.hpp"
#include "kernels/cuda/registry.hpp"

namespace microdc::kernels::cuda {

std::span<const FamilyEntry> families() {
  static constexpr std::array all{
      FamilyEntry{"memory", add_memory},
      FamilyEntry{"bulk copies", add_bulk_copies},
      FamilyEntry{"latency and launch", add_latency},
      FamilyEntry{"decode attention", add_attention_decode},
      FamilyEntry{"decode attention by bulk copies", add_attention_decode_bulk},
      FamilyEntry{"decode attention with heads as columns", add_attention_decode_columns},
      FamilyEntry{"prefill attention", add_attention_prefill},
      FamilyEntry{"prefill attention on wgmma", add_attention_prefill_wgmma},
      FamilyEntry{"norm and quantisation", add_row_kernels},
      FamilyEntry{"activation and RoPE", add_elementwise},
      FamilyEntry{"sampling", add_sampling},
      FamilyEntry{"all-reduce", add_all_reduce},
      FamilyEntry{"GEMM on mma.sync", add_gemm_mma},
      FamilyEntry{"fp8 GEMM on mma.sync", add_gemm_mma_fp8},
      FamilyEntry{"GEMM on mma.sync, compiled at run time", add_gemm_nvrtc},
      FamilyEntry{"GEMM on wgmma", add_gemm_wgmma},
      FamilyEntry{"GEMM of few tokens on CUDA cores", add_gemv},
      FamilyEntry{"GEMM of few tokens on mma.sync", add_skinny},
      FamilyEntry{"GEMM of few tokens on wgmma", add_skinny_wgmma},
      FamilyEntry{"GEMM of cuBLASLt", add_cublaslt},
      FamilyEntry{"peak of mma.sync", add_mma_peak},
      FamilyEntry{"fp8 peak of mma.sync", add_mma_peak_fp8},
      FamilyEntry{"peak of wgmma", add_wgmma_peak},
  };
  return all;
}

}  // namespace microdc::kernels::cuda
