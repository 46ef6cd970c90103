// Metadata of what a decision needs: quotes, financing, operation, needs, choices, the future.
#include "sim/scenario/decision.hpp"
#include "sim/scenario/fields/limits.hpp"

namespace microdc {

using namespace scenario_limits;

namespace {

void money(FieldVisitor& v, std::string_view name, std::string_view label, std::string_view help,
           std::optional<Money>& value) {
  v.number({.name = name,
            .label = label,
            .help = help,
            .dimension = Dimension::money,
            .min = 0,
            .max = 1e15},
           value);
}

}  // namespace

void describe(FieldVisitor& v, QuoteSpec& spec) {
  v.text({.name = "item",
          .label = "Item",
          .help = "a server type, accelerator or CPU of the catalog",
          .required = true},
         spec.item);
  v.number({.name = "price",
            .label = "Price",
            .help = "each",
            .dimension = Dimension::money,
            .min = 0,
            .max = 1e12,
            .required = true},
           spec.price);
  v.text({.name = "vendor", .label = "Vendor"}, spec.vendor);
  v.text({.name = "date", .label = "Date", .help = "YYYY-MM-DD"}, spec.date);
  v.number({.name = "lead_time",
            .label = "Lead time",
            .dimension = Dimension::time,
            .min = 0,
            .max = max_time},
           spec.lead_time);
}

void describe(FieldVisitor& v, FinancingSpec& spec) {
  v.choice({.name = "kind", .label = "Kind", .help = "cash, loan or lease"},
           {"cash", "loan", "lease"}, spec.kind);
  v.number({.name = "interest",
            .label = "Interest",
            .help = "nominal, per year; of a lease: implicit",
            .min = 0,
            .max = 1},
           spec.interest);
  v.number(
      {.name = "years", .label = "Years", .help = "of the loan or lease", .min = 0.25, .max = 30},
      spec.years);
  v.number({.name = "down_payment",
            .label = "Down payment",
            .help = "share of the price paid at once",
            .min = 0,
            .max = 1},
           spec.down_payment);
}

void describe(FieldVisitor& v, OperationSpec& spec) {
  v.number({.name = "staff",
            .label = "Staff",
            .help = "full-time equivalents that look after it",
            .min = 0,
            .max = 1000},
           spec.staff);
  money(v, "salary", "Salary", "per full-time equivalent and year, with overheads; empty: catalog",
        spec.salary);
  v.number({.name = "maintenance_share",
            .label = "Maintenance",
            .help = "per year, share of the purchase price",
            .min = 0,
            .max = 1},
           spec.maintenance_share);
  money(v, "support", "Support", "software and support contracts, per year", spec.support);
  money(v, "space", "Space", "colocation or floor space, per year", spec.space);
  money(v, "carbon_price", "Carbon price", "per tonne of CO2 equivalent; empty: not charged",
        spec.carbon_price);
}

void describe(FieldVisitor& v, NeedsSpec& spec) {
  v.number({.name = "attainment",
            .label = "Attainment",
            .help = "share of the requests within all latency targets",
            .min = 0,
            .max = 1},
           spec.attainment);
  v.number({.name = "availability",
            .label = "Availability",
            .help = "share of the time in which requests are served",
            .min = 0,
            .max = 0.999999},
           spec.availability);
  v.number({.name = "quality",
            .label = "Quality",
            .help = "least score of the models that answer, as `microdc list models` shows it",
            .min = 0,
            .max = 100},
           spec.quality);
  money(v, "budget", "Budget", "for the purchase", spec.budget);
  money(v, "budget_per_year", "Budget per year", "for everything, per year", spec.budget_per_year);
  v.number({.name = "power",
            .label = "Power",
            .help = "of all IT equipment together",
            .dimension = Dimension::power,
            .min = 1,
            .max = 1e9},
           spec.power);
  v.integer({.name = "rack_units", .label = "Rack units", .min = 1, .max = 100000},
            spec.rack_units);
}

void describe(FieldVisitor& v, ChoicesSpec& spec) {
  v.texts(
      {.name = "servers", .label = "Server types", .help = "empty: all of the catalog that fit"},
      spec.servers);
  v.texts({.name = "host_cpus",
           .label = "Host CPUs",
           .help = "that servers with accelerators may have besides their own"},
          spec.host_cpus);
  v.texts({.name = "models", .label = "Models", .help = "empty: those of the pools"}, spec.models);
  v.texts({.name = "weights", .label = "Formats of weights", .help = "empty: those of the pools"},
          spec.weights);
  v.texts({.name = "engines", .label = "Engines", .help = "empty: those of the pools"},
          spec.engines);
  v.numbers({.name = "tp",
             .label = "Tensor parallelism",
             .help = "empty: all that fit",
             .min = 1,
             .max = 1024},
            spec.tp);
  v.integer({.name = "max_servers",
             .label = "Most servers",
             .help = "of one type",
             .min = 1,
             .max = 1000},
            spec.max_servers);
  v.numbers({.name = "spare_servers",
             .label = "Spare servers",
             .help = "0: N, 1: N+1; empty: both",
             .min = 0,
             .max = 8},
            spec.spare_servers);
  v.numbers({.name = "spare_sites",
             .label = "Sites that may fail",
             .help = "while the others serve everything; empty: none to all but one",
             .min = 0,
             .max = 100},
            spec.spare_sites);
  v.integer({.name = "max_candidates",
             .label = "Most candidates",
             .help = "more than this is an error, not a long wait",
             .min = 1,
             .max = 1e7},
            spec.max_candidates);
  v.number({.name = "tolerance",
            .label = "Tolerance",
            .help = "candidates whose costs or speeds differ by no more than this share count as "
                    "equal",
            .min = 0,
            .max = 0.5},
           spec.tolerance);
}

void describe(FieldVisitor& v, TrendSpec& spec) {
  v.text({.name = "name",
          .label = "Name",
          .help = "`microdc list trends` shows them",
          .required = true},
         spec.name);
  v.ranged({.name = "per_year",
            .label = "Factor per year",
            .help = "1: no change; range: 10 % and 90 % quantile",
            .min = 0.01,
            .max = 1000},
           spec.per_year, spec.per_year_range);
}

void describe(FieldVisitor& v, ForecastSpec& spec) {
  v.integer({.name = "years", .label = "Years", .min = 1, .max = 15}, spec.years);
  v.ranged({.name = "demand_growth",
            .label = "Growth of demand",
            .help = "requests: factor per year; range: 10 % and 90 % quantile",
            .min = 0.01,
            .max = 100},
           spec.demand_growth, spec.demand_growth_range);
  v.integer({.name = "draws",
             .label = "Futures",
             .help = "drawn from the trends",
             .min = 1,
             .max = 100000},
            spec.draws);
  v.integer({.name = "samples",
             .label = "Samples",
             .help = "draws of laws, overheads, prices and powers that the futures share; 0: best "
                     "estimates",
             .min = 0,
             .max = 1000},
            spec.samples);
  v.objects({.name = "trends", .label = "Trends", .help = "they replace those of the catalog"},
            spec.trends);
}

}  // namespace microdc
