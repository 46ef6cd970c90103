#include "sim/serving/scheduler.hpp"

namespace microdc {

const std::vector<SchedulerKind>& scheduler_kinds() {
  static const std::vector<SchedulerKind> kinds{fcfs_scheduler(), priority_scheduler()};
  return kinds;
}

}  // namespace microdc
