#include "calibrate/measure/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>

#include "calibrate/measure/variant_choice.hpp"
#include "calibrate/measure/visits.hpp"

namespace microdc {
namespace {

using kernels::LaunchMode;
using kernels::Operation;

/// Shares of the time limit that limits and race may take.
constexpr double curve_share = 0.15;
constexpr double race_share = 0.2;
/// What memory may take after each pass.
constexpr double memory_share = 0.03;
/// Of what is left then, the first pass's part: it also verifies.
constexpr double first_pass_share = 0.55;
/// Beyond the time limit, for points without which there would be no law (share of the limit): a
/// busy machine needs it, an idle one does not.
constexpr double grace = 0.5;
/// Part of a stage's time that even the last of its points may take: what a run left out for want
/// of time takes longer than others.
constexpr double least_part = 0.25;
/// Samples of one point take at least this long, even when time is short [s].
constexpr double least_sampling = 0.01;
/// A burst is one call after an idle gap [s].
constexpr double idle_gap = 0.05;
/// Failures one after another after which a device is given up.
constexpr int most_failures = 3;
/// Fewest samples of a race: with 9 the interval leaves out one outlier on either side.
constexpr int race_samples = 9;
/// A variant this much slower than another one is out of the race after one call.
constexpr double too_slow = 4;

class Session {
 public:
  Session(kernels::Device& device, ResultStore& store, const MeasureSettings& settings,
          const MeasureControl& control)
      : device_(device),
        store_(store),
        settings_(settings),
        control_(control),
        visits_(device, settings) {}

  MeasureOutcome run() {
    begin_ = control_.clock.now();
    end_ = begin_ + settings_.time_limit;
    reserved_ = reserved_seconds();
    outcome_.kept = static_cast<std::int64_t>(store_.points().size());
    measure_idle();
    visit_all(visits_.curve(), curve_share * settings_.time_limit);
    visits_.plan_laws(planning_limits(store_.machine(), store_.points()));
    visit_all(visits_.race(), race_share * settings_.time_limit);
    std::vector<Visit> visits = visits_.laws(choose_variants(store_.points()));
    later_visits_ = visits.size() * static_cast<std::size_t>(settings_.passes - 1);
    const double memory = memory_seconds() * settings_.passes;
    const std::int64_t before = outcome_.measured;
    visit_all(visits, (settings_.passes > 1 ? first_pass_share : 1.0) *
                          std::max(0.0, end_ - reserved_ - memory - control_.clock.now()));
    const double first_done = control_.clock.now();
    const bool has_paused = outcome_.measured == before;  // between an earlier run and this one
    look_at_memory_again(2);
    if (first_done < end_) measure_extremes();
    for (int pass = 2; pass <= settings_.passes && going(); ++pass) {
      if (has_paused) {
        end_ -= reserved_;
      } else if (first_done + settings_.pause < end_) {  // otherwise no time is left for the pass
        pause_until(first_done + settings_.pause);
      }
      reserved_ = 0;
      std::reverse(visits.begin(), visits.end());
      visit_again(visits, pass);
    }
    return outcome_;
  }

 private:
  [[nodiscard]] bool going() const {
    return !outcome_.cancelled && !outcome_.findings.has_errors();
  }
  bool cancelled() {
    if (control_.cancelled && control_.cancelled()) outcome_.cancelled = true;
    return outcome_.cancelled;
  }

  /// A later pass: the laws' points in the given order.
  void visit_again(std::vector<Visit>& visits, int pass) {
    std::erase_if(visits, [&](const Visit& visit) { return was_refused(visit); });
    for (Visit& visit : visits) {
      visit.pass = pass;
      visit.eager = false;
      visit.essential = false;  // the first pass has seen to it that there are laws
    }
    later_visits_ = 0;
    visit_all(visits, std::max(0.0, end_ - memory_seconds() - control_.clock.now()));
    look_at_memory_again(pass + 1);
  }

  [[nodiscard]] double memory_seconds() const { return memory_share * settings_.time_limit; }

  /// Whatever the time limit says: everything else is measured against it.
  void look_at_memory_again(int time) { visit_all(visits_.memory_again(time), memory_seconds()); }

  [[nodiscard]] bool was_refused(const Visit& visit) const {
    const MeasuredPoint* before = store_.find(key_of(visit.point()));
    return before && !before->has_time();
  }

  [[nodiscard]] double reserved_seconds() const {
    // Idle state, and a burst and a sustained run of about five kernels.
    const double extremes = 5 * (settings_.sustained + idle_gap * settings_.bursts);
    return settings_.passes > 1 ? std::max(settings_.pause, extremes) : extremes;
  }

  void show(const MeasuredPoint& point, std::size_t points_left) {
    if (!control_.progress) return;
    const double elapsed = control_.clock.now() - begin_;
    const double mean = visited_ > 0 ? visiting_ / static_cast<double>(visited_) : 0.1;
    const double unlimited = mean * static_cast<double>(points_left + later_visits_) + reserved_;
    // The limit leaves out what would take longer.
    const double rest =
        std::clamp(end_ - control_.clock.now(), std::min(mean, unlimited), unlimited);
    control_.progress(
        elapsed / (elapsed + rest),
        fmt::format("{} {} {}", measuring_stage_names()[static_cast<std::size_t>(point.stage)],
                    name_of(point.operation), point.format));
  }

  void add(MeasuredPoint point) {
    outcome_.findings.append(store_.add(std::move(point)));
    ++outcome_.measured;
  }

  void read_sensors(MeasuredPoint& point) {
    const kernels::SensorReading reading = device_.read_sensors();
    point.clock_hz = reading.clock_hz;
    point.temperature_celsius = reading.temperature_celsius;
    point.throttle = fmt::format("{}", fmt::join(reading.throttle_reasons, "; "));
    if (!point.power_watts) point.power_watts = reading.power_watts;
  }

  /// The variant with its buffers, verified; null with the reason in `refused`.
  std::unique_ptr<kernels::PreparedKernel> prepare(const Visit& visit, MeasuredPoint& point) {
    auto kernel = visit.variant->prepare(visit.shape, settings_.plan.seed);
    if (!kernel) {
      point.refused = "no memory for it";
      return nullptr;
    }
    point.bytes = kernel->bytes();
    point.flop = kernel->flop();
    MeasuredPoint first = visit.point();
    if (visit.stage != MeasuringStage::race) first.stage = MeasuringStage::law;
    first.pass = 1;
    // The same variant on the same shape has passed before.
    if (const MeasuredPoint* before = store_.find(key_of(first)); before && before->has_time()) {
      point.error = before->error;
      return kernel;
    }
    const kernels::Verification verification = kernel->verify();
    point.error = verification.largest_error;
    if (verification.passed) return kernel;
    point.refused = fmt::format("not verified: error {:.3g} above {:.3g}",
                                verification.largest_error, verification.tolerance);
    return nullptr;
  }

  static void take(const Timing& timing, MeasuredPoint& point) {
    point.seconds = timing.median;
    point.low = timing.low;
    point.high = timing.high;
    point.samples = timing.samples;
    point.calls = timing.calls;
    point.contended = timing.contended;
  }

  void time_mode(const Visit& visit, LaunchMode mode, kernels::PreparedKernel& kernel,
                 const TimingLimits& limits, MeasuredPoint point) {
    point.mode = mode;
    if (store_.find(key_of(visit.point(mode)))) return;
    const Timing timing = time_kernel(kernel, mode, limits, control_.clock, control_.cancelled);
    if (timing.cancelled) {
      outcome_.cancelled = true;
      return;
    }
    take(timing, point);
    if (!(timing.median > 0)) point.refused = "shorter than the clock resolves";
    read_sensors(point);
    add(std::move(point));
  }

  /// Seconds of the fastest variant so far in the race of a visit; 0 if it is the first.
  [[nodiscard]] double fastest_of(const Visit& visit) const {
    const auto race = [](MeasuredPoint point) {
      point.variant.clear();
      point.pass = 1;
      return key_of(point);
    };
    double fastest = 0;
    for (const MeasuredPoint& point : store_.points()) {
      if (point.stage != MeasuringStage::race || !point.has_time()) continue;
      if (race(point) != race(visit.point())) continue;
      if (fastest == 0 || point.seconds < fastest) fastest = point.seconds;
    }
    return fastest;
  }

  void measure(const Visit& visit, double time) {
    MeasuredPoint point = visit.point();
    try {
      const auto kernel = prepare(visit, point);
      if (kernel) {
        TimingLimits limits = settings_.timing;
        limits.time = std::clamp(time, least_sampling, limits.time);
        limits.warm_up = std::min(limits.warm_up, 0.2 * limits.time);
        if (visit.stage == MeasuringStage::race) {
          limits.fewest_samples = race_samples;
          limits.give_up = too_slow * fastest_of(visit);
        }
        time_mode(visit, LaunchMode::graph, *kernel, limits, point);
        if (visit.eager && going()) time_mode(visit, LaunchMode::eager, *kernel, limits, point);
        failures_ = 0;
        return;
      }
    } catch (const std::bad_alloc&) {
      point.refused = "no memory for it";
    } catch (const std::exception& error) {
      point.refused = fmt::format("failed: {}", error.what());
      // Some errors of a device stay until the process ends; what follows would fail as well.
      if (++failures_ >= most_failures) {
        outcome_.findings.add({.message = "the device fails again and again",
                               .found = error.what(),
                               .fix = "the same command again goes on after the last point"});
        return;
      }
    }
    add(std::move(point));
  }

  /// Whether the first round has shown that the variant is hopeless, or cannot run.
  [[nodiscard]] bool out_of_race(const Visit& visit) const {
    if (visit.stage != MeasuringStage::race || visit.pass == 1) return false;
    MeasuredPoint first = visit.point();
    first.pass = 1;
    const MeasuredPoint* before = store_.find(key_of(first));
    return before && (!before->has_time() || before->samples == 1);
  }

  /// Measures what is missing. Of the stage's `seconds` it has its part; an interrupted run has
  /// spent the others.
  void visit_all(const std::vector<Visit>& visits, double seconds) {
    std::vector<const Visit*> missing;
    std::size_t found = 0;
    for (const Visit& visit : visits) {
      if (store_.find(key_of(visit.point()))) {
        ++found;
      } else if (!out_of_race(visit)) {
        missing.push_back(&visit);
      }
    }
    const auto all = static_cast<double>(std::max<std::size_t>(1, found + missing.size()));
    const double part = static_cast<double>(missing.size()) / all;
    end_ -= (1 - part) * seconds;
    const double deadline = control_.clock.now() + std::max(part, least_part) * seconds;
    const double last = end_ + grace * settings_.time_limit;
    double overhead = 0;
    for (std::size_t i = 0; i < missing.size() && going() && !cancelled(); ++i) {
      if (out_of_race(*missing[i])) continue;
      const double now = control_.clock.now();
      if (now >= deadline && !(missing[i]->essential && now < last)) {
        ++outcome_.skipped;
        continue;
      }
      show(missing[i]->point(), missing.size() - i);
      const double share = (deadline - now) / static_cast<double>(missing.size() - i);
      const double mean = i > 0 ? overhead / static_cast<double>(i) : 0.5 * share;
      const double time = share - mean;
      measure(*missing[i], time);
      const double taken = control_.clock.now() - now;
      overhead += std::max(0.0, taken - std::max(least_sampling, time));
      visiting_ += taken;
      ++visited_;
    }
  }

  /// Clock, temperature and power of the device at rest.
  void measure_idle() {
    MeasuredPoint point{.stage = MeasuringStage::idle, .operation = Operation::launch};
    if (settings_.sustained <= 0 || store_.find(key_of(point))) return;
    const double start = control_.clock.now();
    const auto before = device_.read_sensors().energy_joules;
    if (before) control_.clock.sleep(settings_.sustained);
    const auto after = device_.read_sensors().energy_joules;
    if (before && after) {
      point.power_watts = (*after - *before) / (control_.clock.now() - start);
    }
    read_sensors(point);
    add(std::move(point));
  }

  void measure_extremes() {
    for (const Visit& visit : visits_.extremes(store_.points())) {
      if (!going() || cancelled()) return;
      try {
        measure_extreme(visit);
      } catch (const std::exception& error) {
        MeasuredPoint point = visit.point();
        point.stage = MeasuringStage::sustained;
        point.refused = fmt::format("failed: {}", error.what());
        add(std::move(point));
      }
    }
  }

  void measure_extreme(Visit visit) {
    visit.stage = MeasuringStage::burst;
    MeasuredPoint burst = visit.point();
    visit.stage = MeasuringStage::sustained;
    MeasuredPoint sustained = visit.point();
    const bool wants_burst = settings_.bursts > 0 && !store_.find(key_of(burst));
    const bool wants_sustained = settings_.sustained > 0 && !store_.find(key_of(sustained));
    if (!wants_burst && !wants_sustained) return;
    show(sustained, 0);
    const auto kernel = prepare(visit, sustained);
    if (!kernel) return;
    burst.bytes = sustained.bytes;
    burst.flop = sustained.flop;
    burst.error = sustained.error;
    if (wants_burst) {
      const Timing timing =
          time_bursts(*kernel, settings_.bursts, idle_gap, control_.clock, control_.cancelled);
      if (timing.cancelled) return;
      take(timing, burst);
      read_sensors(burst);
      add(std::move(burst));
    }
    if (!wants_sustained || !going()) return;
    const double start = control_.clock.now();
    const auto before = device_.read_sensors().energy_joules;
    const Timing timing =
        time_sustained(*kernel, settings_.sustained, control_.clock, control_.cancelled);
    const auto after = device_.read_sensors().energy_joules;
    if (timing.cancelled) return;
    take(timing, sustained);
    if (before && after) {
      sustained.power_watts = (*after - *before) / (control_.clock.now() - start);
      sustained.energy_joules =
          (*after - *before) / static_cast<double>(std::max<std::int64_t>(1, timing.total_calls));
    }
    read_sensors(sustained);
    add(std::move(sustained));
  }

  void pause_until(double time) {
    while (control_.clock.now() < time && !cancelled()) {
      if (control_.progress) {
        const double elapsed = control_.clock.now() - begin_;
        const double rest = time - control_.clock.now() + visiting_ / 2;
        control_.progress(elapsed / (elapsed + rest), "pause before the second pass");
      }
      control_.clock.sleep(std::min(0.2, time - control_.clock.now()));
    }
  }

  kernels::Device& device_;
  ResultStore& store_;
  const MeasureSettings& settings_;
  const MeasureControl& control_;
  MeasureOutcome outcome_;
  Visits visits_;
  int failures_ = 0;  ///< one after another
  double begin_ = 0;
  double end_ = 0;       ///< by the time limit, less what interrupted runs have spent
  double reserved_ = 0;  ///< [s] for bursts, sustained load and the pause
  double visiting_ = 0;  ///< [s] of all visits
  std::size_t visited_ = 0;
  std::size_t later_visits_ = 0;  ///< of the passes to come
};

}  // namespace

MeasureOutcome measure_device(kernels::Device& device, ResultStore& store,
                              const MeasureSettings& settings, const MeasureControl& control) {
  return Session(device, store, settings, control).run();
}

}  // namespace microdc
