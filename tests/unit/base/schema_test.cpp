// The JSON Schema that a description gives: types, ranges, defaults, choices, units.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"
#include "tests/unit/base/vessel.hpp"

namespace microdc {
namespace {

const OrderedJson& schema() {
  static const OrderedJson made = schema_of(describing(Vessel{}));
  return made;
}
OrderedJson property(const char* name) { return schema()["properties"][name]; }

TEST(Schema, RefusesUnknownKeysAndNamesRequiredOnes) {
  EXPECT_EQ(schema()["type"], "object");
  EXPECT_EQ(schema()["additionalProperties"], false);
  EXPECT_EQ(schema()["required"], OrderedJson::array({"name"}));
}

TEST(Schema, CarriesLabelHelpAndGroup) {
  EXPECT_EQ(property("name")["title"], "Name");
  EXPECT_EQ(property("name")["description"], "as painted on the bow");
  EXPECT_EQ(property("engine")["x-group"], "machine");
}

TEST(Schema, GivesRangesAndDefaultsOfPlainNumbers) {
  EXPECT_EQ(property("trim")["type"], "number");
  EXPECT_EQ(property("trim")["minimum"], 0.0);
  EXPECT_EQ(property("trim")["maximum"], 1.0);
  EXPECT_EQ(property("trim")["default"], 0.5);
  EXPECT_EQ(property("masts")["type"], "integer");
  EXPECT_EQ(property("masts")["maximum"], 5);
  EXPECT_EQ(property("masts")["default"], 2);
}

TEST(Schema, GivesQuantitiesWithTheirUnits) {
  EXPECT_EQ(property("engine")["type"], OrderedJson::array({"string", "number"}));
  EXPECT_EQ(property("engine")["x-units"], "mW, W, kW, MW");
  EXPECT_EQ(property("engine")["x-maximum"], "1 MW");
  EXPECT_EQ(property("engine")["default"], "1 kW");
}

TEST(Schema, GivesNoDefaultToWhatIsMissingByDefault) {
  for (const char* name : {"patience", "anchors", "price", "relief"}) {
    EXPECT_FALSE(property(name).contains("default")) << name;
  }
}

TEST(Schema, ListsChoices) {
  EXPECT_EQ(property("hull")["enum"], OrderedJson::array({"steel", "wood"}));
  EXPECT_EQ(property("hull")["default"], "steel");
  EXPECT_EQ(property("flag")["enum"], OrderedJson::array({"blue", "green"}));
}

TEST(Schema, DescribesNestedObjectsAndListItems) {
  EXPECT_EQ(property("crew")["properties"]["members"]["maximum"], 99);
  EXPECT_EQ(property("crew")["required"], OrderedJson::array({"name"}));
  EXPECT_EQ(property("guests")["type"], "array");
  EXPECT_EQ(property("guests")["items"]["properties"]["members"]["minimum"], 1);
  EXPECT_EQ(property("relief")["properties"]["name"]["type"], "string");
}

TEST(Schema, OffersRangesBesidesPlainNumbers) {
  const OrderedJson draught = property("draught");
  EXPECT_EQ(draught["default"], 2.0);
  EXPECT_EQ(draught["anyOf"][0]["maximum"], 9.0);
  EXPECT_EQ(draught["anyOf"][1]["required"], OrderedJson::array({"value", "low", "high"}));
  EXPECT_EQ(draught["anyOf"][1]["properties"]["high"]["maximum"], 9.0);
  EXPECT_FALSE(property("voyage").contains("default"));
}

TEST(Schema, RequiresTheSourceOfAFigure) {
  EXPECT_EQ(property("price")["required"], OrderedJson::array({"value", "kind", "source"}));
}

}  // namespace
}  // namespace microdc
