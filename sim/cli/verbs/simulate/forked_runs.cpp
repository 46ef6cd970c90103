#include "sim/cli/verbs/simulate/forked_runs.hpp"

#include <fmt/format.h>

#include "sim/planning/workers.hpp"

namespace microdc::cli {

ForkedRuns run_forked(std::size_t count, std::size_t jobs,
                      const std::function<std::string(std::size_t)>& task,
                      const std::function<void(std::size_t done)>& on_done,
                      const std::atomic<bool>* interrupt) {
  auto answers = run_in_workers(
      count, static_cast<int>(jobs), task,
      {.progress = on_done, .interrupt = interrupt, .end_with_the_first_dead = true});
  ForkedRuns runs;
  runs.answers.resize(count);
  bool without_answer = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (answers[i].finished) {
      runs.answers[i] = std::move(answers[i].text);
    } else if (answers[i].text.empty()) {
      without_answer = true;
    } else {
      runs.findings.add({.problem = Problem::internal,
                         .message = fmt::format("the process of replication {} failed", i + 1),
                         .found = std::move(answers[i].text)});
    }
  }
  runs.interrupted = without_answer && interrupt != nullptr && interrupt->load();
  return runs;
}

}  // namespace microdc::cli
