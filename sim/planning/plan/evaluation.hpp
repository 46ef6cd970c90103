// One candidate, simulated over the busiest week: what it reaches and what it costs.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/economics/catalog.hpp"
#include "sim/planning/plan/candidate.hpp"
#include "sim/planning/plan/demand.hpp"
#include "sim/serving/simulation.hpp"

namespace microdc {

/// Which sources of uncertainty one draw varies.
struct DrawSources {
  bool laws = true;      ///< efficiency of kernels, overheads of engines
  bool workload = true;  ///< who asks what, when (drawn_week)
  bool prices = true;    ///< purchase, tariff, exchange rate, PUE, powers
};

struct Evaluation {
  std::string failure;   ///< why it could not be simulated; empty otherwise
  bool stopped = false;  ///< given up when too many requests had missed their targets
  std::int64_t offered = 0;
  std::int64_t completed = 0;
  std::int64_t within = 0;  ///< all latency targets
  /// At the share of requests that has to be within the targets; empty if there are too few.
  std::optional<double> ttft, tpot, e2e;  ///< [s]
  std::optional<double> ttft_p50, tpot_p50;
  std::optional<double> peak_power;  ///< [W] IT
  std::optional<double> mean_power;  ///< [W] IT
  std::optional<double> idle_power;  ///< [W] IT, everything on and nothing to do
  double busy_share = 0;             ///< of the busiest replica
  double output_tokens = 0;
  std::optional<double> purchase;         ///< [currency]
  std::optional<double> per_year;         ///< [currency] total of a year of such weeks
  std::optional<double> energy_per_year;  ///< [currency]
  std::optional<double> carbon_per_year;  ///< [t CO2e]
  /// Of a year of such weeks, where one follows from the run.
  std::optional<double> requests_per_year, input_tokens_per_year, output_tokens_per_year;
  std::optional<double> clouds_per_year;    ///< [currency] what the scenario's own clouds answer
  std::optional<double> facility_per_year;  ///< [J] energy, with PUE

  [[nodiscard]] double within_share() const {
    return offered > 0 ? static_cast<double>(within) / static_cast<double>(offered) : 0;
  }
};

/// How many of the requests may miss a target so that the share of the others is `attainment` yet.
std::int64_t misses_allowed(double attainment, std::int64_t requests);

/// One line of text, for pipes and the store; and back. Numbers keep every bit.
std::string to_line(const Evaluation& evaluation);
std::optional<Evaluation> evaluation_of_line(const std::string& line);

/// What a candidate costs whatever it does.
struct Outlay {
  double purchase = 0;  ///< with facility and tax
  double per_year = 0;  ///< levelised, without energy and carbon: the real cost is higher
};
/// `clouds`: what is sent to them in a week whatever the rack does. Empty if a price is not known.
std::optional<Outlay> least_outlay(const Scenario& scenario, const HardwareCatalog& hardware,
                                   const EconomicsCatalog& prices,
                                   const std::vector<CloudResult>& clouds);

/// Simulates in this process, which must not have simulated before. Without `draw` the best
/// estimate; draw i (from 1) varies the laws and prices among `sources`, and `demand` is that
/// draw's week if they hold the workload. Without draw the run stops early when the share of
/// requests within the targets can no longer reach needs.attainment, unless it is to go on
/// `to_its_end`: what was given up early says that a target is missed, but not by how much.
Evaluation evaluate(const Demand& demand, const Catalogs& catalogs, const Candidate& candidate,
                    std::optional<std::uint64_t> draw = std::nullopt, DrawSources sources = {},
                    bool to_its_end = false);

}  // namespace microdc
