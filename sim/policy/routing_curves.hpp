// How much quality is kept when a small model answers what it can:
// sim/policy/catalog/routing_curves.json.
//
//   quality(f) = small + (large - small) * recovered(f),   f: share of requests for the large model
//
// A learned router follows its measured curve, a random one the straight line. An oracle knows
// which model answers what; with a, b = shares of questions that only the large, only the small
// model answers, recovered(f) = (min(f, a) - max(0, f - (1 - b))) / (a - b).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/base/provenance.hpp"

namespace microdc {

struct RoutingCurve {
  std::string name;
  std::string label;
  double strong = 0;                  ///< quality of the large model of the measured pair
  double weak = 0;                    ///< of the small one
  std::string scale;                  ///< of both
  std::vector<double> large_share;    ///< from 0 to 1, rising
  std::vector<double> gap_recovered;  ///< at these shares
  std::optional<double> only_large;   ///< share of questions that only the large model answers
  std::optional<double> only_small;
  double cpt50 = 0;  ///< least share of large calls that recovers half of the gap, as published
  double cpt80 = 0;
  Provenance kind = Provenance::measured;
  std::string source, date, note;

  /// Share of the gap that the measured router recovers, linear between its points.
  [[nodiscard]] double learned(double share) const;
  /// Empty if the joint outcomes are not known.
  [[nodiscard]] std::optional<double> oracle(double share) const;
  /// Quality over that of the large model alone, for a recovered share of the gap.
  [[nodiscard]] double retained(double recovered) const {
    return (weak + (strong - weak) * recovered) / strong;
  }
};
void describe(FieldVisitor& visitor, RoutingCurve& curve);

/// What a router recovers at this share: "learned", "random" or "oracle". Empty if it is not known.
std::optional<double> gap_recovered(const RoutingCurve& curve, std::string_view router,
                                    double share);

/// The catalog in data_root(), read once per process. Errors: file missing or wrong, a curve that
/// does not rise from (0, 0) to (1, 1) in its shares.
const Result<std::vector<RoutingCurve>>& routing_curves();
/// Null if there is none of this name, or the catalog cannot be read.
const RoutingCurve* find_routing_curve(std::string_view name);

}  // namespace microdc
