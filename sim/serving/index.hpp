// How vectors are searched: what one search reads, and what the index takes in memory.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hwprofiles/base/units.hpp"
#include "sim/serving/retrieval_catalog.hpp"

namespace microdc {

/// The vectors of a knowledge base, one per chunk.
struct IndexShape {
  double vectors = 0;
  double dimension = 0;
  double bytes_per_element = 2;
  [[nodiscard]] double bytes_per_vector() const { return dimension * bytes_per_element; }
};

/// What one search asks of the device.
struct SearchWork {
  Bytes read;
  Flop arithmetic;  ///< two per dimension and distance
  /// The next read depends on the last one: one core (or multiprocessor) walks alone, at its share
  /// of the memory bandwidth. Otherwise all of them stream.
  bool walks = false;
};

struct IndexKind {
  std::string name;
  std::string description;
  std::function<SearchWork(const IndexShape&, const RetrievalCatalog&)> search;
  /// Vectors and what the index adds to them.
  std::function<Bytes(const IndexShape&, const RetrievalCatalog&)> memory;
};

/// All kinds of index, one file each in indexes/.
const std::vector<IndexKind>& index_kinds();
/// Null if there is none of this name.
const IndexKind* find_index(const std::string& name);

IndexKind flat_index();
IndexKind hnsw_index();
IndexKind ivf_index();

}  // namespace microdc
