#include "sim/report/assumptions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "hwprofiles/base/provenance.hpp"
#include "sim/report/bands.hpp"
#include "sim/report/input_tree.hpp"
#include "sim/scenario/lookup.hpp"
#include "sim/scenario/places.hpp"

namespace microdc {
namespace {

std::string range_text(const InputNode& node) {
  if (node.low.empty() && node.high.empty()) return "";
  return fmt::format("{} to {}", node.low, node.high);
}

class Collection {
 public:
  explicit Collection(const Scenario& scenario) : scenario_(scenario) {}

  /// Every figure of a described item.
  template <Described T>
  void add_item(const std::string& label, const T& item) {
    if (!seen_.insert(label).second) return;
    add_figures(label, input_tree(describing(item)));
  }
  void add_stated(const InputNode& node, const std::string& path) {
    for (const InputNode& child : node.children) {
      const std::string below = path.empty() ? child.key : path + " / " + child.key;
      const auto known =
          child.number ? place_source(scenario_, child.key, *child.number) : std::nullopt;
      if (known || !child.low.empty()) {
        rows_.push_back({.item = below,
                         .figure = child.label,
                         .value = child.text,
                         .range = range_text(child),
                         .kind = known ? known->kind : "scenario",
                         .source = known ? known->source : "the scenario",
                         .date = known ? known->date : ""});
      }
      add_stated(child, below);
    }
  }
  std::vector<Assumption> take() { return std::move(rows_); }

 private:
  void add_figures(const std::string& item, const InputNode& node) {
    for (const InputNode& child : node.children) {
      if (child.provenance) {
        rows_.push_back({.item = item,
                         .figure = child.label,
                         .value = child.text,
                         .range = range_text(child),
                         .kind = std::string(name_of(*child.provenance)),
                         .source = child.source,
                         .date = child.date});
      }
      add_figures(item, child);
    }
  }

  const Scenario& scenario_;
  std::set<std::string> seen_;
  std::vector<Assumption> rows_;
};

std::string label_or_name(const std::string& label, const std::string& name) {
  return label.empty() ? name : label;
}

void add_hardware(const Scenario& scenario, const HardwareCatalog& hardware, Collection& all) {
  const auto add = [&](const auto* item) {
    if (item != nullptr) all.add_item(label_or_name(item->label, item->name), *item);
  };
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const ServerType* server = hardware.server(placed.group->type);
    if (server == nullptr) continue;
    add(server);
    add(hardware.cpu(server->cpu));
    const Accelerator* accelerator = hardware.accelerator(server->accelerator);
    add(accelerator);
    if (accelerator != nullptr && server->accelerators > 1) {
      add(hardware.link(accelerator->scale_up_link));
    }
    if (accelerator != nullptr) add(hardware.link(accelerator->host_link));
    add(hardware.link(server->network_link));
  }
  for (const SiteSpec& site : scenario.sites) {
    for (const RackSpec& rack : site.racks) add(hardware.link(rack.switch_link));
  }
}

void add_facility(const Scenario& scenario, const EconomicsCatalog& prices, Collection& all) {
  if (!scenario.economics.facility_capex) {
    FacilityCatalog facility = prices.facility;
    facility.switches.clear();
    all.add_item("Around the servers", facility);
    for (const SiteSpec& site : scenario.sites) {
      for (const RackSpec& rack : site.racks) {
        const NetworkSwitch* found = prices.network_switch(rack.switch_link);
        if (found != nullptr) all.add_item("Switch " + found->link, *found);
      }
    }
  }
  if (scenario.economics.operation.salary) return;
  std::string place = scenario.organisation.jurisdiction;
  if (place.empty() && !scenario.sites.empty()) place = scenario.sites.front().jurisdiction;
  const Salary* salary = prices.salary(place, scenario.economics.currency);
  if (salary != nullptr) all.add_item("Salary, " + salary->label, *salary);
}

void add_elsewhere(const Scenario& scenario, const EconomicsCatalog& prices,
                   const std::vector<Baseline>& baselines, Collection& all) {
  for (const CloudSpec& cloud : scenario.clouds) {
    const CloudOffer* offer = prices.offer(cloud.offer);
    if (offer != nullptr) all.add_item("Cloud " + offer->name, *offer);
  }
  for (const Baseline& baseline : baselines) {
    const CloudOffer* offer = prices.offer(baseline.name);
    if (offer != nullptr) all.add_item("Cloud " + offer->name, *offer);
    for (const GpuRental& rental : prices.rentals) {
      if (rental.name == baseline.name) all.add_item("Rental " + rental.name, rental);
    }
  }
}

}  // namespace

std::vector<Assumption> assumptions_of(const Scenario& scenario, const HardwareCatalog& hardware,
                                       const EconomicsCatalog& prices,
                                       const std::vector<Baseline>& baselines) {
  Collection all(scenario);
  all.add_stated(input_tree(describing(scenario), scenario.economics.currency), "");
  add_hardware(scenario, hardware, all);
  add_facility(scenario, prices, all);
  add_elsewhere(scenario, prices, baselines, all);
  return all.take();
}

std::optional<Assumption> place_source(const Scenario& scenario, std::string_view key,
                                       double value) {
  std::set<std::string> here{scenario.organisation.jurisdiction};
  for (const SiteSpec& site : scenario.sites) here.insert(site.jurisdiction);
  for (const Place& place : places_catalog()) {
    if (!here.contains(place.name)) continue;
    const InputNode tree = input_tree(describing(place), place.currency);
    const InputNode* figure = tree.child(key);
    if (figure == nullptr || !figure->provenance || !figure->number) continue;
    if (std::abs(*figure->number - value) > 1e-9 * std::abs(value)) continue;
    return Assumption{.figure = figure->label,
                      .kind = std::string(name_of(*figure->provenance)),
                      .source = figure->source,
                      .date = figure->date};
  }
  return std::nullopt;
}

std::string dates_of(const std::vector<Assumption>& assumptions) {
  std::string first;
  std::string last;
  for (const Assumption& item : assumptions) {
    if (item.date.empty()) continue;
    if (first.empty() || item.date < first) first = item.date;
    if (last.empty() || item.date > last) last = item.date;
  }
  return first == last ? first : fmt::format("{} to {}", first, last);
}

std::vector<LawError> law_errors_of(const Scenario& scenario, const HardwareCatalog& hardware,
                                    const ProfileStore& profiles) {
  std::vector<LawError> errors;
  std::set<std::string> seen;
  for (const PlacedGroup& placed : server_groups(scenario)) {
    const auto devices = serving_devices(hardware, *placed.group);
    if (!devices || !seen.insert(devices->device).second) continue;
    const DeviceProfile* profile = profiles.profile(devices->device);
    std::map<LawKind, std::vector<const FittedLaw*>> kinds;
    if (profile != nullptr) {
      for (const FittedLaw& law : profile->laws) {
        if (law.held_out) kinds[law.kind].push_back(&law);
      }
    }
    if (kinds.empty()) errors.push_back({.device = devices->device});
    for (const auto& [kind, laws] : kinds) {
      LawError error{.device = devices->device,
                     .law = std::string(law_kind_names()[static_cast<std::size_t>(kind)]),
                     .laws = static_cast<std::int64_t>(laws.size())};
      std::vector<double> medians;
      std::set<std::string> sources;
      for (const FittedLaw* law : laws) {
        error.points += law->points;
        error.p90 = std::max(error.p90, law->held_out->p90);
        medians.push_back(law->held_out->median);
        sources.insert(law->source);
      }
      error.median = quantile(medians, 0.5);
      error.sources = fmt::format("{}", fmt::join(sources, "; "));
      errors.push_back(std::move(error));
    }
  }
  return errors;
}

}  // namespace microdc
