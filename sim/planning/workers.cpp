#include "sim/planning/workers.hpp"

#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>
#include <list>

namespace microdc {
namespace {

struct Worker {
  std::size_t task = 0;
  pid_t process = -1;
  int from = -1;
  std::string answer;
};

void write_all(int to, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(to, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    written += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void be_worker(const std::function<std::string(std::size_t)>& task, std::size_t index,
                            int to) {
  std::signal(SIGINT, SIG_IGN);  // the parent decides
  int status = 0;
  std::string answer;
  try {
    answer = task(index);
  } catch (const std::exception& error) {
    answer = error.what();
    status = 1;
  }
  write_all(to, answer);
  ::close(to);
  ::_exit(status);  // no destructors and no flushing of what belongs to the parent
}

bool start(Worker& worker, const std::function<std::string(std::size_t)>& task) {
  int ends[2];
  if (::pipe(ends) != 0) return false;
  std::fflush(nullptr);
  worker.process = ::fork();
  if (worker.process < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return false;
  }
  if (worker.process == 0) {
    ::close(ends[0]);
    be_worker(task, worker.task, ends[1]);
  }
  ::close(ends[1]);
  worker.from = ends[0];
  return true;
}

/// Reads what has come; true when the worker has closed its end.
bool drain(Worker& worker) {
  char buffer[16384];
  const ssize_t n = ::read(worker.from, buffer, sizeof buffer);
  if (n > 0) worker.answer.append(buffer, static_cast<std::size_t>(n));
  return n == 0 || (n < 0 && errno != EINTR);
}

WorkerAnswer finish(Worker& worker) {
  ::close(worker.from);
  int status = 0;
  while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {true, std::move(worker.answer)};
  if (WIFSIGNALED(status)) {
    return {false, "the worker was ended by signal " + std::to_string(WTERMSIG(status))};
  }
  return {false, worker.answer.empty() ? "the worker died" : std::move(worker.answer)};
}

void stop(const Worker& worker) {
  ::kill(worker.process, SIGKILL);
  ::close(worker.from);
  while (::waitpid(worker.process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

std::vector<WorkerAnswer> run_in_workers(std::size_t count, int jobs,
                                         const std::function<std::string(std::size_t)>& task,
                                         const WorkerHooks& hooks) {
  constexpr int look_every = 100;  // at the interrupt [ms]
  std::vector<WorkerAnswer> answers(count);
  std::list<Worker> running;
  std::size_t next = 0;
  std::size_t done = 0;
  bool one_died = false;
  const auto limit = static_cast<std::size_t>(std::max(1, jobs));
  const auto end = [&](std::size_t index, WorkerAnswer answer) {
    answers[index] = std::move(answer);
    one_died = one_died || !answers[index].finished;
    ++done;
    if (hooks.on_answer) hooks.on_answer(index, answers[index]);
    if (hooks.progress) hooks.progress(done);
  };
  while (done < count) {
    if (hooks.interrupt != nullptr && hooks.interrupt->load()) {
      for (const Worker& worker : running) stop(worker);
      break;
    }
    const bool closed = one_died && hooks.end_with_the_first_dead;
    if (closed && running.empty()) break;
    while (!closed && next < count && running.size() < limit) {
      Worker worker{.task = next};
      if (hooks.prepare) hooks.prepare(next);
      if (!start(worker, task)) {
        if (!running.empty()) break;  // no more processes now: wait for one to end
        end(next++, {false, "no process could be started"});
        continue;
      }
      ++next;
      running.push_back(std::move(worker));
    }
    std::vector<pollfd> ends;
    for (const Worker& worker : running) ends.push_back({worker.from, POLLIN, 0});
    if (ends.empty()) continue;
    if (::poll(ends.data(), ends.size(), hooks.interrupt != nullptr ? look_every : -1) <= 0)
      continue;
    std::size_t i = 0;
    for (auto worker = running.begin(); worker != running.end(); ++i) {
      if (ends[i].revents == 0 || !drain(*worker)) {
        ++worker;
        continue;
      }
      const std::size_t index = worker->task;
      WorkerAnswer answer = finish(*worker);
      worker = running.erase(worker);
      end(index, std::move(answer));
    }
  }
  return answers;
}

Diagnostic early_end(const std::string& how, const std::string& which) {
  return {.problem = Problem::internal,
          .message = "the process of " + which + " ended early",
          .found = how};
}

int available_processors() {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1, CPU_COUNT(&set));
  return 1;
}

}  // namespace microdc
