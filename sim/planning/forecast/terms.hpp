// What a forecast's strategies pay: prices, running costs and the cloud, from the scenario.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hwprofiles/catalog.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/planning/forecast/grid.hpp"
#include "sim/planning/forecast/strategy.hpp"
#include "sim/policy/verdict.hpp"

namespace microdc {

/// A cloud that could answer the same requests.
struct CloudChoice {
  CloudSpec cloud;
  std::string label;               ///< "gpt-5-mini (OpenAI)"
  double bill = 0;                 ///< for today's year [currency]
  std::optional<Verdict> verdict;  ///< of the data of every workload; empty: no law binds
};

/// What the law says of the data of every workload at a cloud; empty: none binds.
using CloudJudge = std::function<std::optional<Verdict>(const CloudSpec&)>;

/// By the rules of sim/policy.
std::optional<Verdict> verdict_on(const Scenario& scenario, const EconomicsCatalog& economics,
                                  const CloudSpec& cloud);

/// The cheapest of the scenario's clouds, or of the catalog's reference offers, that is not known
/// to be worse than needs.quality: of those that are not known to be unlawful; if there is none, of
/// those that conditions or attestations would open; else of the forbidden ones. Empty: no offer.
std::optional<CloudChoice> cheapest_cloud(const Scenario& scenario,
                                          const EconomicsCatalog& economics,
                                          const OperatingPoint& today, const CloudJudge& judge);

/// What the cloud asks for the requests of today's year; empty: it has no prices.
std::optional<double> bill_of(const CloudSpec& cloud, const Scenario& scenario,
                              const EconomicsCatalog& economics, const OperatingPoint& today);

/// Terms of the scenario for a rack that works as in `today`. Errors: what prices or costs lack.
Result<ForecastTerms> forecast_terms(const Scenario& scenario, const HardwareCatalog& hardware,
                                     const EconomicsCatalog& economics,
                                     const OperatingPoint& today);

}  // namespace microdc
