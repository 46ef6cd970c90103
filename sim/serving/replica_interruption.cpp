// What a replica has used in the middle of a step: read along the way, or when a failure or the end
// of the run cuts the step short.
#include "sim/serving/replica.hpp"

namespace microdc {
namespace {

/// Energy of the first `passed` of a step [pJ].
Wide energy_of_part(StepPrice step, Nanoseconds passed) {
  return (static_cast<Wide>(step.energy) * passed << tick_bits) / step.duration;
}

}  // namespace

Replica::StepUnderWay Replica::step_under_way(std::int64_t steps_over) const {
  if (activity_ != Activity::decode_run) return {step_begin_, price_};
  return {end_of(run_.begin, run_ticks(steps_over)),
          {run_.first_duration + run_.duration_growth * steps_over,
           run_.first_energy + run_.energy_growth * steps_over}};
}

Replica::Use Replica::use_until(Nanoseconds now) const {
  Use use{counters_.busy, counters_.energy};
  if (activity_ != Activity::mixed_step && activity_ != Activity::decode_run) return use;
  const bool in_run = activity_ == Activity::decode_run;
  const std::int64_t over = in_run ? steps_before(now + 1) : 0;
  const StepUnderWay step = step_under_way(over);
  if (in_run) {
    use.busy += step.begin - run_.begin;
    use.energy += run_energy(over);
  }
  use.busy += now - step.begin;
  use.energy += energy_of_part(step.price, now - step.begin);
  return use;
}

/// The end in the middle of a step: the steps of the run that were over count in full, of the one
/// under way the time and energy spent so far.
void Replica::account_interrupted_step(Nanoseconds now, std::int64_t steps_over) {
  if (activity_ == Activity::idle) return;
  const bool in_run = activity_ == Activity::decode_run;
  record_.steps = in_run ? steps_over : 0;
  const StepUnderWay step = step_under_way(record_.steps);
  if (record_.steps > 0) account_run(record_.steps);
  counters_.busy += now - step.begin;
  counters_.batch_ticks += static_cast<Wide>(running_) * (now - step.begin) << tick_bits;
  counters_.energy += energy_of_part(step.price, now - step.begin);
  clock_rest_ = 0;
  if (observer_ != nullptr) {
    record_.end = now;
    observer_->on_step_end(*this, record_);
  }
}

}  // namespace microdc
