#include "sim/cli/interrupt.hpp"

#include <unistd.h>

#include <csignal>
#include <string_view>

namespace microdc::cli {
namespace {

pid_t process = 0;

// Only calls that a signal handler may make.
void end_without_answer(int) {
  constexpr std::string_view message = "\nerror: interrupted before there was an answer\n";
  if (::getpid() == process) {
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
  }
  ::_exit(exit_interrupted);
}

}  // namespace

void end_on_interrupt() {
  process = ::getpid();
  struct sigaction action {};
  action.sa_handler = end_without_answer;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
}

}  // namespace microdc::cli
