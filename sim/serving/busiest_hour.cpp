#include "sim/serving/busiest_hour.hpp"

namespace microdc {
namespace {

/// A request at the very start belongs to the first hour, one at the end of an hour to that hour.
bool arrived_in(const BusyHour& hour, std::int64_t arrival, std::int64_t end) {
  return arrival <= end && (arrival > hour.begin || hour.begin == 0);
}

}  // namespace

void BusiestHour::on_completed(std::int64_t arrival, std::int64_t ttft) {
  if (arrived_in(current_, arrival, current_end())) return current_.ttft.add(ttft);
  if (busiest_ && arrived_in(*busiest_, arrival, busiest_->end)) busiest_->ttft.add(ttft);
}

void BusiestHour::end_hour(std::int64_t end, std::optional<Joules> it_energy) {
  current_.end = end;
  if (it_energy && energy_before_) current_.it_energy = *it_energy - *energy_before_;
  energy_before_ = it_energy;
  if (!busiest_ || current_.requests > busiest_->requests) busiest_ = std::move(current_);
  current_ = BusyHour{.begin = end};
}

}  // namespace microdc
