#include "tests/support/json_schema.hpp"

#include <algorithm>
#include <fstream>

namespace microdc::testing {
namespace {

const std::set<std::string> keywords{"$schema",    "$defs",       "$ref",
                                     "title",      "description", "type",
                                     "properties", "required",    "additionalProperties",
                                     "items",      "enum",        "const"};

std::string type_of(const OrderedJson& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "boolean";
  if (value.is_number_integer()) return "integer";
  if (value.is_number()) return "number";
  if (value.is_string()) return "string";
  return value.is_array() ? "array" : "object";
}

std::vector<std::string> types_of(const OrderedJson& schema) {
  if (!schema.contains("type")) return {};
  const OrderedJson& type = schema["type"];
  if (type.is_string()) return {type.get<std::string>()};
  return type.get<std::vector<std::string>>();
}

}  // namespace

JsonSchema JsonSchema::published(const std::string& name) {
  std::ifstream file(data_root() / "scenarios/schemas" / (name + ".json"));
  return JsonSchema(OrderedJson::parse(file));
}

std::string JsonSchema::violations(const OrderedJson& value) {
  found_.clear();
  check(schema_, "", value, "");
  return found_;
}

void JsonSchema::add(const std::string& place, const std::string& what) {
  found_ += (place.empty() ? "/" : place) + ": " + what + "\n";
}

void JsonSchema::check(const OrderedJson& schema, const std::string& at, const OrderedJson& value,
                       const std::string& place) {
  for (const auto& [keyword, content] : schema.items()) {
    if (!keywords.contains(keyword)) add(place, "the schema has the unknown keyword " + keyword);
  }
  if (schema.contains("$ref")) {
    const std::string target = schema["$ref"].get<std::string>().substr(1);
    check(schema_.at(OrderedJson::json_pointer(target)), target, value, place);
  }
  const std::vector<std::string> types = types_of(schema);
  std::string type = type_of(value);
  const auto allows = [&](const std::string& name) {
    return std::find(types.begin(), types.end(), name) != types.end();
  };
  // An integer is a number, too.
  if (type == "integer" && !allows(type)) type = "number";
  if (!types.empty() && !allows(type)) return add(place, "may not be a " + type_of(value));
  seen_[at].insert(type);
  if (schema.contains("const") && schema["const"] != value) {
    add(place, "has to be " + schema["const"].dump() + ", is " + value.dump());
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    add(place, value.dump() + " is none of " + schema["enum"].dump());
  }
  if (value.is_object()) check_object(schema, at, value, place);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      check(schema["items"], at + "/items", value[i], place + "/" + std::to_string(i));
    }
  }
}

void JsonSchema::check_object(const OrderedJson& schema, const std::string& at,
                              const OrderedJson& value, const std::string& place) {
  static const OrderedJson none = OrderedJson::object();
  const OrderedJson& properties = schema.contains("properties") ? schema["properties"] : none;
  for (const OrderedJson& name : schema.value("required", OrderedJson::array())) {
    if (!value.contains(name.get<std::string>())) {
      add(place, "lacks " + name.get<std::string>());
    }
  }
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      check(properties[name], at + "/properties/" + name, member, place + "/" + name);
    } else if (schema.contains("additionalProperties")) {
      const OrderedJson& others = schema["additionalProperties"];
      if (others.is_object()) {
        check(others, at + "/additionalProperties", member, place + "/" + name);
      } else if (others == false) {
        add(place, "may not have " + name);
      }
    }
  }
}

std::string JsonSchema::unused() const {
  std::string text;
  collect_unused(schema_, "", text);
  return text;
}

void JsonSchema::collect_unused(const OrderedJson& schema, const std::string& at,
                                std::string& text) const {
  const auto seen = seen_.find(at);
  for (const std::string& type : types_of(schema)) {
    if (seen == seen_.end() || !seen->second.contains(type)) text += at + " " + type + "\n";
  }
  for (const char* group : {"properties", "$defs"}) {
    if (!schema.contains(group)) continue;
    for (const auto& [name, part] : schema[group].items()) {
      collect_unused(part, at + "/" + group + "/" + name, text);
    }
  }
  if (schema.contains("items")) collect_unused(schema["items"], at + "/items", text);
  if (schema.contains("additionalProperties") && schema["additionalProperties"].is_object()) {
    collect_unused(schema["additionalProperties"], at + "/additionalProperties", text);
  }
}

}  // namespace microdc::testing
