// Cards of the catalog by name, and sums over operators.
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

#include "models/step_work.hpp"

namespace microdc {

inline const ModelCard& card_named(std::string_view name) {
  static const Result<ModelCatalog> catalog = ModelCatalog::load(data_root() / "models/catalog");
  static const ModelCard none;
  const ModelCard* card = catalog ? catalog->find(name) : nullptr;
  if (card == nullptr) ADD_FAILURE() << "no card " << name << to_text(catalog.diagnostics());
  return card == nullptr ? none : *card;
}

inline double total_flop(const std::vector<Operator>& ops) {
  double total = 0;
  for (const Operator& op : ops) total += flop_of(op.kind).value() * op.count;
  return total;
}

/// All operators of one kind, with their counts.
template <class Kind>
std::vector<std::pair<Kind, double>> operators_of(const std::vector<Operator>& ops) {
  std::vector<std::pair<Kind, double>> found;
  for (const Operator& op : ops) {
    if (const Kind* kind = std::get_if<Kind>(&op.kind)) found.emplace_back(*kind, op.count);
  }
  return found;
}

}  // namespace microdc
