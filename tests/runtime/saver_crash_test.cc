// Failing file systems and crashes: the newest checkpoint is always whole, and
// a save that said OK is never lost.
#include <iostream>
#include <optional>
#include <random>

#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/runtime/stateful_session.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatefulSession;

constexpr char kModel[] = R"(
    a = VarHandleOp() dtype=float32 shape=[300]
    b = VarHandleOp() dtype=int64 shape=[])";

// Values that depend on the step in every byte that is saved.
StoredValues ValuesOf(int64_t step) {
  StoredValues values;
  Tensor a(kFloat32, {300});
  for (int i = 0; i < 300; ++i) a.flat<float>()[i] = 1000.0f * step + i;
  values["a"] = std::move(a);
  values["b"] = Tensor::Scalar(step);
  return values;
}

class SaverCrashTest : public ::testing::Test {
 protected:
  SaverCrashTest() : trained_(kModel) { NewProcess(); }

  void NewProcess() {
    saver_.emplace(files_, SaverOptions{.max_to_keep = 3});
    if (const auto state = ReadCheckpointState(files_, "run"); state.ok()) {
      EXPECT_THAT(
          saver_->RecoverLastCheckpoints(state->all_model_checkpoint_paths),
          IsOk());
    }
  }

  absl::Status Save(int64_t step) {
    EXPECT_THAT(trained_.session().resources().Replace(ValuesOf(step)), IsOk());
    return saver_->Save(trained_.session(), "run/m", step).status();
  }

  // The step whose values the newest checkpoint holds; 0 if there is none.
  int64_t RestoreLatest() {
    auto latest = LatestCheckpoint(files_, "run");
    EXPECT_THAT(latest, IsOk());
    if (!latest->has_value()) return 0;
    StatefulSession fresh(trained_.graph());
    EXPECT_THAT(saver_->Restore(fresh.session(), **latest), IsOk());
    const auto values = fresh.session().resources().Snapshot(
        [](absl::string_view) { return true; });
    EXPECT_THAT(values, IsOk());
    const int64_t step = values->at("b").scalar<int64_t>();
    EXPECT_TRUE(values->at("a").SameAs(ValuesOf(step).at("a")));
    EXPECT_EQ(**latest, "run/m-" + std::to_string(step));
    return step;
  }

  // The newest is of the last save that said OK, or of a later one.
  void ExpectNothingLost(int64_t acknowledged, int64_t attempted) {
    const int64_t step = RestoreLatest();
    EXPECT_GE(step, acknowledged);
    EXPECT_LE(step, attempted);
  }

  MemoryFileSystem memory_;
  FaultFileSystem files_{memory_};
  StatefulSession trained_;
  std::optional<Saver> saver_;
};

TEST_F(SaverCrashTest, ThousandFailingOperationsLoseNothing) {
  std::mt19937_64 random(20261124);
  int64_t acknowledged = 0, step = 0;
  ASSERT_THAT(Save(++step), IsOk());
  acknowledged = step;
  const int64_t operations = files_.operations();
  int failed_saves = 0, failed_operations = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    SCOPED_TRACE(trial);
    const bool dies = random() % 2 == 0;
    // A save that also deletes has a few more than the first.
    files_.FailAt(random() % (operations + 8), dies);
    const absl::Status saved = Save(++step);
    failed_operations += files_.faults() > 0;
    files_.Heal();
    if (saved.ok()) acknowledged = step;
    failed_saves += !saved.ok();
    if (dies) {
      // The power goes with the process, or only the process.
      if (random() % 3 == 0) memory_.Crash();
      if (random() % 3 == 0) memory_.CrashRandomly(random());
      NewProcess();
    }
    ExpectNothingLost(acknowledged, step);
    if (HasFailure()) return;
  }
  EXPECT_GT(failed_operations, 800);
  EXPECT_GT(failed_saves, 500);
  // Once all is well, no data is left that belongs to no checkpoint.
  ASSERT_THAT(Save(++step), IsOk());
  const auto names = memory_.List("run");
  ASSERT_THAT(names, IsOk());
  for (const std::string& name : *names) {
    const size_t end = name.find(".data-");
    if (end == std::string::npos || name.find(".tempstate") != name.npos) {
      continue;
    }
    EXPECT_THAT(memory_.Exists("run/" + name.substr(0, end) + ".index"),
                IsOkAndHolds(true))
        << name;
  }
  std::cout << failed_saves << " saves failed, " << failed_operations
            << " operations" << std::endl;
}

// Every operation of one save, failing for good there, followed by a loss of
// power.
TEST_F(SaverCrashTest, APowerCutAtEachOperationLeavesAWholeCheckpoint) {
  ASSERT_THAT(Save(1), IsOk());
  int64_t step = 1, acknowledged = 1;
  for (int64_t operation = 0;; ++operation) {
    SCOPED_TRACE(operation);
    files_.FailAt(operation, /*stay_down=*/true);
    const absl::Status saved = Save(++step);
    const bool reached = files_.faults() > 0;
    files_.Heal();
    memory_.Crash();
    if (saved.ok()) acknowledged = step;
    NewProcess();
    ExpectNothingLost(acknowledged, step);
    if (HasFailure() || !reached) return;
  }
}

// Saving under one name over and over.
TEST_F(SaverCrashTest, OverwritingIsAllOrNothing) {
  std::mt19937_64 random(7);
  int64_t acknowledged = 0;
  for (int64_t step = 1; step <= 300; ++step) {
    SCOPED_TRACE(step);
    if (step > 1) files_.FailAt(random() % 30, /*stay_down=*/true);
    ASSERT_THAT(trained_.session().resources().Replace(ValuesOf(step)), IsOk());
    if (saver_->Save(trained_.session(), "run/m").ok()) acknowledged = step;
    files_.Heal();
    memory_.CrashRandomly(random());
    NewProcess();
    StatefulSession fresh(trained_.graph());
    ASSERT_THAT(LatestCheckpoint(files_, "run"),
                IsOkAndHolds(std::optional<std::string>("run/m")));
    ASSERT_THAT(saver_->Restore(fresh.session(), "run/m"), IsOk());
    const auto values = fresh.session().resources().Snapshot(
        [](absl::string_view) { return true; });
    const int64_t found = values->at("b").scalar<int64_t>();
    EXPECT_TRUE(values->at("a").SameAs(ValuesOf(found).at("a")));
    EXPECT_GE(found, acknowledged);
    if (HasFailure()) return;
  }
}

TEST_F(SaverCrashTest, AFailedSaveLeavesNoTemporaryFiles) {
  ASSERT_THAT(Save(1), IsOk());
  for (int64_t operation = 0; operation < 40; ++operation) {
    files_.FailAt(operation, /*stay_down=*/false);
    Save(2).IgnoreError();
    files_.Heal();
    const auto names = memory_.List("run");
    ASSERT_THAT(names, IsOk());
    for (const std::string& name : *names) {
      EXPECT_EQ(name.find(".tempstate"), std::string::npos)
          << name << ", operation " << operation;
    }
  }
}

TEST_F(SaverCrashTest, AnOldCheckpointThatStayedIsDeletedLater) {
  for (int step = 1; step <= 3; ++step) ASSERT_THAT(Save(step), IsOk());
  const int64_t before = files_.operations();
  ASSERT_THAT(Save(4), IsOk());
  const int64_t operations = files_.operations() - before;
  // The last five delete: they list, delete the index, sync, delete the rest.
  files_.FailAt(operations - 5, /*stay_down=*/true);
  ASSERT_THAT(Save(5), IsOk());
  EXPECT_GT(files_.faults(), 0);
  files_.Heal();
  EXPECT_THAT(memory_.Exists("run/m-2.index"), IsOkAndHolds(true));
  ASSERT_THAT(Save(6), IsOk());
  EXPECT_THAT(memory_.List("run"),
              IsOkAndHolds(ElementsAre("checkpoint", "m-4.data-00000-of-00001",
                                       "m-4.index", "m-5.data-00000-of-00001",
                                       "m-5.index", "m-6.data-00000-of-00001",
                                       "m-6.index")));
}

}  // namespace
}  // namespace trellis
