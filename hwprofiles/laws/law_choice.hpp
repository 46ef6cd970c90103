// Which fitted law stands for which kernel: exact where measured, else the nearest, with caveats.
#pragma once

#include <string>
#include <vector>

#include "hwprofiles/laws/device_numbers.hpp"
#include "hwprofiles/laws/profile.hpp"

namespace microdc {

/// A device whose profile may be used: the device itself, then its relatives, nearest first.
struct ProfileLink {
  const DeviceProfile* profile = nullptr;
  DeviceNumbers numbers;  ///< of the device on which the profile was measured
  bool borrowed = false;
};

/// A law and how far it is from what was asked for.
struct LawChoice {
  const FittedLaw* law = nullptr;
  const ProfileLink* link = nullptr;
  bool other_source = false;
  bool other_format = false;
};

/// Formats whose law may stand for `format`, itself first. `native` tells whether the device
/// computes in it; otherwise only kernels that expand weights to 16 bits are alike.
std::vector<NumberFormat> gemm_stand_ins(NumberFormat format, bool native);
std::vector<NumberFormat> attention_stand_ins(NumberFormat format);

/// The nearest law. Preference: nearest device; on it the format itself from the same source, then
/// from another source (vLLM, TensorRT-LLM, then the one with most points), then the next format.
/// fp16 and bf16 count as one. `law` is null if no link has any.
LawChoice choose_law(const std::vector<ProfileLink>& chain, LawKind kind,
                     const std::vector<NumberFormat>& formats, const std::string& kernel_source);

}  // namespace microdc
