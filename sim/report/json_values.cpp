#include "sim/report/json_values.hpp"

#include <nlohmann/json.hpp>

namespace microdc {

nlohmann::ordered_json or_null(const std::optional<double>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json or_null(const std::optional<bool>& value) {
  return value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json or_null(const std::optional<Seconds>& value) {
  return value ? nlohmann::ordered_json(value->value()) : nlohmann::ordered_json(nullptr);
}

nlohmann::ordered_json or_null(const std::optional<Money>& value) {
  return value ? nlohmann::ordered_json(value->value()) : nlohmann::ordered_json(nullptr);
}

}  // namespace microdc
