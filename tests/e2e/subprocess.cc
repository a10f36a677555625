#include "trellis/tests/e2e/subprocess.h"

#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace trellis::testing {
namespace {

// waitpid that signals do not interrupt; -1 only if there is no such process.
pid_t WaitFor(pid_t pid, int* status, int options) {
  pid_t result;
  do {
    result = waitpid(pid, status, options);
  } while (result < 0 && errno == EINTR);
  return result;
}

std::string HowItEnded(int status) {
  return WIFEXITED(status)
             ? absl::StrCat("exited with ", WEXITSTATUS(status))
             : absl::StrCat("was ended by signal ", WTERMSIG(status));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Subprocess>> Subprocess::Start(
    const std::vector<std::string>& argv) {
  std::vector<char*> arguments;
  for (const std::string& a : argv) {
    arguments.push_back(const_cast<char*>(a.c_str()));
  }
  arguments.push_back(nullptr);
  pid_t pid;
  if (const int error = posix_spawn(&pid, argv[0].c_str(), nullptr, nullptr,
                                    arguments.data(), environ);
      error != 0) {
    return absl::ErrnoToStatus(error, absl::StrCat("cannot start ", argv[0]));
  }
  return std::unique_ptr<Subprocess>(new Subprocess(pid));
}

Subprocess::~Subprocess() {
  if (running_) Kill().IgnoreError();
}

absl::Status Subprocess::Wait() {
  int status = 0;
  WaitFor(pid_, &status, 0);
  running_ = false;
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("the process ", HowItEnded(status)));
}

absl::Status Subprocess::Stop() {
  kill(pid_, SIGSTOP);
  int status = 0;
  WaitFor(pid_, &status, WUNTRACED);
  if (WIFSTOPPED(status)) return absl::OkStatus();
  running_ = false;
  return absl::FailedPreconditionError(
      absl::StrCat("the process ", HowItEnded(status)));
}

void Subprocess::Continue() { kill(pid_, SIGCONT); }

absl::Status Subprocess::Kill() {
  kill(pid_, SIGKILL);
  int status = 0;
  WaitFor(pid_, &status, 0);
  running_ = false;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the process ", HowItEnded(status)));
}

}  // namespace trellis::testing
