// Values that may be missing, in JSON: missing is null, never 0.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

namespace microdc {

nlohmann::ordered_json or_null(const std::optional<double>& value);
nlohmann::ordered_json or_null(const std::optional<bool>& value);

/// A quantity in its SI unit.
template <class Quantity>
nlohmann::ordered_json or_null(const std::optional<Quantity>& value) {
  return or_null(value ? std::optional<double>(value->value()) : std::nullopt);
}

}  // namespace microdc
