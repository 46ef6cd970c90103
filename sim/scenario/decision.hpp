// What a decision needs beside the rack: the room, quotes and money over the years, needs, what may
// be chosen, and how the future is assumed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/fields.hpp"

namespace microdc {

/// What a site's room offers; empty: no limit.
struct RoomSpec {
  std::optional<Watts> power;    ///< of the circuits, for IT equipment
  std::optional<Watts> cooling;  ///< heat that can be taken away
  std::optional<Watts> ups;      ///< rating of a UPS that stands there; empty: it is bought
  std::optional<std::int64_t> rack_units;  ///< for servers, those that stand there among them
  std::optional<double> noise_db;  ///< loudest equipment that people next door accept [dB(A)]
};

/// A vendor's offer; it replaces the catalog's price of that item.
struct QuoteSpec {
  std::string item;  ///< a server type, accelerator or CPU of the catalog
  Money price;       ///< each, in the scenario's currency
  std::string vendor;
  std::string date;  ///< "2026-11-27"
  std::optional<Seconds> lead_time;
};

/// How the purchase is paid.
struct FinancingSpec {
  enum class Kind { cash, loan, lease };
  Kind kind = Kind::cash;
  double interest = 0.06;   ///< nominal, per year; of the lease: implicit
  double years = 3;         ///< of the loan or lease
  double down_payment = 0;  ///< share of the price paid at once
};

/// What people cost who look after it, and what else comes every year.
struct OperationSpec {
  double staff = 0.25;                ///< full-time equivalents
  std::optional<Money> salary;        ///< per full-time equivalent and year, with overheads
  double maintenance_share = 0.05;    ///< per year, of the purchase price
  std::optional<Money> support;       ///< software and support contracts, per year
  std::optional<Money> space;         ///< colocation or floor space, per year
  std::optional<Money> carbon_price;  ///< per tonne of CO2 equivalent; empty: not charged
};

/// What has to be reached. Latency targets are in `slo`.
struct NeedsSpec {
  double attainment = 0.95;            ///< share of the requests within all latency targets
  std::optional<double> availability;  ///< share of the time in which requests are served
  std::optional<double>
      quality;  ///< least score of the model that answers, as in the catalog [0..100]
  std::optional<Money> budget;           ///< for the purchase
  std::optional<Money> budget_per_year;  ///< for everything, per year
  std::optional<Watts> power;            ///< of all IT equipment together
  std::optional<std::int64_t> rack_units;
};

/// What `plan` may choose; an empty list leaves what the scenario says, or takes all of the catalog
/// that fit.
struct ChoicesSpec {
  std::vector<std::string> servers;  ///< server types
  std::vector<std::string>
      host_cpus;                     ///< that servers with accelerators may have besides their own
  std::vector<std::string> models;   ///< for every pool
  std::vector<std::string> weights;  ///< number formats
  std::vector<std::string> engines;
  std::vector<double> tp;               ///< tensor-parallel degrees
  std::int64_t max_servers = 4;         ///< of one type
  std::vector<double> spare_servers;    ///< 0 or 1: N or N+1
  std::vector<double> spare_sites;      ///< of several sites, how many may fail
  std::int64_t max_candidates = 20000;  ///< more than this is an error, not a long wait
  double tolerance = 0.02;  ///< shares by which cost or speed may differ and count as equal
};

/// A trend that replaces the one of that name in sim/planning/catalog/trends.json.
struct TrendSpec {
  std::string name;                     ///< "model_density", "accelerator_price", "demand", …
  double per_year = 1;                  ///< factor per year
  std::optional<Range> per_year_range;  ///< 10 % and 90 % quantile
};

/// What `forecast` assumes.
struct ForecastSpec {
  std::int64_t years = 5;
  double demand_growth = 1.2;  ///< requests: factor per year
  std::optional<Range> demand_growth_range;
  std::int64_t draws = 200;  ///< futures
  /// Draws of laws, overheads, prices and powers among them; 0: best estimates.
  std::int64_t samples = 4;
  std::vector<TrendSpec> trends;
};

void describe(FieldVisitor& visitor, RoomSpec& spec);
void describe(FieldVisitor& visitor, QuoteSpec& spec);
void describe(FieldVisitor& visitor, FinancingSpec& spec);
void describe(FieldVisitor& visitor, OperationSpec& spec);
void describe(FieldVisitor& visitor, NeedsSpec& spec);
void describe(FieldVisitor& visitor, ChoicesSpec& spec);
void describe(FieldVisitor& visitor, TrendSpec& spec);
void describe(FieldVisitor& visitor, ForecastSpec& spec);

}  // namespace microdc
