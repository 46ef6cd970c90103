// A graph of near neighbours in layers (Malkov and Yashunin, IEEE TPAMI 2020, arXiv:1603.09320).
#include <algorithm>

#include "sim/serving/index.hpp"

namespace microdc {
namespace {

constexpr double bytes_per_link = 4;  // hnswlib and FAISS keep 32-bit ids

}  // namespace

IndexKind hnsw_index() {
  return {"hnsw", "approximate: one core walks a graph of near neighbours",
          [](const IndexShape& shape, const RetrievalCatalog& catalog) {
            const HnswFigures& figures = catalog.hnsw;
            const double evaluated =
                std::min(shape.vectors,
                         figures.evaluations->value * figures.ef_search->value * figures.m->value);
            return SearchWork{.read = Bytes(evaluated * shape.bytes_per_vector()),
                              .arithmetic = Flop(2 * evaluated * shape.dimension),
                              .walks = true};
          },
          [](const IndexShape& shape, const RetrievalCatalog& catalog) {
            // The lowest layer holds 2 M links of every vector; those above add a few per cent.
            const double links = 2 * catalog.hnsw.m->value * bytes_per_link;
            return Bytes(shape.vectors * (shape.bytes_per_vector() + links));
          }};
}

}  // namespace microdc
