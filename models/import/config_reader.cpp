#include "models/import/config_reader.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace microdc {
namespace {

/// Doubles beyond this hold no exact whole numbers.
constexpr double largest_whole_double = 9007199254740992.0;
/// A list longer than this is not a description of layers.
constexpr std::size_t longest_list = 100'000;

std::string excerpt(const Json& value) {
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > 60) {
    text.resize(57);
    text += "...";
  }
  return text;
}

}  // namespace

ConfigReader::ConfigReader(const Json& object, std::string file, std::string place,
                           Diagnostics& findings)
    : object_(&object), file_(std::move(file)), place_(std::move(place)), findings_(&findings) {
  if (!object.is_object()) {
    findings_->add({.file = file_,
                    .place = place_,
                    .message = "a model configuration must be a JSON object",
                    .found = excerpt(object),
                    .allowed = "the content of a Hugging Face config.json"});
  }
}

std::string ConfigReader::place_of(std::string_view key) const {
  std::string place = place_ + "/";
  for (const char c : key) {
    if (c == '~')
      place += "~0";
    else if (c == '/')
      place += "~1";
    else
      place += c;
  }
  return place;
}

bool ConfigReader::has(std::string_view key) const {
  if (!object_->is_object()) return false;
  const auto at = object_->find(std::string(key));
  return at != object_->end() && !at->is_null();
}

bool ConfigReader::has_number(std::string_view key) const {
  return has(key) && object_->at(std::string(key)).is_number();
}

const Json* ConfigReader::find(std::string_view key) {
  read_.emplace(key);
  return has(key) ? &object_->at(std::string(key)) : nullptr;
}

void ConfigReader::wrong_type(const Json& item, const std::string& place, std::string allowed) {
  findings_->add({.file = file_,
                  .place = place,
                  .message = "the field has the wrong type",
                  .found = excerpt(item),
                  .allowed = std::move(allowed)});
}

std::optional<std::int64_t> ConfigReader::whole_number(const Json& item, const std::string& place,
                                                       std::int64_t min, std::int64_t max) {
  const std::string allowed = fmt::format("a whole number from {} to {}", min, max);
  std::optional<std::int64_t> value;
  if (item.is_number_unsigned()) {
    const auto large = item.get<std::uint64_t>();
    if (large <= static_cast<std::uint64_t>(max)) value = static_cast<std::int64_t>(large);
  } else if (item.is_number_integer()) {
    value = item.get<std::int64_t>();
  } else if (item.is_number_float()) {
    const double real = item.get<double>();
    if (std::floor(real) != real) {
      wrong_type(item, place, allowed);
      return std::nullopt;
    }
    if (std::abs(real) <= largest_whole_double) value = static_cast<std::int64_t>(real);
  } else {
    wrong_type(item, place, allowed);
    return std::nullopt;
  }
  if (value && *value >= min && *value <= max) return value;
  findings_->add({.file = file_,
                  .place = place,
                  .message = "the number is out of range",
                  .found = excerpt(item),
                  .allowed = allowed});
  return std::nullopt;
}

std::int64_t ConfigReader::required_integer(std::string_view key, std::int64_t min,
                                            std::int64_t max) {
  const Json* item = find(key);
  if (item != nullptr) return whole_number(*item, place_of(key), min, max).value_or(min);
  findings_->add(
      {.file = file_,
       .place = place_of(key),
       .message = fmt::format("the field \"{}\" is missing", key),
       .allowed = fmt::format("a whole number from {} to {}", min, max),
       .fix = "take the config.json of the model itself, not of an adapter or tokenizer"});
  return min;
}

std::int64_t ConfigReader::integer(std::string_view key, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) {
  const Json* item = find(key);
  return item == nullptr ? fallback
                         : whole_number(*item, place_of(key), min, max).value_or(fallback);
}

bool ConfigReader::boolean(std::string_view key, bool fallback) {
  const Json* item = find(key);
  if (item == nullptr) return fallback;
  if (item->is_boolean()) return item->get<bool>();
  wrong_type(*item, place_of(key), "true or false");
  return fallback;
}

std::string ConfigReader::text(std::string_view key, std::string_view fallback) {
  const Json* item = find(key);
  if (item == nullptr) return std::string(fallback);
  if (item->is_string()) return item->get<std::string>();
  wrong_type(*item, place_of(key), "a text in quotes");
  return std::string(fallback);
}

std::vector<std::string> ConfigReader::texts(std::string_view key) {
  std::vector<std::string> values;
  const Json* list = find(key);
  if (list == nullptr) return values;
  if (!list->is_array() || list->size() > longest_list) {
    wrong_type(*list, place_of(key), "a list of texts");
    return values;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const Json& item = (*list)[i];
    if (item.is_string())
      values.push_back(item.get<std::string>());
    else
      wrong_type(item, fmt::format("{}/{}", place_of(key), i), "a text in quotes");
  }
  return values;
}

std::vector<std::int64_t> ConfigReader::integers(std::string_view key, std::int64_t min,
                                                 std::int64_t max) {
  std::vector<std::int64_t> values;
  const Json* list = find(key);
  if (list == nullptr) return values;
  if (!list->is_array() || list->size() > longest_list) {
    wrong_type(*list, place_of(key), "a list of whole numbers");
    return values;
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const auto value = whole_number((*list)[i], fmt::format("{}/{}", place_of(key), i), min, max);
    if (value) values.push_back(*value);
  }
  return values;
}

std::optional<ConfigReader> ConfigReader::object(std::string_view key) {
  const Json* item = find(key);
  if (item == nullptr) return std::nullopt;
  if (item->is_object()) return ConfigReader(*item, file_, place_of(key), *findings_);
  wrong_type(*item, place_of(key), "an object");
  return std::nullopt;
}

std::vector<ConfigReader> ConfigReader::objects() {
  std::vector<ConfigReader> members;
  if (!object_->is_object()) return members;
  for (const auto& [key, item] : object_->items()) {
    read_.emplace(key);
    if (item.is_object()) members.emplace_back(item, file_, place_of(key), *findings_);
  }
  return members;
}

void ConfigReader::ignore(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) read_.emplace(key);
}

void ConfigReader::report_unread() {
  if (!object_->is_object()) return;
  for (const auto& [key, item] : object_->items()) {
    if (read_.contains(key)) continue;
    note(key, "the field is not known and was not used", excerpt(item));
  }
}

void ConfigReader::error(std::string_view key, std::string message, std::string found,
                         std::string allowed, std::string fix) {
  findings_->add({.file = file_,
                  .place = place_of(key),
                  .message = std::move(message),
                  .found = std::move(found),
                  .allowed = std::move(allowed),
                  .fix = std::move(fix)});
}

void ConfigReader::note(std::string_view key, std::string message, std::string found) {
  findings_->add({.severity = Severity::note,
                  .file = file_,
                  .place = place_of(key),
                  .message = std::move(message),
                  .found = std::move(found)});
}

}  // namespace microdc
