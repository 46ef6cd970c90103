// Importing a config that a test writes as text.
#pragma once

#include <string>
#include <string_view>

#include "models/model_card.hpp"

namespace microdc {

/// Parses the text and imports it as file "config.json"; a text that is no JSON fails the test.
Result<ModelCard> import_text(std::string_view text, const std::string& name = "org/model");

/// A valid Llama config with one field replaced or added: `"key": value` as JSON text.
std::string llama_config_with(std::string_view key, std::string_view value);
/// The same without one field.
std::string llama_config_without(std::string_view key);

}  // namespace microdc
