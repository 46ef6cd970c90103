#include <algorithm>

#include "sim/serving/index.hpp"

namespace microdc {

const std::vector<IndexKind>& index_kinds() {
  static const std::vector<IndexKind> kinds{flat_index(), hnsw_index(), ivf_index()};
  return kinds;
}

const IndexKind* find_index(const std::string& name) {
  const auto& kinds = index_kinds();
  const auto at = std::find_if(kinds.begin(), kinds.end(),
                               [&](const IndexKind& kind) { return kind.name == name; });
  return at == kinds.end() ? nullptr : &*at;
}

}  // namespace microdc
