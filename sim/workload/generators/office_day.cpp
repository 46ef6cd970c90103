// The working days of an organisation: users who each have their prompts, spread over the day.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/workload/catalog.hpp"
#include "sim/workload/generators/assemble.hpp"
#include "sim/workload/generators/kinds.hpp"
#include "hwprofiles/base/random.hpp"

namespace microdc {
namespace {

constexpr int minutes_per_day = 24 * 60;

/// Cumulative share of a day's requests at the end of each minute: hour weights times a lognormal
/// AR(1) modulation, ln m_t = s·z_t - s²/2 with z_t = phi·z_(t-1) + sqrt(1-phi²)·e_t and
/// s² = ln(1 + CV²), so that m has mean 1 and the given CV.
std::vector<double> cumulative_day(const WorkloadSpec& spec, const DayProfile& profile, double phi,
                                   std::uint64_t seed, std::uint32_t stream, std::uint32_t day) {
  RandomStream random(seed, RandomPurpose::rate_modulation, stream, day);
  const double variance = std::log1p(spec.minute_rate_cv * spec.minute_rate_cv);
  std::vector<double> cumulative(minutes_per_day);
  double z = random.normal();
  double sum = 0;
  for (int minute = 0; minute < minutes_per_day; ++minute) {
    if (minute > 0) z = phi * z + std::sqrt(1 - phi * phi) * random.normal();
    sum += profile.hour_weights[static_cast<std::size_t>(minute / 60)] *
           std::exp(std::sqrt(variance) * z - variance / 2);
    cumulative[static_cast<std::size_t>(minute)] = sum;
  }
  for (double& value : cumulative) value /= sum;
  return cumulative;
}

/// The time of day [s] at which the share u of the day's requests has arrived.
double time_of_day(const std::vector<double>& cumulative, double u) {
  const auto at = std::upper_bound(cumulative.begin(), cumulative.end(), u);
  if (at == cumulative.end()) return minutes_per_day * 60.0;
  const auto minute = static_cast<std::size_t>(at - cumulative.begin());
  const double before = minute == 0 ? 0 : cumulative[minute - 1];
  return 60 * (static_cast<double>(minute) + (u - before) / (*at - before));
}

Diagnostics check(const WorkloadSpec& spec) {
  Diagnostics errors;
  const auto within = [&](const char* field, double value, double low, double high,
                          const char* fix) {
    if (value >= low && value <= high) return;
    errors.add(workload_error(spec, field, "the value is out of range", fmt::format("{}", value),
                              fmt::format("{} to {}", low, high), fix));
  };
  within("users", static_cast<double>(spec.users), 1, 1e7, "give the number of employees");
  within("active_share", spec.active_share, 0, 1, "a share of the users");
  within("prompts_per_active_user", spec.prompts_per_active_user, 0, 1e5, "prompts a day");
  within("minute_rate_cv", spec.minute_rate_cv, 0, 10, "a coefficient of variation");
  within("turns_mean", spec.turns_mean, 1, 1e6, "turns in a session");
  if (spec.duration) {
    within("duration", spec.duration->value(), 1, 366 * 86400.0, "seconds of at most a year");
  }
  if (spec.requests) {
    within("requests", static_cast<double>(*spec.requests), 1,
           static_cast<double>(max_stream_requests), "a limit on the number of requests");
  }
  return errors;
}

Result<DayProfile> find_profile(const WorkloadSpec& spec, const WorkloadCatalog& catalog) {
  for (const DayProfile& profile : catalog.day_profiles) {
    if (profile.name == spec.day_profile) return profile;
  }
  const auto names = day_profile_names();
  const auto near = nearest_match(spec.day_profile, names);
  return workload_error(spec, "day_profile", "there is no such day profile", spec.day_profile,
                        join_names(names),
                        near ? "did you mean " + *near + "?" : "choose one of the profiles");
}

/// One user's conversations of one day. The prompts of a day count every turn; the last
/// conversation of the day is cut short where they run out.
void add_user_day(const WorkloadSpec& spec, const UserBehaviour& behaviour,
                  const std::vector<double>& cumulative, double day_start, RandomStream& random,
                  std::vector<Opener>& openers) {
  const bool active = random.uniform() < spec.active_share;
  const double sigma = behaviour.prompts_per_user_sigma;
  const double mean = spec.prompts_per_active_user * random.lognormal(-sigma * sigma / 2, sigma);
  if (!active) return;
  std::int64_t prompts = random.poisson(mean);
  while (prompts > 0) {
    const double time = day_start + time_of_day(cumulative, random.uniform());
    const std::int64_t turns = std::min(prompts, random.geometric(spec.turns_mean));
    openers.push_back({to_nanoseconds(time), turns});
    prompts -= turns;
  }
}

Result<RequestStream> make_office(const WorkloadSpec& spec, std::uint64_t seed,
                                  std::uint32_t stream, const std::filesystem::path&) {
  Diagnostics errors = check(spec);
  const auto& catalog = workload_catalog();
  if (!catalog.ok()) {
    errors.append(catalog.diagnostics());
    return errors;
  }
  const auto profile = find_profile(spec, *catalog);
  errors.append(profile.diagnostics());
  const double duration = spec.duration ? spec.duration->value() : 86400;
  const double days = std::ceil(duration / 86400);
  const double expected =
      static_cast<double>(spec.users) * spec.active_share * spec.prompts_per_active_user * days;
  if (expected > static_cast<double>(max_stream_requests) / 2) {
    errors.add(workload_error(
        spec, "users", "the stream has too many requests", fmt::format("about {:.3g}", expected),
        fmt::format("at most {}", max_stream_requests / 2), "fewer users, prompts or days"));
  }
  if (errors.has_errors()) return errors;
  const Nanoseconds end = to_nanoseconds(duration);
  std::vector<Opener> openers;
  for (std::uint32_t day = 0; day < static_cast<std::uint32_t>(days); ++day) {
    const auto cumulative = cumulative_day(
        spec, *profile, catalog->behaviour.minute_rate_autocorrelation, seed, stream, day);
    for (std::uint32_t user = 0; user < static_cast<std::uint32_t>(spec.users); ++user) {
      // A user's luck depends on user and day only, so that more users add to those there are.
      RandomStream random(seed + (std::uint64_t{day} << 40), RandomPurpose::users, stream, user);
      add_user_day(spec, catalog->behaviour, cumulative, 86400.0 * day, random, openers);
    }
  }
  std::erase_if(openers, [end](const Opener& opener) { return opener.arrival >= end; });
  std::stable_sort(openers.begin(), openers.end(),
                   [](const Opener& a, const Opener& b) { return a.arrival < b.arrival; });
  return assemble(spec, seed, stream, openers, end);
}

}  // namespace

WorkloadKind office_day_kind() {
  return {"office_day", "working days of an organisation: users, hours of the day, sessions",
          make_office};
}

}  // namespace microdc
