// Tasks in processes of their own. SimGrid allows one simulation per process, so each replication
// gets a process and returns its answer through a pipe.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc::cli {

struct ForkedRuns {
  /// What each task returned, by task; empty if it did not end or failed.
  std::vector<std::optional<std::string>> answers;
  bool interrupted = false;
  /// Tasks whose process died or could not be started.
  Diagnostics findings;
};

/// Runs task(0) … task(count - 1), each in a forked process, at most `jobs` at once. The answers do
/// not depend on `jobs`. `on_done` hears how many are done. When `interrupt` becomes true the
/// running tasks are ended. After a failed task no new ones start. To be called before this process
/// has started SimGrid, and while it has one thread.
ForkedRuns run_forked(std::size_t count, std::size_t jobs,
                      const std::function<std::string(std::size_t)>& task,
                      const std::function<void(std::size_t done)>& on_done,
                      const std::atomic<bool>* interrupt);

}  // namespace microdc::cli
