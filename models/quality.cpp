#include "models/quality.hpp"

#include <nlohmann/json.hpp>
#include <vector>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

struct ScoredModel {
  std::string model;
  std::string same_as;  ///< another model of the list: the same weights in another format
  std::optional<Figure> score;
};
struct FormatLoss {
  std::string format;
  std::optional<Figure> loss;
};
struct QualityFile {
  std::string description;
  std::vector<ScoredModel> models;
  std::vector<FormatLoss> formats;
};

void describe(FieldVisitor& v, ScoredModel& item) {
  v.text({.name = "model", .label = "Model", .required = true}, item.model);
  v.text({.name = "same_as", .label = "Same as"}, item.same_as);
  v.figure({.name = "score", .label = "Score", .min = 0, .max = 100}, item.score);
}
void describe(FieldVisitor& v, FormatLoss& item) {
  v.text({.name = "format", .label = "Format", .required = true}, item.format);
  v.figure({.name = "loss", .label = "Loss", .min = 0, .max = 100, .required = true}, item.loss);
}
void describe(FieldVisitor& v, QualityFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "models", .label = "Models", .required = true}, file.models);
  v.objects({.name = "formats", .label = "Formats", .required = true}, file.formats);
}

Diagnostic wrong(const std::filesystem::path& file, std::string message, std::string found) {
  return {.file = file.string(), .message = std::move(message), .found = std::move(found)};
}

}  // namespace

Result<QualityCatalog> QualityCatalog::load(const std::filesystem::path& file) {
  const Result<Json> json = read_json_file(file);
  if (!json) return json.diagnostics();
  QualityFile content;
  Diagnostics findings = read_fields(content, *json, file.string());
  QualityCatalog catalog;
  for (const ScoredModel& item : content.models) {
    if (!item.score) continue;
    if (!catalog.scores_.emplace(item.model, *item.score).second) {
      findings.add(wrong(file, "a model stands here twice", item.model));
    }
  }
  for (const ScoredModel& item : content.models) {
    if (item.score) continue;
    const auto other = catalog.scores_.find(item.same_as);
    if (other == catalog.scores_.end()) {
      findings.add(wrong(file, "a model without score is the same as none with one", item.model));
    } else {
      catalog.scores_.emplace(item.model, other->second);
    }
  }
  for (const FormatLoss& item : content.formats) {
    const auto format = parse_number_format(item.format);
    if (!format) {
      findings.add(wrong(file, "there is no such format", item.format));
    } else if (item.loss) {
      catalog.losses_[*format] = *item.loss;
    }
  }
  if (findings.has_errors()) return findings;
  return {std::move(catalog), std::move(findings)};
}

std::optional<double> QualityCatalog::score(std::string_view model, NumberFormat format,
                                            NumberFormat native) const {
  const auto found = scores_.find(model);
  if (found == scores_.end()) return std::nullopt;
  const auto loss = losses_.find(format);
  if (format == native || loss == losses_.end()) return found->second.value;
  return found->second.value - loss->second.value;
}

std::optional<Figure> QualityCatalog::published(std::string_view model) const {
  const auto found = scores_.find(model);
  if (found == scores_.end()) return std::nullopt;
  return found->second;
}

}  // namespace microdc
