// What the same requests would cost without the rack of the scenario.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/catalog.hpp"
#include "sim/economics/catalog.hpp"
#include "sim/economics/cost.hpp"
#include "sim/economics/ownership_inputs.hpp"

namespace microdc {

struct Baseline {
  enum class Kind { cloud_api, rented, rack, nothing };
  Kind kind = Kind::nothing;
  std::string name;   ///< offer, rental or scenario
  std::string label;  ///< for people
  Money per_year;
  /// Of it the staff and support of the organisation: those of the rack if it is rented, nothing
  /// for a cloud API.
  Money staff_per_year;
  std::optional<Money> per_1000_requests;
  std::optional<Money> per_million_output_tokens;
  double requests_undone = 0;  ///< of a year's requests
  std::string jurisdiction;    ///< where it would run; empty: where the scenario's rack stands
  std::string operator_jurisdiction;
  std::optional<bool> lawful;  ///< whether the organisation's data may go there; empty: not checked
  bool forbidden = false;      ///< not lawful, whatever is arranged
  /// Not lawful as described: of each open question of the law the sets of conditions or
  /// attestations any of which would do; and the same for people.
  std::vector<std::vector<std::vector<std::string>>> needs;
  std::string needs_text;
  std::string basis;  ///< how the amount comes about
  std::string source;
};
/// "cloud_api", "rented", "rack", "nothing"
std::string_view name_of(Baseline::Kind kind);

struct BaselineList {
  std::vector<Baseline> baselines;
  std::vector<std::string> missing;  ///< why a baseline is not there
};

/// Whose time is in which amount, for whoever shows baselines beside a rack.
std::string baseline_staff_text(const BaselineList& list);

/// Prices per million tokens, in the scenario's currency.
struct TokenPrices {
  Money input;
  Money output;
};
/// Those of a cloud of the scenario, else of its offer. Empty if the offer is not in the catalog.
std::optional<TokenPrices> prices_of(const CloudSpec& cloud, const EconomicsCatalog& catalog,
                                     double exchange_rate);
/// What so many tokens cost.
Money token_cost(const TokenPrices& prices, double input_tokens, double output_tokens);

/// Beside the requests of `cost.year`: every cloud of the scenario, or the catalog's reference
/// offers if it names none; as many accelerators rented, all year and, if the scenario has office
/// days, in office hours, with the staff and support of `inputs`; doing nothing. Tokens and rent
/// are with the scenario's sales tax, as the rack is. Cloud prices leave discounts for cached
/// prompts out. Empty if a year is not known.
BaselineList baselines(const Scenario& scenario, const HardwareCatalog& hardware,
                       const EconomicsCatalog& catalog, const RunCost& cost,
                       const OwnershipInputs& inputs);

/// Another rack as the baseline, for example one without accelerators at the same budget. `served`
/// are the requests that it completes of `wanted` ones a year.
Baseline rack_baseline(std::string name, std::string label, const OwnershipTotals& totals,
                       double served, double wanted);

}  // namespace microdc
