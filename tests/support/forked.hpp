// Runs a piece of a test in a child process: SimGrid allows one engine per process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>
#include <string>

namespace microdc::testing {

/// What `body` returns, computed in a forked child; "child died: …" if it did not return.
inline std::string in_child(const std::function<std::string()>& body) {
  int ends[2];
  if (pipe(ends) != 0) return "child died: no pipe";
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    // An exception must not carry the child back into the parent's tests.
    std::string answer;
    int status = 0;
    try {
      answer = body();
    } catch (const std::exception& error) {
      answer = error.what();
      status = 1;
    }
    std::size_t written = 0;
    while (written < answer.size()) {
      const ssize_t n = write(ends[1], answer.data() + written, answer.size() - written);
      if (n <= 0) break;
      written += static_cast<std::size_t>(n);
    }
    close(ends[1]);
    _exit(status);
  }
  close(ends[1]);
  std::string answer;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(ends[0], buffer, sizeof buffer)) > 0;) {
    answer.append(buffer, static_cast<std::size_t>(n));
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return "child died: status " + std::to_string(status) + "\n" + answer;
  }
  return answer;
}

}  // namespace microdc::testing
