// What a forecast's strategies pay: prices, running costs and the cloud, from the scenario.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "hwprofiles/catalog.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/planning/forecast/grid.hpp"
#include "sim/planning/forecast/strategy.hpp"

namespace microdc {

/// A cloud that could answer the same requests.
struct CloudChoice {
  CloudSpec cloud;
  std::string label;           ///< "gpt-5-mini (OpenAI)"
  double bill = 0;             ///< for today's year [currency]
  std::optional<bool> lawful;  ///< empty: no law binds
};

/// Whether requests may go to a cloud; empty: no law binds.
using LawfulCloud = std::function<std::optional<bool>(const CloudSpec&)>;

/// Whether the data of every workload may go to a cloud, by the rules of sim/policy; empty if no
/// law binds the organisation.
std::optional<bool> is_lawful(const Scenario& scenario, const EconomicsCatalog& economics,
                              const CloudSpec& cloud);

/// The cheapest of the scenario's clouds, or of the catalog's reference offers, that is not known
/// to be worse than needs.quality and not known to be unlawful. Empty if there is none. `unlawful`
/// is set if there were some, but none is lawful.
std::optional<CloudChoice> cheapest_cloud(const Scenario& scenario,
                                          const EconomicsCatalog& economics,
                                          const OperatingPoint& today, const LawfulCloud& lawful,
                                          bool& unlawful);

/// What the cloud asks for the requests of today's year; empty: it has no prices.
std::optional<double> bill_of(const CloudSpec& cloud, const Scenario& scenario,
                              const EconomicsCatalog& economics, const OperatingPoint& today);

/// Terms of the scenario for a rack that works as in `today`. Errors: what prices or costs lack.
Result<ForecastTerms> forecast_terms(const Scenario& scenario, const HardwareCatalog& hardware,
                                     const EconomicsCatalog& economics,
                                     const OperatingPoint& today);

}  // namespace microdc
