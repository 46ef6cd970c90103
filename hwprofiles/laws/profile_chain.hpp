// Whose measurements may stand for a device.
#pragma once

#include <vector>

#include "hwprofiles/laws/law_choice.hpp"

namespace microdc {

/// The device's own profile, then those of its relatives (catalog), nearest first; CPUs: then the
/// generic one. If there is any, the other measured devices of the same sort follow, most alike in
/// bandwidth and arithmetic intensity first, for single laws that the former lack.
/// Pointers are into `profiles`. Empty: the device cannot be simulated.
std::vector<ProfileLink> profile_chain(const HardwareCatalog& catalog, const ProfileStore& profiles,
                                       const DeviceNumbers& numbers);

}  // namespace microdc
