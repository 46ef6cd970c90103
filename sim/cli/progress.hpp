// Progress of a long run on stderr, and its interruption.
#pragma once

#include <atomic>
#include <chrono>
#include <iosfwd>
#include <string>

namespace microdc::cli {

/// On a terminal a bar that rewrites its line; else a line every five seconds.
class Progress {
 public:
  /// `quiet`: says nothing.
  Progress(std::ostream& out, std::string what, bool quiet);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// Share done, 0 to 1.
  void show(double share);

 private:
  using Clock = std::chrono::steady_clock;
  std::ostream& out_;
  std::string what_;
  bool quiet_;
  bool terminal_;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = Clock::now();
  bool shown_ = false;
};

/// While it lives, the first Ctrl-C sets a flag; a second one ends the program as usual.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;

  [[nodiscard]] static const std::atomic<bool>* flag();
  /// Forgets an interruption and waits for the next.
  static void rearm();
};

}  // namespace microdc::cli
