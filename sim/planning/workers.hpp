// Tasks in forked workers: SimGrid allows one engine per process, so every simulation of a sweep
// has a process of its own. What the parent has loaded is shared by the fork.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace microdc {

struct WorkerAnswer {
  bool finished = false;  ///< false: the worker died; `text` says how
  std::string text;
};

/// Runs task(0) … task(count - 1), each in a process of its own, at most `jobs` at a time. Answers
/// come in the order of the tasks, whatever the number of jobs. `progress` is called in the parent
/// with the number of finished tasks.
std::vector<WorkerAnswer> run_in_workers(std::size_t count, int jobs,
                                         const std::function<std::string(std::size_t)>& task,
                                         const std::function<void(std::size_t)>& progress = {});

/// Number of processors that this process may use; at least 1.
int available_processors();

}  // namespace microdc
