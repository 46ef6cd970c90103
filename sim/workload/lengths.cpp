#include "sim/workload/lengths.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

Diagnostics check(const LengthSpec& spec, const std::string& place) {
  Diagnostics errors;
  const auto wrong = [&](const char* field, const char* message, std::string found,
                         const char* allowed) {
    errors.add({.place = place + "/" + field,
                .message = message,
                .found = std::move(found),
                .allowed = allowed,
                .fix = "correct the length's description"});
  };
  constexpr std::int64_t largest = std::numeric_limits<std::int32_t>::max();
  if (spec.min < 1 || spec.min > spec.max || spec.max > largest) {
    wrong("min", "the limits of the length are no range",
          fmt::format("{} to {}", spec.min, spec.max), "1 <= min <= max < 2^31 tokens");
  }
  if (spec.kind == LengthSpec::Kind::table) {
    if (!(spec.table_scale > 0 && spec.table_scale <= 1e9)) {
      wrong("table_scale", "the scale of the lengths is out of range",
            fmt::format("{}", spec.table_scale), "above 0, to 1e9");
    }
    return errors;
  }
  if (!(spec.mean >= 1 && spec.mean <= 1e9)) {
    wrong("mean", "the mean length is out of range", fmt::format("{}", spec.mean),
          "1 to 1e9 tokens");
  }
  const double most = spec.kind == LengthSpec::Kind::uniform ? 1 : 10;
  if (!(spec.spread >= 0 && spec.spread <= most)) {
    wrong("spread", "the spread is out of range", fmt::format("{}", spec.spread),
          spec.kind == LengthSpec::Kind::uniform ? "0 to 1 (half width over mean)"
                                                 : "0 to 10 (sigma of the log)");
  }
  return errors;
}

}  // namespace

Result<LengthSampler> LengthSampler::make(const LengthSpec& spec, const std::string& place) {
  Diagnostics errors = check(spec, place);
  LengthSampler sampler(spec);
  if (spec.kind == LengthSpec::Kind::table) {
    const auto& catalog = workload_catalog();
    if (!catalog.ok()) {
      errors.append(catalog.diagnostics());
      return errors;
    }
    const auto found =
        std::find_if(catalog->lengths.begin(), catalog->lengths.end(),
                     [&](const QuantileTable& table) { return table.name == spec.table; });
    if (found == catalog->lengths.end()) {
      const auto names = length_table_names();
      const auto near = nearest_match(spec.table, names);
      errors.add({.place = place + "/table",
                  .message = "there is no such table of lengths",
                  .found = spec.table,
                  .allowed = join_names(names),
                  .fix = near ? "did you mean " + *near + "?" : "choose one of the tables"});
      return errors;
    }
    sampler.table_ = *found;
  }
  if (errors.has_errors()) return errors;
  return sampler;
}

double quantile(const QuantileTable& table, double u) {
  const double percent = std::clamp(100 * u, 0.0, 100.0);
  const auto upper = std::upper_bound(table.percent.begin(), table.percent.end(), percent);
  if (upper == table.percent.end()) return table.tokens.back();
  const auto i = static_cast<std::size_t>(upper - table.percent.begin());
  const double share = (percent - table.percent[i - 1]) / (table.percent[i] - table.percent[i - 1]);
  return table.tokens[i - 1] + share * (table.tokens[i] - table.tokens[i - 1]);
}

std::int32_t LengthSampler::at(double u) const {
  double tokens = spec_.mean;
  switch (spec_.kind) {
    case LengthSpec::Kind::fixed: break;
    case LengthSpec::Kind::uniform: tokens = spec_.mean * (1 + spec_.spread * (2 * u - 1)); break;
    case LengthSpec::Kind::lognormal:
      // The mean of a lognormal is exp(mu + sigma^2/2).
      tokens =
          spec_.mean * std::exp(spec_.spread * inverse_normal(u) - spec_.spread * spec_.spread / 2);
      break;
    case LengthSpec::Kind::table: tokens = spec_.table_scale * quantile(table_, u); break;
  }
  const double low = static_cast<double>(spec_.min);
  const double high = static_cast<double>(spec_.max);
  return static_cast<std::int32_t>(std::clamp(std::round(tokens), low, high));
}

std::int32_t LengthSampler::limited(std::int64_t tokens) const {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(tokens, 1, spec_.max));
}

}  // namespace microdc
