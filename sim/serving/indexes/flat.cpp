// Exact search: every vector is compared with the query.
#include "sim/serving/index.hpp"

namespace microdc {

IndexKind flat_index() {
  return {"flat", "exact: reads every vector once per search",
          [](const IndexShape& shape, const RetrievalCatalog&) {
            return SearchWork{.read = Bytes(shape.vectors * shape.bytes_per_vector()),
                              .arithmetic = Flop(2 * shape.vectors * shape.dimension)};
          },
          [](const IndexShape& shape, const RetrievalCatalog&) {
            return Bytes(shape.vectors * shape.bytes_per_vector());
          }};
}

}  // namespace microdc
