// The devices of this machine by the words of the command line.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "calibrate/measure/result_store.hpp"
#include "hwprofiles/base/diagnostics.hpp"
#include "kernels/cuda/gemm/gemm_tile.hpp"
#include "kernels/kernel.hpp"

namespace microdc {

using FurtherTiles = std::vector<kernels::cuda::GemmTile>;

/// Tiles of the CUDA GEMM kernel that are to be compiled besides those of the build, from
/// "128x192x64-4,192x128x64-3". Errors: a word that is no tile, a tile that no device could run,
/// one that stands twice.
Result<FurtherTiles> further_tiles_of(const std::string& list);

/// Opens "cpu" or "cuda:INDEX". Errors: no such word; a GPU that is not there; a build without
/// CUDA; tiles for a CPU. Warnings: tiles that this device or machine has to do without.
Result<std::shared_ptr<kernels::Device>> open_device(const std::string& word,
                                                     const FurtherTiles& tiles = {});

/// What its results belong to. `date`: today's.
MeasuredMachine machine_of(kernels::Device& device, bool quick, std::int64_t seed,
                           const FurtherTiles& tiles = {});

}  // namespace microdc
