#include "kernels/cuda/gemm/gemm_tile.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <tuple>

#include "kernels/cuda/limits.hpp"

namespace microdc::kernels::cuda {
namespace {

// CUDA C++ Programming Guide, table of technical specifications per compute capability.
constexpr int most_threads = 1024;
constexpr int registers_per_multiprocessor = 64 * 1024, most_registers_per_thread = 255;
/// No tile gets near it, and shared_bytes() of such numbers still fits an int.
constexpr int largest_number = 1024;

constexpr const char* tile_form =
    "a tile is written MxNxK-STAGES or MxNxK-STAGES-WARPSMxWARPSN, e.g. 128x192x64-4 or "
    "128x192x64-4-4x2";

/// Takes a number and the separator behind it off the front of a text.
bool take_number(std::string_view& text, char separator, int& number) {
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || number < 1 || number > largest_number) return false;
  text.remove_prefix(static_cast<std::size_t>(stopped - text.data()));
  if (text.empty()) return separator == '\0';
  if (text.front() != separator) return false;
  text.remove_prefix(1);
  return true;
}

/// What no choice of warps could mend.
std::string shape_problem(const GemmTile& tile) {
  if (tile.k != 64 && tile.k != 128) {
    return "k must be 64 (bf16 and fp16) or 128 (fp8): the kernel's rows have 128 bytes of k";
  }
  if (tile.m % 16 != 0 || tile.n % 32 != 0) {
    return "m must be a multiple of 16 and n one of 32: so much do the tensor cores and a warp's "
           "stores take at once";
  }
  if (tile.stages < 2) return "it needs 2 stages at least, one being filled while one is read";
  const int most = shared_bytes_of(Target::sm_90a);
  if (tile.shared_bytes() <= most) return {};
  return "its " + std::to_string(tile.stages) + " stages take " +
         std::to_string(tile.shared_bytes() / 1024) +
         " KiB of shared memory; a block has at most " + std::to_string(most / 1024) + " KiB";
}

std::string register_problem(const GemmTile& tile) {
  // Allotted in eights.
  const int share = registers_per_multiprocessor / tile.threads() / 8 * 8;
  const int most = std::min(most_registers_per_thread, share);
  if (tile.operand_registers() < most) return {};
  return "a warp's part of " + std::to_string(tile.m / tile.warps_m) + " x " +
         std::to_string(tile.n / tile.warps_n) + " takes " +
         std::to_string(tile.operand_registers()) + " registers per thread; a thread of " +
         std::to_string(tile.threads()) + " has at most " + std::to_string(most);
}

std::string warps_problem(const GemmTile& tile) {
  if (tile.threads() > most_threads) {
    return std::to_string(tile.threads()) + " threads are more than a block has (" +
           std::to_string(most_threads) + ")";
  }
  if (tile.m % (16 * tile.warps_m) != 0) {
    return "m must be a multiple of 16 for each of the " + std::to_string(tile.warps_m) +
           " warps along it";
  }
  if (tile.n % (32 * tile.warps_n) != 0) {
    return "n must be a multiple of 32 for each of the " + std::to_string(tile.warps_n) +
           " warps along it";
  }
  // Threads copy by eights, a row of 128 bytes each eight (TileCopy).
  const int rows_per_pass = tile.threads() / 8;
  if (rows_per_pass % 8 != 0 || tile.m % rows_per_pass != 0 || tile.n % rows_per_pass != 0) {
    return std::to_string(tile.threads()) + " threads copy " + std::to_string(rows_per_pass) +
           " rows at a time, which must be a multiple of 8 that divides m and n";
  }
  return {};
}

/// Warps for a tile that does not name them; none if no number of them suits it.
void choose_warps(GemmTile& tile) {
  // As the compiled tiles: 64 x 64 sums per warp; of fp8, which some devices compute in fp16, half.
  const int most_sums = tile.element_bytes() == 2 ? 64 * 64 : 64 * 32;
  GemmTile best = tile;
  using Rank = std::tuple<int, int, int>;
  Rank least{};
  for (int warps_m = 1; warps_m <= 16; ++warps_m) {
    for (int warps_n = 1; warps_n <= 16; ++warps_n) {
      GemmTile candidate = tile;
      candidate.warps_m = warps_m;
      candidate.warps_n = warps_n;
      const int warps = warps_m * warps_n;
      if (warps < 4 || !warps_problem(candidate).empty()) continue;
      if (!register_problem(candidate).empty()) continue;
      const int rows = tile.m / warps_m, columns = tile.n / warps_n;
      if (rows * columns > most_sums) continue;
      const Rank rank{warps, rows + columns, std::abs(warps_m - warps_n)};
      if (best.warps_m > 0 && rank >= least) continue;
      best = candidate;
      least = rank;
    }
  }
  tile = best;
}

}  // namespace

std::string text_of(const GemmTile& tile) {
  return std::to_string(tile.m) + "x" + std::to_string(tile.n) + "x" + std::to_string(tile.k) +
         "-" + std::to_string(tile.stages) + "-" + std::to_string(tile.warps_m) + "x" +
         std::to_string(tile.warps_n);
}

std::string problem_of(const GemmTile& tile) {
  if (std::string problem = shape_problem(tile); !problem.empty()) return problem;
  if (std::string problem = warps_problem(tile); !problem.empty()) return problem;
  return register_problem(tile);
}

ParsedTile parse_gemm_tile(std::string_view text) {
  GemmTile tile;
  const bool warps = std::count(text.begin(), text.end(), '-') == 2;
  bool read = take_number(text, 'x', tile.m) && take_number(text, 'x', tile.n) &&
              take_number(text, '-', tile.k) && take_number(text, warps ? '-' : '\0', tile.stages);
  if (warps) {
    read = read && take_number(text, 'x', tile.warps_m) && take_number(text, '\0', tile.warps_n);
  }
  if (!read) return {tile, tile_form};
  if (warps) return {tile, problem_of(tile)};
  if (std::string problem = shape_problem(tile); !problem.empty()) return {tile, problem};
  choose_warps(tile);
  if (tile.warps_m > 0) return {tile, {}};
  return {tile, "no number of warps divides it into parts that fit their registers"};
}

}  // namespace microdc::kernels::cuda
