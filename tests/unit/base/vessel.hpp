// A described struct with one field of every kind, for the tests of readers and writers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/base/units.hpp"

namespace microdc {

struct Crew {
  std::string name;
  std::int64_t members = 1;
  bool operator==(const Crew&) const = default;
};
void describe(FieldVisitor& visitor, Crew& crew);

enum class Hull { steel, wood };

struct Vessel {
  std::string name;                    ///< required
  std::string flag = "blue";           ///< blue or green
  double trim = 0.5;                   ///< plain, 0 to 1
  Watts engine{1000};                  ///< 0 to 1 MW
  std::optional<Seconds> patience;
  std::int64_t masts = 2;              ///< 0 to 5
  std::optional<std::int64_t> anchors;
  bool lights = true;
  std::vector<std::string> ports;
  std::vector<double> depths;
  std::optional<Figure> price;
  double draught = 2;  ///< 1 to 9, plain or with a range
  std::optional<Range> draught_range;
  std::optional<Seconds> voyage;  ///< plain or with a range
  std::optional<Range> voyage_range;
  Hull hull = Hull::steel;
  Crew crew;
  std::optional<Crew> relief;
  std::vector<Crew> guests;
};
void describe(FieldVisitor& visitor, Vessel& vessel);

}  // namespace microdc
