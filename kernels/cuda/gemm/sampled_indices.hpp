// Which rows and columns of a large result are compared with the reference.
#pragma once

#include <cstdint>
#include <vector>

namespace microdc::kernels::cuda {

/// At most `most` of 0 to count - 1, ascending: all if they are few; otherwise the first, the last,
/// those beside the edges of tiles, and some drawn at random.
std::vector<int> sampled_indices(int count, int most, std::uint64_t seed);

}  // namespace microdc::kernels::cuda
