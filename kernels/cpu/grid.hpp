// How threads share the result of a matrix product.
#pragma once

#include <cstdint>

namespace microdc::kernels {

/// `down` parts of the result's rows times `across` parts of its columns, counted in tiles and
/// panels of them, with the smallest largest part.
struct Grid {
  int down = 1, across = 1;

  Grid(std::int64_t row_tiles, std::int64_t panels, int threads) {
    std::int64_t best = -1;
    for (int wide = threads; wide >= 1; --wide) {
      const int high = threads / wide;
      const std::int64_t part = ((row_tiles + high - 1) / high) * ((panels + wide - 1) / wide);
      if (best >= 0 && part >= best) continue;
      best = part;
      down = high;
      across = wide;
    }
  }
};

}  // namespace microdc::kernels
