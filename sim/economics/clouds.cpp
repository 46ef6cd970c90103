#include "sim/economics/clouds.hpp"

#include <algorithm>

#include "sim/economics/baselines.hpp"

namespace microdc {
namespace {

void fill(std::optional<Seconds>& value, const std::optional<Figure>& figure) {
  if (!value && figure) value = Seconds(figure->value);
}

}  // namespace

void fill_from_offers(Scenario& scenario, const EconomicsCatalog& catalog) {
  for (CloudSpec& cloud : scenario.clouds) {
    const CloudOffer* offer = catalog.offer(cloud.offer);
    if (offer == nullptr) continue;
    if (cloud.jurisdiction.empty()) cloud.jurisdiction = offer->jurisdiction;
    if (cloud.operator_jurisdiction.empty()) {
      cloud.operator_jurisdiction = offer->operator_jurisdiction;
    }
    auto& held = cloud.attestations;
    for (const std::string& attestation : offer->attestations) {
      if (std::find(held.begin(), held.end(), attestation) == held.end()) {
        held.push_back(attestation);
      }
    }
    fill(cloud.ttft, offer->ttft);
    fill(cloud.tpot, offer->tpot);
    const auto prices = prices_of(cloud, catalog, scenario.economics.exchange_rate);
    cloud.input_price = prices->input;
    cloud.output_price = prices->output;
  }
}

}  // namespace microdc
