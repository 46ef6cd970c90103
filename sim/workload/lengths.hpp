// Token counts of prompts and answers, drawn from a LengthSpec.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "hwprofiles/base/diagnostics.hpp"
#include "sim/scenario/scenario.hpp"
#include "sim/workload/catalog.hpp"

namespace microdc {

class LengthSampler {
 public:
  /// `place` ("/input") is for messages. Errors: no such table, mean or spread out of range,
  /// min above max.
  static Result<LengthSampler> make(const LengthSpec& spec, const std::string& place);

  /// The length at quantile u in (0, 1): the inverse distribution function, rounded to a whole
  /// token and limited to [min, max]. One random number a length keeps variants comparable.
  [[nodiscard]] std::int32_t at(double u) const;
  /// Limits a length to [1, max]: for conversations that grow.
  [[nodiscard]] std::int32_t limited(std::int64_t tokens) const;

 private:
  explicit LengthSampler(const LengthSpec& spec) : spec_(spec) {}
  LengthSpec spec_;
  QuantileTable table_;
};

/// The quantile of a table at u in [0, 1], linear between its points [tokens].
double quantile(const QuantileTable& table, double u);

}  // namespace microdc
