// The numbers of a scenario by their paths: what a tornado turns.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"

namespace microdc {

struct ScenarioLeaf {
  std::string path;   ///< "sites/0/pue", as for --set
  std::string label;  ///< "PUE (hospital)": with the name of the innermost list item
  Dimension dimension = Dimension::none;
  double value = 0;            ///< base units
  std::optional<Range> range;  ///< as the scenario states it
  double min = 0, max = 0;     ///< what the field allows
  bool whole = false;
  bool drawn = false;  ///< replications draw it from its range
};

/// Every number that has a value, in the order of the description.
std::vector<ScenarioLeaf> numeric_leaves(const Scenario& scenario);

/// Puts a value (base units, rounded where the field is whole, kept within its limits) into a leaf;
/// its range, if it has one, goes. False if there is no such leaf.
bool set_leaf(Scenario& scenario, const std::string& path, double value);

/// Whether a path fits a pattern in which * stands for one component.
bool fits(const std::string& path, const std::string& pattern);

}  // namespace microdc
