#include "sim/planning/sizing/peak_load.hpp"

#include <algorithm>
#include <cmath>

#include "sim/workload/catalog.hpp"
#include "sim/workload/lengths.hpp"

namespace microdc {
namespace {

constexpr double z_of_p95 = 1.6448536269514722;

double mean_of(const LengthSampler& lengths) {
  constexpr int points = 1000;
  double sum = 0;
  for (int i = 0; i < points; ++i) sum += lengths.at((i + 0.5) / points);
  return sum / points;
}

}  // namespace

Result<PeakLoad> peak_load(const WorkloadSpec& spec) {
  const auto& catalog = workload_catalog();
  if (!catalog) return catalog.diagnostics();
  const auto input = LengthSampler::make(spec.input, "/input");
  const auto output = LengthSampler::make(spec.output, "/output");
  Diagnostics errors = input.diagnostics();
  errors.append(output.diagnostics());
  const auto profile =
      std::find_if(catalog->day_profiles.begin(), catalog->day_profiles.end(),
                   [&](const DayProfile& known) { return known.name == spec.day_profile; });
  if (profile == catalog->day_profiles.end()) {
    errors.add({.place = "/day_profile",
                .message = "there is no such day profile",
                .found = spec.day_profile,
                .allowed = join_names(day_profile_names())});
  }
  if (errors.has_errors()) return errors;
  const double prompts =
      static_cast<double>(spec.users) * spec.active_share * spec.prompts_per_active_user;
  const double busiest =
      *std::max_element(profile->hour_weights.begin(), profile->hour_weights.end());
  // The rate of a minute is lognormal with mean 1 around that of its hour (office_day).
  const double variance = std::log1p(spec.minute_rate_cv * spec.minute_rate_cv);
  const double minute = std::exp(z_of_p95 * std::sqrt(variance) - variance / 2);
  return PeakLoad{.requests_per_s = prompts * busiest / 3600 * minute,
                  .input_tokens = mean_of(*input),
                  .output_tokens = mean_of(*output),
                  .long_prompt = static_cast<double>(input->at(0.95))};
}

}  // namespace microdc
