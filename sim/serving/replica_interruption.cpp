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

Replica::Use Replica::use_until(Nanoseconds now) const {
  Use use{counters_.busy, counters_.energy};
  if (activity_ != Activity::mixed_step && activity_ != Activity::decode_run) return use;
  Nanoseconds begin = step_begin_;
  StepPrice step = price_;
  if (activity_ == Activity::decode_run) {
    const std::int64_t over = steps_before(now + 1);
    begin = end_of(run_.begin, run_ticks(over));
    step = {run_.first_duration + run_.duration_growth * over,
            run_.first_energy + run_.energy_growth * over};
    use.busy += begin - run_.begin;
    use.energy += run_energy(over);
  }
  use.busy += now - begin;
  use.energy += energy_of_part(step, now - begin);
  return use;
}

/// The end in the middle of a step: the steps of the run that were over count in full, of the one
/// under way the time and energy spent so far.
void Replica::account_interrupted_step(Nanoseconds now, std::int64_t steps_over) {
  if (activity_ == Activity::idle) return;
  Nanoseconds begin = step_begin_;
  StepPrice step = price_;
  record_.steps = 0;
  if (activity_ == Activity::decode_run) {
    record_.steps = steps_over;
    if (record_.steps > 0) account_run(record_.steps);
    begin = run_.begin;
    step = {run_.first_duration, run_.first_energy};
  }
  counters_.busy += now - begin;
  counters_.batch_ticks += static_cast<Wide>(running_) * (now - begin) << tick_bits;
  counters_.energy += energy_of_part(step, now - begin);
  clock_rest_ = 0;
  if (observer_ != nullptr) {
    record_.end = now;
    observer_->on_step_end(*this, record_);
  }
}

}  // namespace microdc
