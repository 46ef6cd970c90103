// Values that may be missing, in JSON: missing is null, never 0.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "hwprofiles/base/units.hpp"

namespace microdc {

nlohmann::ordered_json or_null(const std::optional<double>& value);
nlohmann::ordered_json or_null(const std::optional<bool>& value);

nlohmann::ordered_json or_null(const std::optional<Seconds>& value);
/// In its currency, which stands beside it.
nlohmann::ordered_json or_null(const std::optional<Money>& value);

}  // namespace microdc
