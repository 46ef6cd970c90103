// In what two scenarios differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace microdc {

struct InputChange {
  std::string path;             ///< "pools/chat/replicas": items of lists by their name
  std::string label;            ///< of the field, for people
  std::string from, to;         ///< as a person would write them; empty: not there
  std::optional<double> ratio;  ///< to / from, of numbers above zero
};

/// Every variable with different values, the largest changes first: what is there in one only, then
/// texts and choices, then numbers by |log ratio|, then names; of equal ones in the order of the
/// file. Items of lists are paired by name, the rest by position. Name and description of the
/// scenarios do not count.
std::vector<InputChange> changed_inputs(const Scenario& first, const Scenario& other);

}  // namespace microdc
