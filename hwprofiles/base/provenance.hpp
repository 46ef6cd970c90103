#pragma once

#include <string_view>
#include <vector>

#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// Names of Provenance in the enum's order: "measured", "fitted", …
inline const std::vector<std::string_view>& provenance_names() {
  static const std::vector<std::string_view> names{"measured", "fitted",  "datasheet",
                                                   "market",   "derived", "assumed"};
  return names;
}

inline std::string_view name_of(Provenance kind) {
  return provenance_names()[static_cast<std::size_t>(kind)];
}

}  // namespace microdc
