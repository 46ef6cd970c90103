#include "sim/cli/verbs/simulate/forked_runs.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>

namespace microdc::cli {
namespace {

constexpr int poll_interval_ms = 200;

struct Worker {
  std::size_t task = 0;
  pid_t process = -1;
  int pipe = -1;
  std::string text;
};

bool write_all(int file, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(file, text.data() + written, text.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    written += static_cast<std::size_t>(count);
  }
  return true;
}

/// In the child: does the work and ends without running the parent's exit handlers.
[[noreturn]] void work(std::size_t task, const std::function<std::string(std::size_t)>& run,
                       int file) {
  std::signal(SIGINT, SIG_IGN);  // the parent decides
  bool ok = false;
  try {
    ok = write_all(file, run(task));
  } catch (const std::exception&) {
    ok = false;
  }
  ::_exit(ok ? 0 : 1);
}

Diagnostic died(std::size_t task, const std::string& how) {
  return {.problem = Problem::internal,
          .message = fmt::format("the process of replication {} {}", task + 1, how)};
}

class Pool {
 public:
  Pool(const std::function<std::string(std::size_t)>& task, std::size_t count) : task_(task) {
    runs_.answers.resize(count);
  }

  [[nodiscard]] std::size_t running() const { return workers_.size(); }
  [[nodiscard]] bool failed() const { return runs_.findings.has_errors(); }

  void start(std::size_t task) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) return runs_.findings.add(died(task, std::strerror(errno)));
    const pid_t process = ::fork();
    if (process == 0) {
      ::close(ends[0]);
      work(task, task_, ends[1]);
    }
    ::close(ends[1]);
    if (process < 0) {
      ::close(ends[0]);
      return runs_.findings.add(died(task, "could not be started"));
    }
    workers_.push_back({task, process, ends[0], {}});
  }

  /// Waits for some worker to say something; returns how many ended.
  std::size_t wait() {
    std::vector<pollfd> files;
    for (const Worker& worker : workers_) files.push_back({worker.pipe, POLLIN, 0});
    if (::poll(files.data(), files.size(), poll_interval_ms) <= 0) return 0;
    std::size_t ended = 0;
    for (std::size_t i = files.size(); i-- > 0;) {
      if (files[i].revents == 0 || read_from(workers_[i])) continue;
      finish(workers_[i]);
      workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(i));
      ++ended;
    }
    return ended;
  }

  void stop() {
    for (Worker& worker : workers_) {
      ::kill(worker.process, SIGKILL);
      ::close(worker.pipe);
      ::waitpid(worker.process, nullptr, 0);
    }
    workers_.clear();
  }

  ForkedRuns take() { return std::move(runs_); }

 private:
  /// False at the end of the worker's answer.
  static bool read_from(Worker& worker) {
    std::array<char, 1 << 16> block;
    const ssize_t count = ::read(worker.pipe, block.data(), block.size());
    if (count > 0) worker.text.append(block.data(), static_cast<std::size_t>(count));
    return count > 0 || (count < 0 && errno == EINTR);
  }

  void finish(Worker& worker) {
    ::close(worker.pipe);
    int status = 0;
    while (::waitpid(worker.process, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
      runs_.answers[worker.task] = std::move(worker.text);
    } else if (WIFSIGNALED(status)) {
      runs_.findings.add(
          died(worker.task, fmt::format("was ended by signal {}", WTERMSIG(status))));
    } else {
      runs_.findings.add(died(worker.task, "failed"));
    }
  }

  const std::function<std::string(std::size_t)>& task_;
  std::vector<Worker> workers_;
  ForkedRuns runs_;
};

}  // namespace

ForkedRuns run_forked(std::size_t count, std::size_t jobs,
                      const std::function<std::string(std::size_t)>& task,
                      const std::function<void(std::size_t done)>& on_done,
                      const std::atomic<bool>* interrupt) {
  Pool pool(task, count);
  std::size_t next = 0;
  std::size_t done = 0;
  while ((next < count && !pool.failed()) || pool.running() > 0) {
    if (interrupt != nullptr && interrupt->load()) {
      pool.stop();
      ForkedRuns runs = pool.take();
      runs.interrupted = true;
      return runs;
    }
    while (next < count && !pool.failed() && pool.running() < std::max<std::size_t>(1, jobs)) {
      pool.start(next++);
    }
    if (pool.running() == 0) break;
    const std::size_t ended = pool.wait();
    done += ended;
    if (ended > 0) on_done(done);
  }
  return pool.take();
}

}  // namespace microdc::cli
