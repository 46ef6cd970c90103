// Writing described structs: as JSON, and as the JSON Schema of their shape.
#include <cmath>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/base/provenance.hpp"

namespace microdc {
namespace {

class WriteVisitor final : public FieldVisitor {
 public:
  explicit WriteVisitor(std::string_view currency) : currency_(currency) {}

  void number(const FieldInfo& info, double& value) override { put(info, quantity(info, value)); }
  void number(const FieldInfo& info, std::optional<double>& value) override {
    if (value) put(info, quantity(info, *value));
  }
  void integer(const FieldInfo& info, std::int64_t& value) override { put(info, value); }
  void integer(const FieldInfo& info, std::optional<std::int64_t>& value) override {
    if (value) put(info, *value);
  }
  void boolean(const FieldInfo& info, bool& value) override { put(info, value); }
  void text(const FieldInfo& info, std::string& value) override {
    if (!value.empty() || info.required) put(info, value);
  }
  void texts(const FieldInfo& info, std::vector<std::string>& values) override {
    if (!values.empty()) put(info, values);
  }
  void numbers(const FieldInfo& info, std::vector<double>& values) override {
    OrderedJson items = OrderedJson::array();
    for (const double value : values) items.push_back(quantity(info, value));
    if (!values.empty()) put(info, std::move(items));
  }
  void figure(const FieldInfo& info, std::optional<Figure>& value) override {
    if (!value) return;
    const auto money = [&](double number) {
      return info.dimension == Dimension::none
                 ? OrderedJson(number)
                 : OrderedJson(format_quantity(number, info.dimension, value->currency));
    };
    OrderedJson item;
    item["value"] = money(value->value);
    if (value->low) item["low"] = money(*value->low);
    if (value->high) item["high"] = money(*value->high);
    item["kind"] = name_of(value->kind);
    item["source"] = value->source;
    if (!value->date.empty()) item["date"] = value->date;
    put(info, std::move(item));
  }
  void ranged(const FieldInfo& info, std::optional<double>& value,
              std::optional<Range>& range) override {
    if (!value) return;
    if (!range) return put(info, quantity(info, *value));
    put(info, write_fields([&](FieldVisitor& v) { describe_ranged(v, info, *value, *range); },
                           currency_));
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
              int& index) override {
    put(info, names.at(static_cast<std::size_t>(index)));
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    if (present == nullptr || *present) put(info, write_fields(describe_object, currency_));
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    OrderedJson written = OrderedJson::array();
    for (std::size_t i = 0; i < items.size(); ++i) {
      written.push_back(
          write_fields([&](FieldVisitor& v) { items.describe_item(v, i); }, currency_));
    }
    if (!written.empty()) put(info, std::move(written));
  }

  OrderedJson take() { return std::move(json_); }

 private:
  OrderedJson quantity(const FieldInfo& info, double value) const {
    if (info.dimension == Dimension::none) return value;
    return format_quantity(value, info.dimension, currency_);
  }
  template <class T>
  void put(const FieldInfo& info, T&& value) {
    json_[std::string(info.name)] = std::forward<T>(value);
  }
  std::string_view currency_;
  OrderedJson json_ = OrderedJson::object();
};

class SchemaVisitor final : public FieldVisitor {
 public:
  void number(const FieldInfo& info, double& value) override {
    OrderedJson schema = number_schema(info);
    if (!info.required) schema["default"] = default_of(info, value);
    add(info, std::move(schema));
  }
  void number(const FieldInfo& info, std::optional<double>&) override {
    add(info, number_schema(info));
  }
  void integer(const FieldInfo& info, std::int64_t& value) override {
    OrderedJson schema = integer_schema(info);
    if (!info.required) schema["default"] = value;
    add(info, std::move(schema));
  }
  void integer(const FieldInfo& info, std::optional<std::int64_t>&) override {
    add(info, integer_schema(info));
  }
  void boolean(const FieldInfo& info, bool& value) override {
    add(info, {{"type", "boolean"}, {"default", value}});
  }
  void text(const FieldInfo& info, std::string& value) override {
    OrderedJson schema = text_schema(info);
    if (!info.required && !value.empty()) schema["default"] = value;
    add(info, std::move(schema));
  }
  void texts(const FieldInfo& info, std::vector<std::string>&) override {
    add(info, {{"type", "array"}, {"items", text_schema(info)}});
  }
  void numbers(const FieldInfo& info, std::vector<double>&) override {
    add(info, {{"type", "array"}, {"items", number_schema(info)}});
  }
  void figure(const FieldInfo& info, std::optional<Figure>&) override {
    OrderedJson schema{{"type", "object"}, {"required", {"value", "kind", "source"}}};
    schema["properties"] = {{"value", number_schema(info)},
                            {"low", number_schema(info)},
                            {"high", number_schema(info)},
                            {"kind", {{"enum", provenance_names()}}},
                            {"source", {{"type", "string"}}},
                            {"date", {{"type", "string"}}}};
    add(info, std::move(schema));
  }
  void ranged(const FieldInfo& info, std::optional<double>& value, std::optional<Range>&) override {
    double best = 0;
    Range range;
    OrderedJson schema;
    schema["anyOf"] = {number_schema(info), object_schema([&](FieldVisitor& v) {
                         describe_ranged(v, info, best, range);
                       })};
    if (value && !info.required) schema["default"] = default_of(info, *value);
    add(info, std::move(schema));
  }
  void choice(const FieldInfo& info, const std::vector<std::string_view>& names,
              int& index) override {
    OrderedJson schema{{"enum", names}};
    if (!info.required) schema["default"] = names.at(static_cast<std::size_t>(index));
    add(info, std::move(schema));
  }
  void nested(const FieldInfo& info, const Describe& describe_object, bool* present) override {
    OrderedJson schema = object_schema(describe_object);
    // An object that always exists may be left out; its fields then have their defaults.
    if (present == nullptr && !info.required) schema["default"] = OrderedJson::object();
    add(info, std::move(schema));
  }
  void list(const FieldInfo& info, const ListAccess& items) override {
    add(info, {{"type", "array"},
               {"items", object_schema([&](FieldVisitor& v) {
                  items.describe_item(v, items.size());
                })}});
  }

  static OrderedJson object_schema(const Describe& describe_object) {
    SchemaVisitor visitor;
    describe_object(visitor);
    OrderedJson schema{{"type", "object"}, {"additionalProperties", false}};
    schema["properties"] = std::move(visitor.properties_);
    if (!visitor.required_.empty()) schema["required"] = std::move(visitor.required_);
    return schema;
  }

 private:
  static OrderedJson default_of(const FieldInfo& info, double value) {
    return info.dimension == Dimension::none ? OrderedJson(value)
                                             : OrderedJson(format_quantity(value, info.dimension));
  }
  static OrderedJson number_schema(const FieldInfo& info) {
    OrderedJson schema;
    if (info.dimension == Dimension::none) {
      schema["type"] = "number";
      if (std::isfinite(info.min)) schema["minimum"] = info.min;
      if (std::isfinite(info.max)) schema["maximum"] = info.max;
      return schema;
    }
    schema["type"] = {"string", "number"};
    schema["x-units"] = allowed_units(info.dimension);
    if (std::isfinite(info.min)) schema["x-minimum"] = format_quantity(info.min, info.dimension);
    if (std::isfinite(info.max)) schema["x-maximum"] = format_quantity(info.max, info.dimension);
    return schema;
  }
  static OrderedJson integer_schema(const FieldInfo& info) {
    OrderedJson schema{{"type", "integer"}};
    if (std::isfinite(info.min)) schema["minimum"] = static_cast<std::int64_t>(info.min);
    if (std::isfinite(info.max)) schema["maximum"] = static_cast<std::int64_t>(info.max);
    return schema;
  }
  static OrderedJson text_schema(const FieldInfo& info) {
    OrderedJson schema{{"type", "string"}};
    if (info.choices) schema["enum"] = info.choices();
    return schema;
  }
  void add(const FieldInfo& info, OrderedJson schema) {
    if (!info.label.empty()) schema["title"] = info.label;
    if (!info.help.empty()) schema["description"] = info.help;
    if (!info.group.empty()) schema["x-group"] = info.group;
    properties_[std::string(info.name)] = std::move(schema);
    if (info.required) required_.push_back(info.name);
  }
  OrderedJson properties_ = OrderedJson::object();
  OrderedJson required_ = OrderedJson::array();
};

}  // namespace

OrderedJson write_fields(const FieldVisitor::Describe& describe_object, std::string_view currency) {
  WriteVisitor visitor(currency);
  describe_object(visitor);
  return visitor.take();
}

OrderedJson schema_of(const FieldVisitor::Describe& describe_object) {
  return SchemaVisitor::object_schema(describe_object);
}

}  // namespace microdc
