#include "trellis/tools/gpu_check/child_process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace trellis {
namespace {

constexpr int kCannotStart = 127;

double Now() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// In the child. Returns only where the program cannot be started.
void Become(const ChildProcess& child, int output) {
  // A group of its own, which is killed as a whole.
  setpgid(0, 0);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  for (const auto& [name, value] : child.variables) {
    setenv(name.c_str(), value.c_str(), 1);
  }
  if (chdir(child.folder.c_str()) != 0) {
    fprintf(stderr, "%s: %s\n", child.folder.c_str(), strerror(errno));
    return;
  }
  std::vector<char*> argv = {const_cast<char*>(child.program.c_str())};
  for (const std::string& argument : child.arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  fprintf(stderr, "%s: %s\n", child.program.c_str(), strerror(errno));
}

// Until the program's end of the pipe is closed; false at the deadline.
bool ReadUntil(int pipe, double deadline, std::string* output) {
  while (true) {
    const double left = deadline - Now();
    if (left <= 0) return false;
    pollfd waited = {.fd = pipe, .events = POLLIN};
    const int ready =
        poll(&waited, 1, std::max(1, static_cast<int>(left * 1e3)));
    if (ready == 0 || (ready < 0 && errno == EINTR)) continue;
    char buffer[4096];
    const ssize_t n = read(pipe, buffer, sizeof(buffer));
    if (n == 0 || (n < 0 && errno != EINTR)) return true;
    if (n > 0) output->append(buffer, n);
  }
}

// Whether the process has ended by the deadline.
bool WaitUntil(pid_t process, double deadline, int* status) {
  while (waitpid(process, status, WNOHANG) == 0) {
    if (Now() >= deadline) return false;
    poll(nullptr, 0, 1);
  }
  return true;
}

}  // namespace

ChildResult RunChild(const ChildProcess& child) {
  ChildResult result;
  const double start = Now();
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    result.ended = absl::StrCat("no pipe: ", strerror(errno));
    return result;
  }
  const pid_t process = fork();
  if (process == 0) {
    Become(child, ends[1]);
    _exit(kCannotStart);
  }
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    result.ended = absl::StrCat("no process: ", strerror(errno));
    return result;
  }
  // Here, too: the child may not have come to it yet.
  setpgid(process, process);
  const double deadline = start + child.seconds;
  int status = 0;
  const bool in_time = ReadUntil(ends[0], deadline, &result.output) &&
                       WaitUntil(process, deadline, &status);
  kill(-process, SIGKILL);
  if (!in_time) waitpid(process, &status, 0);
  close(ends[0]);
  result.seconds = Now() - start;
  if (!in_time) {
    result.ended =
        absl::StrFormat("killed after %.1f s, its limit", child.seconds);
  } else if (WIFSIGNALED(status)) {
    result.ended = absl::StrCat("died of signal ", WTERMSIG(status), ", ",
                                strsignal(WTERMSIG(status)));
  } else {
    result.status = WEXITSTATUS(status);
    if (result.status != 0) {
      result.ended = absl::StrCat("exit status ", result.status);
    }
  }
  return result;
}

}  // namespace trellis
