#include "sim/policy/routing_curves.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "hwprofiles/base/json_io.hpp"

namespace microdc {
namespace {

struct CurveFile {
  std::string description, pair;
  std::vector<RoutingCurve> curves;
};
void describe(FieldVisitor& v, CurveFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.text({.name = "pair", .label = "Measured pair"}, file.pair);
  v.objects({.name = "curves", .label = "Curves", .required = true}, file.curves);
}

bool is_a_curve(const RoutingCurve& curve) {
  const auto& x = curve.large_share;
  const auto& y = curve.gap_recovered;
  const bool whole = x.size() == y.size() && x.size() >= 2 && x.front() == 0 && x.back() == 1 &&
                     y.front() == 0 && y.back() == 1;
  return whole && std::is_sorted(x.begin(), x.end(), std::less_equal<>()) &&
         curve.strong > curve.weak && curve.only_large.has_value() == curve.only_small.has_value();
}

Result<std::vector<RoutingCurve>> load() {
  const auto path = data_root() / "sim/policy/catalog/routing_curves.json";
  const auto json = read_json_file(path);
  if (!json) return json.diagnostics();
  CurveFile file;
  Diagnostics findings = read_fields(file, *json, path.string());
  for (const RoutingCurve& curve : file.curves) {
    if (is_a_curve(curve)) continue;
    findings.add({.file = path.string(),
                  .place = curve.name,
                  .message = "this is no curve of a router",
                  .allowed = "as many points in both lists, from (0, 0) to (1, 1), shares rising; "
                             "strong above weak; both joint outcomes or none",
                  .fix = "correct the catalog"});
  }
  if (findings.has_errors()) return findings;
  return std::move(file.curves);
}

}  // namespace

void describe(FieldVisitor& v, RoutingCurve& curve) {
  const auto share = [&](std::string_view name, std::string_view label, auto& value) {
    v.number({.name = name, .label = label, .min = 0, .max = 1}, value);
  };
  v.text({.name = "name", .label = "Name", .required = true}, curve.name);
  v.text({.name = "label", .label = "Measured on", .required = true}, curve.label);
  v.number({.name = "strong", .label = "Quality of the large model", .min = 0, .max = 100},
           curve.strong);
  v.number({.name = "weak", .label = "Quality of the small model", .min = 0, .max = 100},
           curve.weak);
  v.text({.name = "scale", .label = "Quality is", .required = true}, curve.scale);
  v.numbers({.name = "large_share",
             .label = "Share of the large model",
             .min = 0,
             .max = 1,
             .required = true},
            curve.large_share);
  v.numbers(
      {.name = "gap_recovered", .label = "Gap recovered", .min = 0, .max = 1.2, .required = true},
      curve.gap_recovered);
  share("only_large", "Only the large model is right", curve.only_large);
  share("only_small", "Only the small model is right", curve.only_small);
  share("cpt50", "Share for half of the gap", curve.cpt50);
  share("cpt80", "Share for 80 % of the gap", curve.cpt80);
  v.choice({.name = "kind", .label = "Kind", .required = true}, provenance_names(), curve.kind);
  v.text({.name = "source", .label = "Source", .required = true}, curve.source);
  v.text({.name = "date", .label = "Date"}, curve.date);
  v.text({.name = "note", .label = "Note"}, curve.note);
}

double RoutingCurve::learned(double share) const {
  const double x = std::clamp(share, 0.0, 1.0);
  std::size_t i = 1;
  while (large_share[i] < x) ++i;
  const double t = (x - large_share[i - 1]) / (large_share[i] - large_share[i - 1]);
  return gap_recovered[i - 1] + t * (gap_recovered[i] - gap_recovered[i - 1]);
}

std::optional<double> RoutingCurve::oracle(double share) const {
  if (!only_large || !only_small) return std::nullopt;
  const double right = std::min(share, *only_large) - std::max(0.0, share - (1 - *only_small));
  return right / (*only_large - *only_small);
}

std::optional<double> gap_recovered(const RoutingCurve& curve, std::string_view router,
                                    double share) {
  if (router == "random") return share;
  if (router == "oracle") return curve.oracle(share);
  return curve.learned(share);
}

const Result<std::vector<RoutingCurve>>& routing_curves() {
  static const Result<std::vector<RoutingCurve>> curves = load();
  return curves;
}

const RoutingCurve* find_routing_curve(std::string_view name) {
  if (!routing_curves()) return nullptr;
  const auto& all = *routing_curves();
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const auto& curve) { return curve.name == name; });
  return at == all.end() ? nullptr : &*at;
}

}  // namespace microdc
