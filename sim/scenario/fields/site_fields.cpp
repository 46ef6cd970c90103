// Metadata of what stands where: sites, racks and servers.
#include "sim/scenario/fields/limits.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

using namespace scenario_limits;

void describe(FieldVisitor& v, ServerGroupSpec& spec) {
  v.text({.name = "name", .label = "Name", .help = "pools refer to it", .required = true},
         spec.name);
  v.text({.name = "type",
          .label = "Server type",
          .help = "a name of the catalog; `microdc list servers` shows them",
          .required = true},
         spec.type);
  v.integer({.name = "count", .label = "Servers", .min = 1, .max = max_count}, spec.count);
  v.integer({.name = "owned",
             .label = "Owned",
             .help = "of these, bought before: they cost no purchase",
             .min = 0,
             .max = max_count},
            spec.owned);
}

void describe(FieldVisitor& v, RackSpec& spec) {
  v.text({.name = "name", .label = "Name", .required = true}, spec.name);
  v.text({.name = "switch_link",
          .label = "Link to the rack's switch",
          .help = "of each server; `microdc list links` shows them"},
         spec.switch_link);
  v.boolean({.name = "owned",
             .label = "Stands already",
             .help = "with power distribution and switch; so does a rack with owned servers"},
            spec.owned);
  v.objects({.name = "servers", .label = "Server groups", .required = true}, spec.servers);
}

void describe(FieldVisitor& v, RoomSpec& spec) {
  v.number({.name = "power",
            .label = "Power of the circuits",
            .help = "for IT equipment; empty: no limit",
            .dimension = Dimension::power,
            .min = 1,
            .max = 1e9},
           spec.power);
  v.number({.name = "cooling",
            .label = "Cooling",
            .help = "heat that can be taken away; empty: no limit",
            .dimension = Dimension::power,
            .min = 1,
            .max = 1e9},
           spec.cooling);
  v.number({.name = "ups",
            .label = "UPS",
            .help = "rating of one that stands there; empty: it is bought",
            .dimension = Dimension::power,
            .min = 1,
            .max = 1e9},
           spec.ups);
  v.integer({.name = "rack_units",
             .label = "Rack units",
             .help = "for servers, those that stand there among them",
             .min = 1,
             .max = 100000},
            spec.rack_units);
  v.number({.name = "noise_db",
            .label = "Noise limit",
            .help = "of the loudest equipment [dB(A) at 1 m]",
            .min = 0,
            .max = 150},
           spec.noise_db);
}

void describe(FieldVisitor& v, SiteSpec& spec) {
  v.text({.name = "name", .label = "Name", .required = true}, spec.name);
  v.text({.name = "jurisdiction",
          .label = "Where it stands",
          .help = "`microdc list jurisdictions` shows them; empty: the organisation's"},
         spec.jurisdiction);
  v.text({.name = "operator_jurisdiction",
          .label = "Operator under the law of",
          .help = "whose courts reach the operator of the site; empty: the organisation's"},
         spec.operator_jurisdiction);
  v.object({.name = "room", .label = "Room"}, spec.room);
  v.ranged({.name = "pue",
            .label = "PUE",
            .help = "energy of the facility per energy of the IT equipment",
            .min = 1,
            .max = 5,
            .drawn = true},
           spec.pue, spec.pue_range);
  v.ranged({.name = "electricity_price",
            .label = "Electricity price",
            .help = "without it the cost of energy is not reported",
            .dimension = Dimension::money_per_energy,
            .min = 0,
            .max = 100 / joules_per_kwh,
            .drawn = true},
           spec.electricity_price, spec.electricity_price_range);
  v.ranged({.name = "carbon_intensity",
            .label = "Carbon intensity",
            .help = "CO2 equivalent per energy of the grid; without it emissions are not reported",
            .dimension = Dimension::carbon_intensity,
            .min = 0,
            .max = 5000 / joules_per_kwh,
            .drawn = true},
           spec.carbon_intensity, spec.carbon_intensity_range);
  v.text({.name = "backbone_link", .label = "Link between racks"}, spec.backbone_link);
  v.text({.name = "wan_link", .label = "Link to other sites and remote users"}, spec.wan_link);
  v.objects({.name = "racks", .label = "Racks", .required = true}, spec.racks);
}

}  // namespace microdc
