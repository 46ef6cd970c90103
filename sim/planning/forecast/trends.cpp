#include "sim/planning/forecast/trends.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "hwprofiles/base/json_io.hpp"
#include "hwprofiles/laws/draws.hpp"

namespace microdc {
namespace {

/// 90 % quantile of the standard normal distribution.
constexpr double z_of_p90 = 1.2815515655446004;
/// Years that one trend's noise numbers are apart between futures: more than a forecast has.
constexpr std::uint64_t noise_stride = 64;

struct TrendsFile {
  std::string description;
  std::vector<Trend> trends;
  std::optional<Figure> smallest_model;
};
void describe(FieldVisitor& v, TrendsFile& file) {
  v.text({.name = "description", .label = "Description"}, file.description);
  v.objects({.name = "trends", .label = "Trends", .required = true}, file.trends);
  v.figure({.name = "smallest_model",
            .label = "Smallest model of equal quality",
            .help = "share of today's parameters",
            .min = 1e-6,
            .max = 1,
            .required = true},
           file.smallest_model);
}

std::vector<std::string> trend_names() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < trend_count; ++i) {
    names.emplace_back(name_of(static_cast<TrendName>(i)));
  }
  return names;
}

std::optional<std::size_t> index_of(const std::string& name) {
  const auto names = trend_names();
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return std::nullopt;
  return static_cast<std::size_t>(at - names.begin());
}

Diagnostic unknown(const std::string& name) {
  const auto names = trend_names();
  const auto near = nearest_match(name, names);
  return {.message = "there is no such trend",
          .found = fmt::format("\"{}\"", name),
          .allowed = join_names(names),
          .fix = near ? fmt::format("did you mean \"{}\"?", *near) : "`microdc list trends`"};
}

/// Quantiles out of order; `place` is where the figure stands.
void check_order(const Figure& figure, const std::string& file, const std::string& place,
                 Diagnostics& findings) {
  const double low = figure.low.value_or(figure.value);
  const double high = figure.high.value_or(figure.value);
  if (low <= figure.value && figure.value <= high) return;
  findings.add({.file = file,
                .place = place,
                .message = "the value has to lie within its range",
                .found = fmt::format("{:g}, {:g} to {:g}", figure.value, low, high)});
}

Result<Trends> load(const std::filesystem::path& path) {
  const Result<Json> json = read_json_file(path);
  if (!json) return json.diagnostics();
  TrendsFile content;
  const std::string file = path.string();
  Diagnostics findings = read_fields(content, *json, file);
  if (findings.has_errors()) return findings;
  Trends trends{.trends = std::vector<Trend>(trend_count),
                .smallest_model = content.smallest_model};
  std::set<std::string> seen;
  for (Trend& trend : content.trends) {
    Diagnostic wrong = unknown(trend.name);
    wrong.file = file;
    const auto index = index_of(trend.name);
    if (index && seen.insert(trend.name).second) {
      check_order(*trend.per_year, file, trend.name, findings);
      trends.trends[*index] = std::move(trend);
      continue;
    }
    if (index) wrong.message = "this trend stands here twice";
    findings.add(std::move(wrong));
  }
  for (const std::string& name : trend_names()) {
    if (!seen.contains(name)) {
      findings.add({.file = file, .message = "a trend is missing", .found = name});
    }
  }
  if (findings.has_errors()) return findings;
  return trends;
}

}  // namespace

std::string_view name_of(TrendName trend) {
  constexpr std::array<std::string_view, trend_count> names{"demand",
                                                            "model_density",
                                                            "compute_per_money",
                                                            "bandwidth_per_money",
                                                            "memory_per_money",
                                                            "compute_per_watt",
                                                            "accelerator_price",
                                                            "api_price",
                                                            "electricity_price",
                                                            "frontier_quality"};
  return names[static_cast<std::size_t>(trend)];
}

void describe(FieldVisitor& v, Trend& trend) {
  v.text({.name = "name", .label = "Name", .required = true}, trend.name);
  v.text({.name = "label", .label = "What it is", .required = true}, trend.label);
  v.figure({.name = "per_year",
            .label = "Factor per year",
            .help = "range: 10 % and 90 % quantile",
            .min = 0.01,
            .max = 1000,
            .required = true},
           trend.per_year);
  v.number({.name = "noise",
            .label = "Noise",
            .help = "standard deviation of the logarithm of a single year",
            .min = 0,
            .max = 2},
           trend.noise);
}

const Result<Trends>& trend_catalog() {
  static const Result<Trends> catalog = load(data_root() / "sim/planning/catalog/trends.json");
  return catalog;
}

Result<Trends> trends_of(const ForecastSpec& forecast, const Trends& catalog) {
  Trends trends = catalog;
  Diagnostics findings;
  Figure& demand = *trends.trends[static_cast<std::size_t>(TrendName::demand)].per_year;
  const double ratio = forecast.demand_growth / demand.value;
  demand.value = forecast.demand_growth;
  demand.source = "the scenario";
  for (auto* end : {&demand.low, &demand.high}) {
    if (*end) **end *= ratio;
  }
  if (forecast.demand_growth_range) {
    demand.low = forecast.demand_growth_range->low;
    demand.high = forecast.demand_growth_range->high;
    check_order(demand, "", "/forecast/demand_growth", findings);
  }
  std::set<std::string> seen;
  for (std::size_t i = 0; i < forecast.trends.size(); ++i) {
    const TrendSpec& spec = forecast.trends[i];
    const std::string place = fmt::format("/forecast/trends/{}", i);
    const auto index = index_of(spec.name);
    if (!index || !seen.insert(spec.name).second) {
      Diagnostic wrong = unknown(spec.name);
      wrong.place = place + "/name";
      if (index) {
        wrong.message = "this trend stands here twice";
        wrong.fix = "remove one of them";
      }
      findings.add(std::move(wrong));
      continue;
    }
    Trend& trend = trends.trends[*index];
    trend.per_year = Figure{.value = spec.per_year, .source = "the scenario"};
    trend.noise = 0;
    if (spec.per_year_range) {
      trend.per_year->low = spec.per_year_range->low;
      trend.per_year->high = spec.per_year_range->high;
      check_order(*trend.per_year, "", place + "/per_year", findings);
    }
  }
  if (findings.has_errors()) return findings;
  return trends;
}

double drawn_factor(const Figure& figure, double z) {
  const double end =
      z >= 0 ? figure.high.value_or(figure.value) : figure.low.value_or(figure.value);
  return figure.value * std::pow(end / figure.value, std::abs(z) / z_of_p90);
}

Future::Future(const Trends& trends, std::uint64_t seed, std::uint64_t number, int years)
    : seed_(seed), number_(number) {
  for (std::size_t i = 0; i < trend_count; ++i) {
    const Trend& trend = trends.trends[i];
    const std::string purpose = "trend/" + trend.name;
    const double rate = drawn_factor(*trend.per_year, luck(purpose));
    double noise = 0;
    factors_[i].push_back(1);
    for (int year = 1; year < years; ++year) {
      if (trend.noise > 0 && number > 0) {
        noise +=
            trend.noise * standard_normal(seed, purpose + "/year",
                                          number * noise_stride + static_cast<std::uint64_t>(year));
      }
      factors_[i].push_back(std::pow(rate, year) * std::exp(noise));
    }
  }
  smallest_model_ = std::min(1.0, drawn_factor(*trends.smallest_model, luck("smallest_model")));
}

double Future::density(int year) const {
  return std::max(1.0, factor(TrendName::model_density, year));
}

double Future::model_size(int year) const { return std::max(smallest_model_, 1 / density(year)); }

double Future::luck(std::string_view purpose) const {
  return number_ == 0 ? 0 : standard_normal(seed_, purpose, number_);
}

}  // namespace microdc
