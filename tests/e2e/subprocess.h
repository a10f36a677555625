// Another process, which a test starts, watches, stops and kills.
#ifndef TRELLIS_TESTS_E2E_SUBPROCESS_H_
#define TRELLIS_TESTS_E2E_SUBPROCESS_H_

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trellis::testing {

// One thread at a time. A process that still runs is killed with the object.
class Subprocess {
 public:
  // argv[0] is the program's path; output goes where the test's goes.
  static absl::StatusOr<std::unique_ptr<Subprocess>> Start(
      const std::vector<std::string>& argv);
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;
  ~Subprocess();

  // Waits for its end. Internal unless it exits with 0.
  absl::Status Wait();

  // It does nothing any more until Continue. FailedPrecondition if it has
  // ended. Returns when all of it stands still.
  absl::Status Stop();
  void Continue();
  // SIGKILL; returns when it is gone. FailedPrecondition if it had ended.
  absl::Status Kill();

 private:
  explicit Subprocess(pid_t pid) : pid_(pid) {}

  const pid_t pid_;
  bool running_ = true;
};

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_E2E_SUBPROCESS_H_
