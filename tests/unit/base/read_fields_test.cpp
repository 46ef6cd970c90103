// Reading described structs: every mistake of a document in one pass, each with its JSON pointer.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <string>
#include <vector>

#include "hwprofiles/base/json_io.hpp"
#include "tests/unit/base/vessel.hpp"

namespace microdc {
namespace {

struct Read {
  Vessel vessel;
  Diagnostics findings;
};
Read read(const std::string& text, const std::string& place = "") {
  Read result;
  result.findings = read_fields(result.vessel, Json::parse(text), "v.json", place);
  return result;
}
/// The only finding of reading a vessel that has, besides a name, this field.
Diagnostic only_error(const std::string& field) {
  const Read result = read(R"({"name": "x", )" + field + "}");
  if (result.findings.items().size() == 1) return result.findings.items().front();
  ADD_FAILURE() << "expected one finding for " << field << ":\n" << to_text(result.findings);
  return {};
}

constexpr const char* whole_vessel = R"({
  "name": "Aurora", "flag": "green", "trim": "25 %", "engine": "2 kW", "patience": "3 min",
  "masts": 3, "anchors": 4, "lights": false, "ports": ["Kiel", "Turku"], "depths": [1, 2.5],
  "price": {"value": "900 EUR", "low": "800 EUR", "kind": "market", "source": "broker", "date": "2026"},
  "draught": 3, "voyage": {"value": "2 d", "low": "1 d", "high": "4 d"},
  "hull": "wood", "crew": {"name": "A"}, "relief": {"name": "B", "members": 7},
  "guests": [{"name": "C"}, {"name": "D", "members": 2}]})";

TEST(ReadFields, FillsEveryKindOfField) {
  const auto [v, findings] = read(whole_vessel);
  EXPECT_TRUE(findings.empty()) << to_text(findings);
  EXPECT_EQ(v.name, "Aurora");
  EXPECT_EQ(v.flag, "green");
  EXPECT_DOUBLE_EQ(v.trim, 0.25);
  EXPECT_EQ(v.engine, Watts(2000));
  EXPECT_EQ(v.patience, Seconds(180));
  EXPECT_EQ(v.masts, 3);
  EXPECT_EQ(v.anchors, 4);
  EXPECT_FALSE(v.lights);
  EXPECT_EQ(v.ports, (std::vector<std::string>{"Kiel", "Turku"}));
  EXPECT_EQ(v.depths, (std::vector<double>{1, 2.5}));
  ASSERT_TRUE(v.price.has_value());
  EXPECT_DOUBLE_EQ(v.price->value, 900);
  EXPECT_EQ(v.price->low, 800);
  EXPECT_FALSE(v.price->high.has_value());
  EXPECT_EQ(v.price->kind, Provenance::market);
  EXPECT_EQ(v.price->currency, "EUR");
  EXPECT_DOUBLE_EQ(v.draught, 3);
  EXPECT_FALSE(v.draught_range.has_value());
  EXPECT_EQ(v.voyage, Seconds(2 * 86400));
  EXPECT_EQ(v.voyage_range, (Range{86400, 4 * 86400}));
  EXPECT_EQ(v.hull, Hull::wood);
  EXPECT_EQ(v.crew, (Crew{"A", 1}));
  EXPECT_EQ(v.relief, (Crew{"B", 7}));
  EXPECT_EQ(v.guests, (std::vector<Crew>{{"C", 1}, {"D", 2}}));
}

TEST(ReadFields, KeepsDefaultsOfWhatIsLeftOut) {
  const auto [v, findings] = read(R"({"name": "x"})");
  EXPECT_TRUE(findings.empty()) << to_text(findings);
  EXPECT_EQ(v.engine, Watts(1000));
  EXPECT_EQ(v.masts, 2);
  EXPECT_FALSE(v.patience.has_value());
  EXPECT_FALSE(v.relief.has_value());
}

TEST(ReadFields, TakesNullForWhatIsOptional) {
  const auto [v, findings] =
      read(R"({"name": "x", "patience": null, "anchors": null, "price": null, "relief": null})");
  EXPECT_TRUE(findings.empty()) << to_text(findings);
  EXPECT_FALSE(v.patience || v.anchors || v.price || v.relief);
}

struct FieldMistake {
  const char* field;
  const char* place;
  const char* message;
};
/// Shown in the name of a test; the default would be bytes that differ from run to run.
void PrintTo(const FieldMistake& mistake, std::ostream* out) { *out << mistake.place; }

class WrongField : public ::testing::TestWithParam<FieldMistake> {};

TEST_P(WrongField, IsReportedWithItsPlace) {
  const Diagnostic error = only_error(GetParam().field);
  EXPECT_EQ(error.place, GetParam().place);
  EXPECT_EQ(error.message, GetParam().message);
  EXPECT_EQ(error.file, "v.json");
  EXPECT_NE(error.found + error.fix, "");
}

constexpr const char* wrong_type = "the value has the wrong type";
constexpr const char* out_of_range = "the value is out of range";
INSTANTIATE_TEST_SUITE_P(
    Each, WrongField,
    ::testing::Values(
        FieldMistake{R"("engine": 350)", "/engine", "a bare number has no unit"},
        FieldMistake{R"("engine": "350 s")", "/engine", "unit \"s\" does not fit here"},
        FieldMistake{R"("engine": "2 MW")", "/engine", out_of_range},
        FieldMistake{R"("engine": true)", "/engine", wrong_type},
        FieldMistake{R"("engine": null)", "/engine", wrong_type},
        FieldMistake{R"("trim": 1.5)", "/trim", out_of_range},
        FieldMistake{R"("trim": "half")", "/trim", "this is not a finite number with a unit"},
        FieldMistake{R"("masts": 2.5)", "/masts", wrong_type},
        FieldMistake{R"("masts": "2")", "/masts", wrong_type},
        FieldMistake{R"("masts": 1e300)", "/masts", wrong_type},
        FieldMistake{R"("masts": 6)", "/masts", out_of_range},
        FieldMistake{R"("anchors": -1)", "/anchors", out_of_range},
        FieldMistake{R"("lights": 1)", "/lights", wrong_type},
        FieldMistake{R"("flag": "gren")", "/flag", "this name is not known"},
        FieldMistake{R"("flag": 3)", "/flag", wrong_type},
        FieldMistake{R"("hull": "wod")", "/hull", "this name is not known"},
        FieldMistake{R"("ports": "Kiel")", "/ports", wrong_type},
        FieldMistake{R"("ports": ["Kiel", 3])", "/ports/1", wrong_type},
        FieldMistake{R"("depths": [1, "x"])", "/depths/1",
                     "this is not a finite number with a unit"},
        FieldMistake{R"("crew": [])", "/crew", wrong_type},
        FieldMistake{R"("crew": {"name": "A", "members": 0})", "/crew/members", out_of_range},
        FieldMistake{R"("guests": [{"name": "C"}, 7])", "/guests/1", wrong_type},
        FieldMistake{R"("price": 900)", "/price", wrong_type},
        FieldMistake{R"("price": {"value": "900", "kind": "market", "source": "s"})",
                     "/price/value", "the unit is missing"},
        FieldMistake{R"("price": {"value": "9 EUR", "kind": "rumour", "source": "s"})",
                     "/price/kind", "this name is not known"},
        FieldMistake{R"("price": {"value": "9 EUR", "kind": "market"})", "/price",
                     "\"source\" is missing"},
        FieldMistake{R"("crew": {})", "/crew", "\"name\" is missing"},
        FieldMistake{R"("mast": 1)", "/mast", "this key is not known here"},
        FieldMistake{R"("a/b~c": 1)", "/a~1b~0c", "this key is not known here"}));

TEST(ReadFields, SuggestsTheNearestNameOrKey) {
  EXPECT_EQ(only_error(R"("mast": 1)").fix, "did you mean \"masts\"?");
  EXPECT_EQ(only_error(R"("flag": "gren")").fix, "did you mean \"green\"?");
  EXPECT_EQ(only_error(R"("flag": "gren")").allowed, "blue, green");
  EXPECT_EQ(only_error(R"("zzzzzz": 1)").fix, "remove it");
}

TEST(ReadFields, SaysWhichRangeAndWhichUnitsAreAllowed) {
  EXPECT_EQ(only_error(R"("engine": "2 MW")").allowed, "0 W to 1 MW");
  EXPECT_EQ(only_error(R"("anchors": -1)").allowed, "at least 0");
  EXPECT_EQ(only_error(R"("engine": 350)").fix, "write for example \"350 W\"");
}

TEST(ReadFields, CollectsAllMistakesInOnePass) {
  const Read result = read(R"({"engine": 5, "masts": 9, "guests": [{"members": 100}], "x": 1})");
  std::vector<std::string> places;
  for (const Diagnostic& d : result.findings.items()) places.push_back(d.place);
  EXPECT_EQ(places, (std::vector<std::string>{"/", "/engine", "/masts", "/guests/0",
                                              "/guests/0/members", "/x"}));
}

TEST(ReadFields, KeepsTheOldValueOfAWrongField) {
  const Read result = read(R"({"name": "x", "engine": "9 MW", "masts": 9, "hull": "tin"})");
  EXPECT_EQ(result.vessel.engine, Watts(1000));
  EXPECT_EQ(result.vessel.masts, 2);
  EXPECT_EQ(result.vessel.hull, Hull::steel);
}

TEST(ReadFields, PutsPlacesBelowTheGivenOne) {
  const Read result = read(R"({"name": "x", "masts": 9})", "/fleet/3");
  ASSERT_EQ(result.findings.items().size(), 1u);
  EXPECT_EQ(result.findings.items().front().place, "/fleet/3/masts");
}

TEST(ReadFields, RefusesWhatIsNotAnObject) {
  const Read result = read("[1]");
  ASSERT_EQ(result.findings.items().size(), 1u);
  EXPECT_EQ(result.findings.items().front().place, "/");
}

TEST(ReadFields, ARangeHoldsItsValueAndIsComplete) {
  const auto place_of = [](const std::string& field) { return only_error(field).place; };
  EXPECT_EQ(place_of(R"("draught": {"value": 2, "low": 3, "high": 4})"), "/draught");
  EXPECT_EQ(place_of(R"("draught": {"value": 5, "low": 3, "high": 4})"), "/draught");
  EXPECT_EQ(place_of(R"("draught": {"value": 2, "low": 1})"), "/draught");
  EXPECT_EQ(place_of(R"("draught": {"value": 2, "low": 0.5, "high": 4})"), "/draught/low");
  EXPECT_EQ(place_of(R"("voyage": {"value": "2 d", "low": 86400, "high": "4 d"})"), "/voyage/low");
  EXPECT_EQ(place_of(R"("draught": {"value": 2, "low": 1, "high": 4, "source": "me"})"),
            "/draught/source");
  // Fields without ranges take none, and a plain number replaces one.
  EXPECT_EQ(place_of(R"("trim": {"value": 0.5, "low": 0, "high": 1})"), "/trim");
  Vessel vessel;
  vessel.draught_range = Range{1, 3};
  EXPECT_TRUE(read_fields(vessel, Json::parse(R"({"name": "x", "draught": 2.5})"), "v").empty());
  EXPECT_FALSE(vessel.draught_range.has_value());
}

}  // namespace
}  // namespace microdc
