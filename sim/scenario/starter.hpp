// A first scenario from a few answers, to be refined by hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/checks.hpp"
#include "sim/scenario/places.hpp"
#include "sim/scenario/scenario.hpp"

namespace microdc {

struct StarterAnswers {
  std::string name = "office";
  std::int64_t employees = 100;
  /// Of all employees together on a working day; empty: the default of the office_day generator.
  std::optional<double> prompts_per_day;
  Place place;
  std::string sector = "enterprise";                       ///< of sim/policy/catalog
  bool deducts_tax = true;                                 ///< value added tax, as businesses do
  std::vector<std::string> data_classes{"personal_data"};  ///< that the prompts hold
  std::vector<std::string> conditions;                     ///< that the organisation fulfils
  std::optional<Money> budget;  ///< for the purchase, in the place's currency
  std::string model;
  double headroom = 1.5;  ///< how many times the rack has to carry the peak of a working day
};

/// An office day as `answers` say, on a site, in a pool and with objectives, but without a server
/// and its layout. Error: unknown model.
Result<Scenario> starter_frame(const StarterAnswers& answers, const CheckContext& context);

/// A server that can be bought.
struct StarterOffer {
  const ServerType* server = nullptr;
  Money price;  ///< in USD
};
/// Servers with a known price, the cheapest first.
std::vector<StarterOffer> starter_offers(const HardwareCatalog& catalog);

/// The frame on one such server: every tensor parallel size, a power of two, that passes all rules,
/// with as many replicas as the server holds. Empty if the model does not fit. `context` needs both
/// catalogs.
std::vector<Scenario> starter_layouts(const Scenario& frame, const ServerType& server,
                                      const CheckContext& context);

}  // namespace microdc
