// As much of JSON Schema (draft 2020-12) as the published schemas of answers use.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"

namespace microdc::testing {

/// A schema with the keywords type, properties, required, additionalProperties, items, enum, const
/// and $ref ("#/$defs/NAME"), beside titles and descriptions. Any other keyword is a violation
/// wherever it stands, so that none is ignored in silence.
class JsonSchema {
 public:
  explicit JsonSchema(OrderedJson schema) : schema_(std::move(schema)) {}
  /// That of `microdc schema NAME`.
  static JsonSchema published(const std::string& name);

  /// What is wrong with a value, each with its place, a line each; empty if it is valid.
  std::string violations(const OrderedJson& value);
  /// Types of the schema that no value so far had, a line each: "/properties/cloud object". A
  /// member that is never written, or never without value, is a part of the schema that nothing
  /// proves.
  [[nodiscard]] std::string unused() const;

 private:
  void check(const OrderedJson& schema, const std::string& at, const OrderedJson& value,
             const std::string& place);
  void check_object(const OrderedJson& schema, const std::string& at, const OrderedJson& value,
                    const std::string& place);
  void add(const std::string& place, const std::string& what);
  void collect_unused(const OrderedJson& schema, const std::string& at, std::string& text) const;

  OrderedJson schema_;
  std::string found_;
  std::map<std::string, std::set<std::string>> seen_;  ///< types by place in the schema
};

}  // namespace microdc::testing
