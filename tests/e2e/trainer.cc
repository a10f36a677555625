// Trains the small network in a process of its own, for tests of what survives
// between processes.
//
//   trainer --steps=100 --threads=2 --save=half
//   trainer --steps=200 --threads=3 --restore=half --save=whole
//   trainer --directory=run --save_every=1 --hash_log=log --steps=1000000
//
// The last saves "run/model-<step>" and, when it is started again, goes on from
// the newest one. The log gets, durably, before a save starts and after it
// ended, the lines
//
//   saving <step> <hash of all values that are saved>
//   saved <step>
#include <fcntl.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"
#include "trellis/io/checkpoint_state.h"
#include "trellis/io/path.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/e2e/position.h"
#include "trellis/tests/e2e/small_network.h"
#include "trellis/trellis.h"

ABSL_FLAG(int64_t, steps, 0, "train until this many steps were made in all");
ABSL_FLAG(int, threads, 1, "that compute");
ABSL_FLAG(std::string, restore, "", "prefix of the checkpoint to begin with");
ABSL_FLAG(std::string, save, "", "prefix of the checkpoint to make at the end");
ABSL_FLAG(std::string, directory, "", "folder of the checkpoints on the way");
ABSL_FLAG(int64_t, save_every, 0, "steps; 0: no checkpoints on the way");
ABSL_FLAG(std::string, hash_log, "", "file that is told of every save");

namespace trellis::testing {
namespace {

// Lines that outlive this process.
class DurableLog {
 public:
  // "": none.
  explicit DurableLog(const std::string& path) {
    if (!path.empty()) {
      file_ = open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT, 0666);
    }
  }
  ~DurableLog() {
    if (file_ >= 0) close(file_);
  }

  absl::Status Write(const std::string& line) {
    if (absl::GetFlag(FLAGS_hash_log).empty()) return absl::OkStatus();
    if (write(file_, line.data(), line.size()) != line.size() ||
        fsync(file_) != 0) {
      return absl::ErrnoToStatus(errno, "cannot write the log");
    }
    return absl::OkStatus();
  }

 private:
  int file_ = -1;
};

class Trainer {
 public:
  absl::Status Begin();
  absl::Status Train();

 private:
  absl::Status Restore(const std::string& prefix);
  absl::Status SaveStep(int64_t step);
  absl::Status Save(const std::string& prefix, std::optional<int64_t> step);

  const LabeledImages task_ = SmallTask();
  Batches batches_{task_, /*seed=*/3};
  Graph graph_ = NewGraph({.seed = 7});
  const SmallNetwork network_ = BuildSmallNetwork(graph_.root());
  std::unique_ptr<Session> session_;
  Saver saver_{PosixFileSystem::Get(), {.max_to_keep = 3}};
  DurableLog log_{absl::GetFlag(FLAGS_hash_log)};
};

absl::Status Trainer::Begin() {
  TRELLIS_ASSIGN_OR_RETURN(
      session_, NewSession(graph_, {.threads = absl::GetFlag(FLAGS_threads)}));
  if (const std::string p = absl::GetFlag(FLAGS_restore); !p.empty()) {
    return Restore(p);
  }
  if (const std::string dir = absl::GetFlag(FLAGS_directory); !dir.empty()) {
    FileSystem& files = PosixFileSystem::Get();
    TRELLIS_ASSIGN_OR_RETURN(const auto latest, LatestCheckpoint(files, dir));
    if (latest.has_value()) {
      TRELLIS_ASSIGN_OR_RETURN(const CheckpointState state,
                               ReadCheckpointState(files, dir));
      TRELLIS_RETURN_IF_ERROR(
          saver_.RecoverLastCheckpoints(state.all_model_checkpoint_paths));
      return Restore(*latest);
    }
  }
  return session_->Run(network_.initializer);
}

absl::Status Trainer::Restore(const std::string& prefix) {
  TRELLIS_ASSIGN_OR_RETURN(
      RestoreReport report,
      saver_.Restore(*session_, prefix, {.extra = {kPosition}}));
  return batches_.Restore(ToBatchesState(report.extra[kPosition]));
}

absl::Status Trainer::Train() {
  TRELLIS_ASSIGN_OR_RETURN(const Tensor done,
                           session_->Run(network_.global_step.snapshot()));
  const int64_t every = absl::GetFlag(FLAGS_save_every);
  for (int64_t step = done.scalar<int64_t>();
       step < absl::GetFlag(FLAGS_steps);) {
    TRELLIS_RETURN_IF_ERROR(TrainStep(*session_, network_, batches_).status());
    ++step;
    if (every > 0 && step % every == 0) {
      TRELLIS_RETURN_IF_ERROR(SaveStep(step));
    }
  }
  const std::string prefix = absl::GetFlag(FLAGS_save);
  return prefix.empty() ? absl::OkStatus() : Save(prefix, std::nullopt);
}

absl::Status Trainer::SaveStep(int64_t step) {
  TRELLIS_ASSIGN_OR_RETURN(
      StoredValues values,
      session_->resources().Snapshot([](absl::string_view) { return true; }));
  values[kPosition] = ToTensor(batches_.state());
  TRELLIS_RETURN_IF_ERROR(
      log_.Write(absl::StrCat("saving ", step, " ", HashOf(values), "\n")));
  TRELLIS_RETURN_IF_ERROR(
      Save(JoinPath(absl::GetFlag(FLAGS_directory), "model"), step));
  return log_.Write(absl::StrCat("saved ", step, "\n"));
}

absl::Status Trainer::Save(const std::string& prefix,
                           std::optional<int64_t> step) {
  return saver_
      .Save(*session_, prefix, step,
            {.extra = {{kPosition, ToTensor(batches_.state())}}})
      .status();
}

absl::Status Main() {
  Trainer trainer;
  TRELLIS_RETURN_IF_ERROR(trainer.Begin());
  return trainer.Train();
}

}  // namespace
}  // namespace trellis::testing

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  trellis::SetLogSink(trellis::LogToStderr);
  if (const absl::Status status = trellis::testing::Main(); !status.ok()) {
    std::fprintf(stderr, "trainer: %s\n", status.ToString().c_str());
    return 1;
  }
  return 0;
}
