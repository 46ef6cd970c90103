#include "kernels/cuda/gemm/sampled_indices.hpp"

#include <algorithm>
#include <set>

#include "kernels/cuda/philox.hpp"

namespace microdc::kernels::cuda {

std::vector<int> sampled_indices(int count, int most, std::uint64_t seed) {
  std::set<int> chosen;
  if (count <= most) {
    for (int i = 0; i < count; ++i) chosen.insert(chosen.end(), i);
    return {chosen.begin(), chosen.end()};
  }
  const auto add = [&](int index) {
    if (index >= 0 && index < count && static_cast<int>(chosen.size()) < most) chosen.insert(index);
  };
  for (const int edge : {0, count, 8, 16, 64, 128, 256}) {
    add(edge - 1);
    add(edge);
  }
  add(count - 2);
  for (std::uint32_t draw = 0; static_cast<int>(chosen.size()) < most; ++draw) {
    const PhiloxWords words = philox({{draw, 0, 0, 0}}, static_cast<std::uint32_t>(seed),
                                     static_cast<std::uint32_t>(seed >> 32));
    add(static_cast<int>(words.word[0] % static_cast<std::uint32_t>(count)));
  }
  return {chosen.begin(), chosen.end()};
}

}  // namespace microdc::kernels::cuda
