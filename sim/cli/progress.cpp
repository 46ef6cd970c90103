#include "sim/cli/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <ostream>

#include "sim/cli/interrupt.hpp"
#include "sim/report/number_text.hpp"

namespace microdc::cli {
namespace {

constexpr std::chrono::milliseconds terminal_interval{100};
constexpr std::chrono::seconds line_interval{5};
constexpr int bar_width = 30;

std::atomic<bool> interrupt_noted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "set in a signal handler");

void note_interrupt(int) { interrupt_noted.store(true); }

void listen() {
  struct sigaction action {};
  action.sa_handler = note_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace

Progress::Progress(std::ostream& out, std::string what, bool quiet)
    : out_(out), what_(std::move(what)), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_ && terminal_) out_ << "\r\033[K" << std::flush;
}

void Progress::show(double share) {
  const auto now = Clock::now();
  if (quiet_ || now - last_ < (terminal_ ? Clock::duration(terminal_interval) : line_interval))
    return;
  last_ = now;
  shown_ = true;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  std::string text = fmt::format("{} {:3.0f} %", what_, std::floor(share * 100));
  if (share > 0) text += fmt::format(", {} left", duration_text(elapsed * (1 - share) / share));
  if (!terminal_) {
    out_ << text << std::endl;
    return;
  }
  const int full = static_cast<int>(std::clamp(share, 0.0, 1.0) * bar_width);
  out_ << fmt::format("\r[{}{}] {}\033[K", std::string(full, '#'),
                      std::string(bar_width - full, ' '), text)
       << std::flush;
}

InterruptGuard::InterruptGuard() { rearm(); }
InterruptGuard::~InterruptGuard() { end_on_interrupt(); }
const std::atomic<bool>* InterruptGuard::flag() { return &interrupt_noted; }
void InterruptGuard::rearm() {
  interrupt_noted.store(false);
  listen();
}

}  // namespace microdc::cli
