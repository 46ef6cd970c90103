// Metadata of the catalog of what can be bought beside servers.
#include "sim/economics/catalog.hpp"

namespace microdc {
namespace {

void price(FieldVisitor& v, std::string_view name, std::string_view label,
           std::optional<Figure>& value, bool required = true) {
  v.figure({.name = name,
            .label = label,
            .dimension = Dimension::money,
            .min = 0,
            .max = 1e9,
            .required = required,
            .drawn = true},
           value);
}

void latency(FieldVisitor& v, std::string_view name, std::string_view label,
             std::optional<Figure>& value) {
  v.figure({.name = name, .label = label, .dimension = Dimension::time, .min = 1e-6, .max = 3600},
           value);
}

void places(FieldVisitor& v, std::string& jurisdiction, std::string& operator_jurisdiction) {
  v.text({.name = "jurisdiction", .label = "Where it computes", .required = true}, jurisdiction);
  v.text({.name = "operator_jurisdiction", .label = "Operator under the law of", .required = true},
         operator_jurisdiction);
}

}  // namespace

void describe(FieldVisitor& v, CloudOffer& offer) {
  v.text({.name = "name", .label = "Name", .required = true}, offer.name);
  v.text({.name = "vendor", .label = "Vendor", .required = true}, offer.vendor);
  places(v, offer.jurisdiction, offer.operator_jurisdiction);
  v.texts({.name = "attestations", .label = "Attestations"}, offer.attestations);
  v.boolean({.name = "reference", .label = "Shown beside every answer"}, offer.reference);
  price(v, "input_price", "Per million prompt tokens", offer.input_price);
  price(v, "output_price", "Per million answer tokens", offer.output_price);
  price(v, "cached_input_price", "Per million cached prompt tokens", offer.cached_input_price,
        false);
  v.figure({.name = "quality", .label = "Quality (MMLU)", .min = 0, .max = 100}, offer.quality);
  latency(v, "ttft", "Time to first token", offer.ttft);
  latency(v, "tpot", "Time per output token", offer.tpot);
}

void describe(FieldVisitor& v, GpuRental& rental) {
  v.text({.name = "name", .label = "Name", .required = true}, rental.name);
  v.text({.name = "provider", .label = "Provider", .required = true}, rental.provider);
  v.text({.name = "accelerator", .label = "Accelerator", .required = true}, rental.accelerator);
  v.text({.name = "region", .label = "Region", .required = true}, rental.region);
  places(v, rental.jurisdiction, rental.operator_jurisdiction);
  price(v, "price_per_hour", "Price per hour", rental.price_per_hour);
  price(v, "spot_price_per_hour", "Interruptible, per hour", rental.spot_price_per_hour, false);
}

void describe(FieldVisitor& v, Salary& salary) {
  v.text({.name = "name", .label = "Jurisdiction", .required = true}, salary.name);
  v.text({.name = "label", .label = "Place", .required = true}, salary.label);
  price(v, "salary", "Per full-time equivalent and year", salary.salary);
}

void describe(FieldVisitor& v, NetworkSwitch& network_switch) {
  v.text({.name = "link", .label = "Link", .required = true}, network_switch.link);
  price(v, "price", "Price", network_switch.price);
}

void describe(FieldVisitor& v, FacilityCatalog& facility) {
  price(v, "rack", "Rack", facility.rack);
  v.integer({.name = "rack_height", .label = "Rack units of a rack", .min = 1, .max = 100},
            facility.rack_height);
  price(v, "pdu", "Power distribution unit", facility.pdu);
  v.integer({.name = "pdus_per_rack", .label = "Power distribution units", .min = 0, .max = 100},
            facility.pdus_per_rack);
  price(v, "ups_per_kw", "UPS, per kW", facility.ups_per_kw);
  v.figure({.name = "ups_reserve",
            .label = "Rating of the UPS over full load",
            .min = 1,
            .max = 10,
            .required = true,
            .drawn = true},
           facility.ups_reserve);
  price(v, "installation_per_rack", "Installation, per rack", facility.installation_per_rack);
  v.figure({.name = "installation_time",
            .label = "Installation",
            .help = "from delivery until it serves",
            .dimension = Dimension::time,
            .min = 0,
            .max = seconds_per_year,
            .required = true},
           facility.installation_time);
  v.figure({.name = "office_hours",
            .label = "Hours of a working day",
            .min = 0,
            .max = 24,
            .required = true,
            .drawn = true},
           facility.office_hours);
  v.objects({.name = "switches", .label = "Switches", .required = true}, facility.switches);
}

}  // namespace microdc
