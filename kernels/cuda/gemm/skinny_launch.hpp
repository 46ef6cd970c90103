// How the GEMM kernels for a few tokens are registered and launched.
#pragma once

#include <string>
#include <utility>

#include "kernels/cuda/gemm/gemm_problem.hpp"
#include "kernels/cuda/gemm/skinny_tile.cuh"

namespace microdc::kernels::cuda {

/// Splits of k have at least this many units.
inline constexpr int least_units = 4;

template <class Weights, class Tile>
SkinnyPlan skinny_plan_of(const Limits& limits, std::int64_t n, std::int64_t k, int blocks_each) {
  return skinny_plan(static_cast<int>(n), divided_up(k, unit_k<Weights>), Tile::rows,
                     limits.multiprocessors * blocks_each, least_units);
}

/// Counters of arrivals come first in the workspace, partial sums at the next multiple of 256.
inline std::size_t arrival_bytes(const SkinnyPlan& plan) {
  constexpr std::size_t alignment = 256;
  return (static_cast<std::size_t>(plan.row_blocks) * sizeof(unsigned) + alignment - 1) /
         alignment * alignment;
}

template <class Tile>
std::size_t skinny_workspace_bytes(const SkinnyPlan& plan) {
  if (plan.splits == 1) return 0;
  return arrival_bytes(plan) + sizeof(float) * Tile::tokens * Tile::rows *
                                   static_cast<std::size_t>(plan.row_blocks) *
                                   static_cast<std::size_t>(plan.splits);
}

inline SkinnyArguments skinny_arguments(const GemmOperands& of, const SkinnyPlan& plan) {
  SkinnyArguments arguments{static_cast<const __nv_bfloat16*>(of.a),
                            static_cast<const unsigned char*>(of.weights),
                            of.scales,
                            static_cast<__nv_bfloat16*>(of.c),
                            nullptr,
                            nullptr,
                            of.m,
                            of.n,
                            of.k};
  if (plan.splits > 1) {
    auto* workspace = static_cast<std::byte*>(of.workspace);
    arguments.arrivals = reinterpret_cast<unsigned*>(workspace);
    arguments.partial = reinterpret_cast<float*>(workspace + arrival_bytes(plan));
  }
  return arguments;
}

inline dim3 skinny_grid(const SkinnyPlan& plan) {
  return {static_cast<unsigned>(plan.row_blocks), static_cast<unsigned>(plan.splits)};
}

/// All of a variant but its call. `family` begins its name.
template <class Weights, class Tile>
GemmKernel skinny_kernel(const std::string& family, int blocks_each) {
  GemmKernel kernel;
  kernel.format = Weights::format;
  kernel.name = family + "-" + std::to_string(Tile::tokens) + "x" + std::to_string(Tile::rows) +
                "-" + std::to_string(Tile::stages);
  kernel.formats = {Element::bf16, Weights::element, Element::bf16, bf16_gemm.tolerance};
  if constexpr (activation_bytes<Weights> == 1) kernel.formats = fp8_gemm;
  // Twice the tokens would be wasted on fewer than half; there is a narrower tile.
  kernel.accepts = [](const Limits&, const Shape& shape) {
    return shape.m <= Tile::tokens && (Tile::tokens == 8 || shape.m > Tile::tokens / 2) &&
           (Weights::scale != ScaleKind::group || shape.k % int4_group == 0);
  };
  kernel.workspace_bytes = [blocks_each](const Limits& limits, const Shape& shape) {
    return skinny_workspace_bytes<Tile>(
        skinny_plan_of<Weights, Tile>(limits, shape.n, shape.k, blocks_each));
  };
  return kernel;
}

}  // namespace microdc::kernels::cuda
