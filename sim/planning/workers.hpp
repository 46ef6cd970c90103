// Tasks in forked workers: SimGrid allows one engine per process, so every simulation of a sweep
// has a process of its own. What the parent has loaded is shared by the fork.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "hwprofiles/base/diagnostics.hpp"

namespace microdc {

struct WorkerAnswer {
  bool finished = false;  ///< false: the worker died; `text` says how
  std::string text;
};

struct WorkerHooks {
  /// Before the process of a task is forked: what it makes here, the task finds.
  std::function<void(std::size_t task)> prepare = {};
  std::function<void(std::size_t done)> progress = {};  ///< tasks finished so far
  /// The answer of a task, as soon as it is there: in the order of ending.
  std::function<void(std::size_t task, const WorkerAnswer&)> on_answer = {};
  /// When it becomes true, running workers are ended and no others start; tasks without answer have
  /// `finished` false and no text.
  const std::atomic<bool>* interrupt = nullptr;
  /// After a worker that died no others start; the tasks left have no answer, as after an
  /// interrupt.
  bool end_with_the_first_dead = false;
};

/// Runs task(0) … task(count - 1), each in a process of its own, at most `jobs` at a time. Answers
/// come in the order of the tasks, whatever the number of jobs. Hooks are called in the parent.
std::vector<WorkerAnswer> run_in_workers(std::size_t count, int jobs,
                                         const std::function<std::string(std::size_t)>& task,
                                         const WorkerHooks& hooks = {});

/// A defect of this program: the process of `which` ended before it could answer; `how` is the
/// answer's text.
Diagnostic early_end(const std::string& how, const std::string& which = "a simulation");

/// Number of processors that this process may use; at least 1.
int available_processors();

}  // namespace microdc
