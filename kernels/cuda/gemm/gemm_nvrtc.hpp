// The GEMM kernel on mma.sync in tiles that are chosen and compiled at run time.
#pragma once

#include <string>
#include <vector>

#include "kernels/cuda/gemm/gemm_tile.hpp"
#include "kernels/cuda/limits.hpp"
#include "kernels/cuda/nvrtc.hpp"

namespace microdc::kernels::cuda {

class Registry;

/// gemm_mma in a tile of a user's choice, compiled for one format.
struct RunTimeGemm {
  GemmTile tile;
  std::string format;  ///< "bf16", "fp16" or "fp8", as in CudaVariant
  CompiledKernel kernel;
};

/// Compiles gemm_mma for a legal tile and one of its formats. Needs no device. Throws Error: no
/// compiler, an architecture that it does not know, registers that do not suffice.
RunTimeGemm compile_tile(const GemmTile& tile, const std::string& format, Capability architecture,
                         const Nvrtc& compiler = Nvrtc::instance());

/// Compiles legal tiles in every format that a device with these limits multiplies. Tiles that it
/// cannot run or that do not compile are added to `left_out`, each with the reason, for the user.
std::vector<RunTimeGemm> compile_tiles(const std::vector<GemmTile>& tiles, const Limits& limits,
                                       std::vector<std::string>& left_out,
                                       const Nvrtc& compiler = Nvrtc::instance());

/// The variants "nvrtc-MxNxK-STAGES-WARPSMxWARPSN" of what the registry has from run time. They
/// reach the device when they are first prepared.
void add_gemm_nvrtc(Registry& registry);

}  // namespace microdc::kernels::cuda
