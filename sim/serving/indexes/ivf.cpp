// Vectors in lists around centroids; a search reads the lists whose centroids are nearest (Jegou,
// Douze, Schmid, IEEE TPAMI 2011; without their compression of vectors).
#include <algorithm>
#include <cmath>

#include "sim/serving/index.hpp"

namespace microdc {
namespace {

constexpr double bytes_per_id = 8;

double lists_of(const IndexShape& shape, const IvfFigures& figures) {
  const double lists = std::round(figures.lists_per_root->value * std::sqrt(shape.vectors));
  return std::clamp(lists, 1.0, shape.vectors);
}

}  // namespace

IndexKind ivf_index() {
  return {"ivf", "approximate: reads the lists whose centroids are nearest",
          [](const IndexShape& shape, const RetrievalCatalog& catalog) {
            const double lists = lists_of(shape, catalog.ivf);
            const double probed = std::min(1.0, catalog.ivf.nprobe->value / lists);
            const double compared = lists + probed * shape.vectors;
            return SearchWork{.read = Bytes(compared * shape.bytes_per_vector()),
                              .arithmetic = Flop(2 * compared * shape.dimension)};
          },
          [](const IndexShape& shape, const RetrievalCatalog& catalog) {
            const double centroids = lists_of(shape, catalog.ivf) * shape.bytes_per_vector();
            return Bytes(shape.vectors * (shape.bytes_per_vector() + bytes_per_id) + centroids);
          }};
}

}  // namespace microdc
