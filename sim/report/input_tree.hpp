// Every variable of a described struct as a tree: for looking for differences and for listing where
// figures come from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/fields.hpp"

namespace microdc {

struct InputNode {
  enum class Kind { leaf, object, list };
  Kind kind = Kind::leaf;
  std::string key;    ///< name of the field; of a list's item its name, else its position
  std::string label;  ///< for people
  /// Leaves: as a person would write the value; empty: not set.
  std::string text;
  std::optional<double> number;  ///< of leaves that are one
  /// Where the number may lie, as a person would write it.
  std::string low, high;
  std::optional<Provenance> provenance;  ///< of figures
  std::string source, date;
  std::vector<InputNode> children;

  /// Null if there is none of this key.
  [[nodiscard]] const InputNode* child(std::string_view wanted) const;
};

/// The tree of a described struct; amounts without a currency of their own are in `currency`.
InputNode input_tree(const FieldVisitor::Describe& describe_object, std::string_view currency = "");

}  // namespace microdc
