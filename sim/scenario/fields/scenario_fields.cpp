// Metadata of the scenario as a whole, the gateway, failures, targets and money.
#include "sim/scenario/fields/limits.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

using namespace scenario_limits;

void describe(FieldVisitor& v, GatewaySpec& spec) {
  v.text({.name = "router",
          .label = "Router",
          .help = "how requests find a replica; `microdc list routers` shows them"},
         spec.router);
  v.number({.name = "latency",
            .label = "Gateway latency",
            .help = "added to each request on its way in",
            .dimension = Dimension::time,
            .min = 0,
            .max = 60},
           spec.latency);
  v.object({.name = "complexity", .label = "Routing by complexity"}, spec.complexity);
  v.object({.name = "spill", .label = "Spill"}, spec.spill);
}

void describe(FieldVisitor& v, FailureSpec& spec) {
  v.number({.name = "server_mtbf",
            .label = "Mean time between failures",
            .help = "of one server; empty: servers do not fail",
            .dimension = Dimension::time,
            .min = 60,
            .max = max_time},
           spec.server_mtbf);
  v.number({.name = "repair_time",
            .label = "Repair time",
            .help = "until the server runs again",
            .dimension = Dimension::time,
            .min = 0,
            .max = max_time},
           spec.repair_time);
}

void describe(FieldVisitor& v, SloSpec& spec) {
  const auto target = [&](std::string_view name, std::string_view label, std::string_view help,
                          std::optional<Seconds>& value) {
    v.number({.name = name,
              .label = label,
              .help = help,
              .dimension = Dimension::time,
              .min = 1e-6,
              .max = max_time},
             value);
  };
  target("ttft", "Time to first token", "goodput counts requests within it", spec.ttft);
  target("tpot", "Time per output token", "mean after the first token", spec.tpot);
  target("e2e", "End-to-end time", "from arrival to the last token", spec.e2e);
}

namespace {

/// How the years after the purchase are counted.
void describe_judgement(FieldVisitor& v, EconomicsSpec& spec) {
  v.number({.name = "years",
            .label = "Years",
            .help = "over which a purchase is judged",
            .min = 1,
            .max = 30},
           spec.years);
  v.number({.name = "discount_rate",
            .label = "Discount rate",
            .help = "nominal, per year",
            .min = -0.5,
            .max = 1},
           spec.discount_rate);
  v.number({.name = "residual_share",
            .label = "Residual value",
            .help = "share of the purchase price that is left after the years",
            .min = 0,
            .max = 1},
           spec.residual_share);
  v.number({.name = "facility_capex",
            .label = "Facility",
            .help = "rack, power distribution, UPS, network, installation; empty: from the catalog",
            .dimension = Dimension::money,
            .min = 0,
            .max = 1e15},
           spec.facility_capex);
  v.number({.name = "sales_tax",
            .label = "Sales tax",
            .help = "on purchase, maintenance, clouds and rent, if it cannot be reclaimed",
            .min = 0,
            .max = 1},
           spec.sales_tax);
  v.object({.name = "financing", .label = "Financing"}, spec.financing);
  v.object({.name = "operation", .label = "Operation"}, spec.operation);
  v.objects(
      {.name = "quotes", .label = "Quotes", .help = "vendors' prices; they replace the catalog's"},
      spec.quotes);
}

}  // namespace

void describe(FieldVisitor& v, EconomicsSpec& spec) {
  v.text({.name = "currency", .label = "Currency", .help = "three-letter code of all money"},
         spec.currency);
  v.text({.name = "purchase_date",
          .label = "Day of the order",
          .help = "YYYY-MM-DD; empty: the organisation's date"},
         spec.purchase_date);
  v.ranged({.name = "exchange_rate",
            .label = "Exchange rate",
            .help = "this currency per USD, for catalog prices",
            .min = 1e-6,
            .max = 1e6,
            .drawn = true},
           spec.exchange_rate, spec.exchange_rate_range);
  v.number({.name = "server_price_factor",
            .label = "Price level of servers",
            .help = "catalog prices of servers, accelerators and CPUs times this: a discount, a "
                    "rise; not on quotes and capex",
            .min = 0.01,
            .max = 100},
           spec.server_price_factor);
  v.number({.name = "depreciation_years",
            .label = "Depreciation",
            .help = "straight line [years]",
            .min = 0.1,
            .max = 50},
           spec.depreciation_years);
  v.ranged({.name = "capex",
            .label = "Purchase price",
            .help = "of everything; empty: the sum of catalog prices",
            .dimension = Dimension::money,
            .min = 0,
            .max = 1e15,
            .drawn = true},
           spec.capex, spec.capex_range);
  v.number({.name = "working_days_per_year",
            .label = "Working days per year",
            .help = "days like the simulated one",
            .min = 1,
            .max = 366},
           spec.working_days_per_year);
  describe_judgement(v, spec);
}

void describe(FieldVisitor& v, Scenario& scenario) {
  v.integer({.name = "schema_version",
             .label = "Schema version",
             .help = "version of this file format",
             .min = 1,
             .max = static_cast<double>(scenario_schema_version),
             .required = true},
            scenario.schema_version);
  v.text({.name = "name", .label = "Name", .required = true}, scenario.name);
  v.text({.name = "description", .label = "Description"}, scenario.description);
  // Seeds above 2^53 would not survive readers that hold numbers as doubles.
  v.integer({.name = "seed",
             .label = "Seed",
             .help = "of all random numbers",
             .min = 0,
             .max = 9007199254740991.0},
            scenario.seed);
  v.number({.name = "horizon",
            .label = "Horizon",
            .help = "stop here; empty: when the last request is done",
            .dimension = Dimension::time,
            .min = min_time,
            .max = max_time},
           scenario.horizon);
  v.objects(
      {.name = "workloads", .label = "Workloads", .help = "streams of requests", .required = true},
      scenario.workloads);
  v.objects({.name = "sites", .label = "Sites", .required = true}, scenario.sites);
  v.objects({.name = "pools", .label = "Pools", .help = "replicas of a model", .required = true},
            scenario.pools);
  v.object({.name = "gateway", .label = "Gateway"}, scenario.gateway);
  v.object({.name = "slo", .label = "Latency targets"}, scenario.slo);
  v.object({.name = "failures", .label = "Failures"}, scenario.failures);
  v.object({.name = "economics", .label = "Economics"}, scenario.economics);
  v.object({.name = "organisation", .label = "Organisation"}, scenario.organisation);
  v.objects({.name = "clouds", .label = "Clouds", .help = "models behind somebody's API"},
            scenario.clouds);
  v.objects({.name = "knowledge_bases", .label = "Knowledge bases"}, scenario.knowledge_bases);
  v.object({.name = "needs", .label = "Needs", .help = "what `plan` has to reach"}, scenario.needs);
  v.object({.name = "choices", .label = "Choices", .help = "what `plan` may choose"},
           scenario.choices);
  v.object({.name = "forecast", .label = "Forecast"}, scenario.forecast);
}

}  // namespace microdc
