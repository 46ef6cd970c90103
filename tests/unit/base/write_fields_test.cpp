// Writing described structs: what is written reads back as the same struct.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "hwprofiles/base/json_io.hpp"
#include "tests/unit/base/vessel.hpp"

namespace microdc {
namespace {

Vessel full_vessel() {
  Vessel v;
  v.name = "Aurora";
  v.flag = "green";
  v.trim = 0.1;
  v.engine = Watts(123456.789);
  v.patience = Seconds(0.3);
  v.masts = 5;
  v.anchors = 0;
  v.lights = false;
  v.ports = {"Kiel", "Åbo \"north\""};
  v.depths = {0.1, 1e-9, -3};
  v.price = Figure{.value = 900, .low = 800, .high = 1000.5, .kind = Provenance::derived,
                   .source = "two brokers", .date = "2026-11", .currency = "EUR"};
  v.draught_range = Range{1.25, 3};
  v.voyage = Seconds(0.1);
  v.voyage_range = Range{0.1, 0.3};
  v.hull = Hull::wood;
  v.crew = {"A", 3};
  v.relief = Crew{"B", 7};
  v.guests = {{"C", 1}, {"D", 2}};
  return v;
}

std::string text_of(const Vessel& vessel) {
  return write_fields(describing(vessel), "EUR").dump(1);
}

TEST(WriteFields, ReadBackAsTheSameStruct) {
  const Vessel written = full_vessel();
  Vessel read;
  const Diagnostics findings = read_fields(read, Json::parse(text_of(written)), "again");
  EXPECT_TRUE(findings.empty()) << to_text(findings);
  EXPECT_EQ(text_of(read), text_of(written));
  // Exact, not only alike on paper.
  EXPECT_EQ(read.engine, written.engine);
  EXPECT_EQ(read.patience, written.patience);
  EXPECT_EQ(read.depths, written.depths);
  EXPECT_EQ(read.ports, written.ports);
  EXPECT_EQ(read.relief, written.relief);
  EXPECT_EQ(read.guests, written.guests);
  EXPECT_EQ(read.price->high, written.price->high);
  EXPECT_EQ(read.price->currency, "EUR");
  EXPECT_EQ(read.draught_range, written.draught_range);
  EXPECT_EQ(read.voyage, written.voyage);
  EXPECT_EQ(read.voyage_range, written.voyage_range);
}

TEST(WriteFields, LeaveOutWhatHasNoValue) {
  Vessel vessel;
  vessel.name = "x";
  const OrderedJson json = write_fields(describing(vessel));
  for (const char* absent :
       {"patience", "anchors", "price", "relief", "ports", "guests", "voyage"}) {
    EXPECT_FALSE(json.contains(absent)) << absent;
  }
  EXPECT_EQ(json["engine"], "1 kW");
  EXPECT_EQ(json["draught"], 2.0);  // without a range: plain
}

TEST(WriteFields, KeepTheOrderOfTheDescription) {
  const OrderedJson json = write_fields(describing(full_vessel()), "EUR");
  EXPECT_EQ(json.begin().key(), "name");
  EXPECT_EQ((--json.end()).key(), "guests");
}

}  // namespace
}  // namespace microdc
