#include "hwprofiles/laws/profile_chain.hpp"

#include <algorithm>
#include <cmath>
#include <set>

namespace microdc {
namespace {

/// How unlike two devices are: factors in bandwidth and in arithmetic per byte.
double distance(const DeviceNumbers& a, const DeviceNumbers& b) {
  const double bandwidth = std::log(a.bandwidth / b.bandwidth);
  const double intensity = std::log(a.peak_of(NumberFormat::bf16) / a.bandwidth) -
                           std::log(b.peak_of(NumberFormat::bf16) / b.bandwidth);
  return std::abs(bandwidth) + std::abs(intensity);
}

/// Appends the other measured devices of the same sort, most alike first: for single laws that
/// neither the device nor its relatives have.
void append_others(const HardwareCatalog& catalog, const ProfileStore& profiles,
                   const DeviceNumbers& numbers, std::vector<ProfileLink>& chain) {
  std::vector<ProfileLink> others;
  for (const auto& [name, profile] : profiles.profiles()) {
    const auto is_this = [candidate = &profile](const ProfileLink& link) {
      return link.profile == candidate;
    };
    if (std::any_of(chain.begin(), chain.end(), is_this)) continue;
    auto other = device_numbers(catalog, name);
    if (other && other->is_cpu == numbers.is_cpu) {
      others.push_back({&profile, std::move(*other), true});
    }
  }
  std::stable_sort(others.begin(), others.end(), [&](const ProfileLink& a, const ProfileLink& b) {
    return distance(a.numbers, numbers) < distance(b.numbers, numbers);
  });
  chain.insert(chain.end(), others.begin(), others.end());
}

}  // namespace

std::vector<ProfileLink> profile_chain(const HardwareCatalog& catalog, const ProfileStore& profiles,
                                       const DeviceNumbers& numbers) {
  std::vector<ProfileLink> chain;
  std::set<std::string> seen;
  DeviceNumbers current = numbers;
  while (seen.insert(current.name).second) {
    if (const DeviceProfile* profile = profiles.profile(current.name)) {
      chain.push_back({profile, current, current.name != numbers.name});
    }
    if (current.relative.empty()) break;
    auto next = device_numbers(catalog, current.relative);
    if (!next) break;
    current = std::move(*next);
  }
  if (numbers.is_cpu) {
    if (const DeviceProfile* profile = profiles.profile(std::string(generic_cpu_profile))) {
      chain.push_back({profile, numbers, false});
    }
  }
  if (!chain.empty()) append_others(catalog, profiles, numbers, chain);
  return chain;
}

}  // namespace microdc
