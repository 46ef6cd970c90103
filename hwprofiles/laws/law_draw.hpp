// Parameters of a chosen law: the best estimate, or one draw from what is known about them.
#pragma once

#include <optional>
#include <vector>

#include "hwprofiles/laws/device_laws.hpp"
#include "hwprofiles/laws/law_choice.hpp"

namespace microdc {

struct LawValues {
  std::vector<double> theta;  ///< all of law_parameters
  double factor = 1;          ///< on all times of the law
};

class LawSampler {
 public:
  /// `spread` may be null; `numbers` are those of the device that is asked for.
  LawSampler(DeviceNumbers numbers, const SpreadFigures* spread, std::optional<LawDraw> draw)
      : numbers_(std::move(numbers)), spread_(spread), draw_(draw) {}

  /// Without a draw the stored parameters and a factor of one. With one: parameters from the fitted
  /// covariance (the same for all devices that use the law) and a factor for what no fit tells
  /// about this device (docs/laws.md, "uncertainty").
  [[nodiscard]] LawValues values_of(const LawChoice& choice) const;

  /// Standard deviation of the logarithm of that factor.
  [[nodiscard]] double common_sd(const LawChoice& choice) const;

 private:
  DeviceNumbers numbers_;
  const SpreadFigures* spread_;
  std::optional<LawDraw> draw_;
};

}  // namespace microdc
