#include "sim/scenario/write.hpp"

#include <nlohmann/json.hpp>

namespace microdc {
namespace {

/// Takes away what equals the default in the schema.
void remove_defaults(OrderedJson& object, const OrderedJson& schema) {
  const OrderedJson& properties = schema.at("properties");
  for (auto at = object.begin(); at != object.end();) {
    const OrderedJson& property = properties.at(at.key());
    OrderedJson& value = at.value();
    if (value.is_object() && property.contains("properties")) remove_defaults(value, property);
    if (value.is_array() && property.contains("items")) {
      for (OrderedJson& item : value) {
        if (item.is_object()) remove_defaults(item, property.at("items"));
      }
    }
    if (property.contains("default") && property.at("default") == value)
      at = object.erase(at);
    else
      ++at;
  }
}

}  // namespace

OrderedJson scenario_schema() {
  OrderedJson schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                     {"title", "microdc scenario"},
                     {"description", "What arrives, what stands where and what serves."}};
  schema.update(schema_of(describing(Scenario{})));
  return schema;
}

OrderedJson write_scenario(const Scenario& scenario, bool defaults) {
  OrderedJson written = write_fields(describing(scenario), scenario.economics.currency);
  if (!defaults) remove_defaults(written, scenario_schema());
  return written;
}

}  // namespace microdc
