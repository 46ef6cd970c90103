#include "tests/unit/base/vessel.hpp"

namespace microdc {

void describe(FieldVisitor& v, Crew& crew) {
  v.text({.name = "name", .label = "Name", .required = true}, crew.name);
  v.integer({.name = "members", .label = "Members", .min = 1, .max = 99}, crew.members);
}

void describe(FieldVisitor& v, Vessel& vessel) {
  v.text({.name = "name", .label = "Name", .help = "as painted on the bow", .required = true},
         vessel.name);
  v.text({.name = "flag",
          .label = "Flag",
          .choices = [] { return std::vector<std::string>{"blue", "green"}; }},
         vessel.flag);
  v.number({.name = "trim", .label = "Trim", .min = 0, .max = 1}, vessel.trim);
  v.number({.name = "engine",
            .label = "Engine",
            .dimension = Dimension::power,
            .min = 0,
            .max = 1e6,
            .group = "machine"},
           vessel.engine);
  v.number({.name = "patience", .label = "Patience", .dimension = Dimension::time, .min = 0},
           vessel.patience);
  v.integer({.name = "masts", .label = "Masts", .min = 0, .max = 5}, vessel.masts);
  v.integer({.name = "anchors", .label = "Anchors", .min = 0}, vessel.anchors);
  v.boolean({.name = "lights", .label = "Lights"}, vessel.lights);
  v.texts({.name = "ports", .label = "Ports"}, vessel.ports);
  v.numbers({.name = "depths", .label = "Depths", .dimension = Dimension::none}, vessel.depths);
  v.figure({.name = "price", .label = "Price", .dimension = Dimension::money}, vessel.price);
  v.ranged({.name = "draught", .label = "Draught", .min = 1, .max = 9, .drawn = true},
           vessel.draught, vessel.draught_range);
  v.ranged(
      {.name = "voyage", .label = "Voyage", .dimension = Dimension::time, .min = 0, .drawn = true},
      vessel.voyage, vessel.voyage_range);
  v.choice({.name = "hull", .label = "Hull"}, {"steel", "wood"}, vessel.hull);
  v.object({.name = "crew", .label = "Crew"}, vessel.crew);
  v.object({.name = "relief", .label = "Relief crew"}, vessel.relief);
  v.objects({.name = "guests", .label = "Guests"}, vessel.guests);
}

}  // namespace microdc
