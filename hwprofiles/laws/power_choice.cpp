#include "hwprofiles/laws/power_choice.hpp"

#include <fmt/format.h>

#include <cmath>

#include "hwprofiles/laws/figure_draw.hpp"

namespace microdc {
namespace {

struct PowerChoice {
  const PowerLaw* law = nullptr;
  double slope_ratio = 1;
};

PowerChoice choose_power(const DeviceNumbers& numbers, const std::vector<ProfileLink>& chain,
                         const ProfileStore& profiles, std::vector<std::string>& caveats) {
  if (const PowerLaw* own = profiles.power(numbers.name)) return {.law = own};
  for (const ProfileLink& link : chain) {
    const PowerLaw* law = profiles.power(link.profile->device);
    if (!law || !(link.numbers.tdp > 0)) continue;
    const bool assumed = link.profile->device == generic_cpu_profile;
    caveats.push_back(assumed ? fmt::format("{}: power law is assumed", numbers.name)
                              : fmt::format("{}: power law borrowed from {}", numbers.name,
                                            link.profile->device));
    return {.law = law,
            .slope_ratio =
                (numbers.bandwidth / numbers.tdp) / (link.numbers.bandwidth / link.numbers.tdp)};
  }
  const PowerLaw* law = profiles.power(std::string(generic_power_law));
  caveats.push_back(numbers.name +
                    (law ? ": power law is assumed" : ": no power law, power is not known"));
  return {.law = law};
}

/// The figure, or a draw from its range.
double drawn(const Figure& figure, const DeviceNumbers& numbers, std::string_view purpose,
             std::optional<LawDraw> draw) {
  if (!draw) return figure.value;
  const std::string key = fmt::format("{}/{}", numbers.name, purpose);
  return drawn_value(figure.value, figure.low, figure.high, draw->normal(key, 0));
}

}  // namespace

PowerCoefficients power_coefficients(const DeviceNumbers& numbers,
                                     const std::vector<ProfileLink>& chain,
                                     const ProfileStore& profiles, std::optional<LawDraw> draw,
                                     std::vector<std::string>& caveats) {
  if (!(numbers.tdp > 0)) {
    caveats.push_back(fmt::format("{}: no TDP in the catalog, power is not known", numbers.name));
    return {};
  }
  const auto [law, slope_ratio] = choose_power(numbers, chain, profiles, caveats);
  if (!law) return {};
  PowerCoefficients power{.tdp = numbers.tdp,
                          .floor = law->floor->value,
                          .memory = law->memory->value * slope_ratio,
                          .arithmetic = law->arithmetic->value,
                          .slow = law->slow->value};
  if (numbers.idle_power) {
    power.idle = drawn(*numbers.idle_power, numbers, "idle", draw);
  } else {
    power.idle = numbers.tdp * drawn(*law->idle_share, numbers, "idle", draw);
    caveats.push_back(fmt::format("{}: idle power assumed as {:.0f} % of TDP", numbers.name,
                                  100 * law->idle_share->value));
  }
  if (draw && law->residual_sd) {
    const std::string key = fmt::format("{}/power", numbers.name);
    power.factor = std::exp(law->residual_sd->value * draw->normal(key, 0));
  }
  return power;
}

}  // namespace microdc
