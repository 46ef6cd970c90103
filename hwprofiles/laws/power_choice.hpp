// The power law of a device: its own, a relative's, or the assumed one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/laws/device_laws.hpp"
#include "hwprofiles/laws/equations.hpp"
#include "hwprofiles/laws/law_choice.hpp"

namespace microdc {

/// All zero if the device has no TDP in the catalog or there is no power law at all (with a
/// caveat). A relative's memory slope grows with the device's bandwidth per watt (docs/laws.md,
/// "power").
PowerCoefficients power_coefficients(const DeviceNumbers& numbers,
                                     const std::vector<ProfileLink>& chain,
                                     const ProfileStore& profiles, std::optional<LawDraw> draw,
                                     std::vector<std::string>& caveats);

}  // namespace microdc
