// How good a model's answers are: models/quality/mmlu.json, one score per model and what a narrower
// format of its weights costs.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "hwprofiles/base/diagnostics.hpp"
#include "hwprofiles/base/fields.hpp"
#include "hwprofiles/work/operators.hpp"

namespace microdc {

class QualityCatalog {
 public:
  /// Errors: file missing or wrong, a model twice, `same_as` of nothing.
  static Result<QualityCatalog> load(const std::filesystem::path& file);

  /// MMLU score [0..100] of the model with weights in `format`, which loses nothing against
  /// `native`, the format that it was published in. Empty if nobody measured the model.
  [[nodiscard]] std::optional<double> score(std::string_view model, NumberFormat format,
                                            NumberFormat native) const;
  /// With source; empty if nobody measured it.
  [[nodiscard]] std::optional<Figure> published(std::string_view model) const;

 private:
  std::map<std::string, Figure, std::less<>> scores_;
  std::map<NumberFormat, Figure> losses_;
};

}  // namespace microdc
