// Values that may be missing, in JSON: missing is null, never 0.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>

namespace microdc {

/// The number, or the quantity in its SI unit.
template <class T>
nlohmann::ordered_json or_null(const std::optional<T>& value) {
  if (!value) return nullptr;
  if constexpr (requires { value->value(); }) {
    return value->value();
  } else {
    return *value;
  }
}

}  // namespace microdc
