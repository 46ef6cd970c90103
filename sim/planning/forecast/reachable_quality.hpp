// How good the best open model of a size is, and what that becomes as models grow denser.
#pragma once

#include <optional>

#include "hwprofiles/base/diagnostics.hpp"
#include "models/model_card.hpp"
#include "models/quality.hpp"

namespace microdc {

/// Parameters of a dense model that is about as good: all of them, of a mixture of experts the
/// geometric mean of all and those that a token uses (a rule of thumb of the field).
double effective_parameters(const ModelCard& card);

/// Score of the best open models over their size today:
///   ln(q / (100 - q)) = intercept + slope · ln(effective parameters),
/// a least-squares line through the models that no smaller one beats.
struct QualityCurve {
  double intercept = 0;
  double slope = 0;
  double spread = 0;  ///< standard deviation of the log odds around the line
  int models = 0;     ///< on the frontier

  /// Score [0..100] of `parameters` effective parameters; `luck`: how many spreads off the line.
  [[nodiscard]] double score(double parameters, double luck = 0) const;
  /// Effective parameters that a score takes.
  [[nodiscard]] double parameters(double score) const;
};

/// Errors: fewer than three models with a score and a card, or better ones that are not larger.
Result<QualityCurve> quality_curve(const ModelCatalog& models, const QualityCatalog& quality);

/// Score whose odds are `factor` times those of `score`.
double with_odds(double score, double factor);

}  // namespace microdc
