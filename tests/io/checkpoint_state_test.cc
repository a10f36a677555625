#include "trellis/io/checkpoint_state.h"

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/log.h"
#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using ::testing::Optional;
using testing::StatusIs;

constexpr absl::StatusCode kInvalidArgument =
    absl::StatusCode::kInvalidArgument;

class CheckpointStateTest : public ::testing::Test {
 protected:
  CheckpointStateTest() {
    EXPECT_THAT(files_.CreateDirs("d"), IsOk());
    SetLogSink([this](const LogEntry& entry) {
      absl::StrAppend(&log_, entry.message, "\n");
    });
  }
  ~CheckpointStateTest() override { SetLogSink({}); }

  void Put(absl::string_view path, absl::string_view contents) {
    ASSERT_THAT(WriteFileAtomically(files_, path, contents), IsOk());
  }

  MemoryFileSystem files_;
  std::string log_;
};

TEST_F(CheckpointStateTest, HasTheTextOfTensorFlow) {
  ASSERT_THAT(
      WriteCheckpointState(files_, "d",
                           {.model_checkpoint_path = "d/m-12",
                            .all_model_checkpoint_paths = {"d/m-5", "d/m-12"}}),
      IsOk());
  EXPECT_THAT(ReadWholeFile(files_, "d/checkpoint"),
              IsOkAndHolds("model_checkpoint_path: \"m-12\"\n"
                           "all_model_checkpoint_paths: \"m-5\"\n"
                           "all_model_checkpoint_paths: \"m-12\"\n"));
}

TEST_F(CheckpointStateTest, ComesBack) {
  const CheckpointState state = {
      .model_checkpoint_path = "d/m-12",
      .all_model_checkpoint_paths = {"/elsewhere/m-5", "d/m-12"},
      .all_model_checkpoint_timestamps = {1.5e9, 1500000001.25},
      .last_preserved_timestamp = 1.4e9};
  ASSERT_THAT(WriteCheckpointState(files_, "d", state, false, "other"), IsOk());
  EXPECT_THAT(ReadCheckpointState(files_, "d", "other"), IsOkAndHolds(state));
}

TEST_F(CheckpointStateTest, TheNewestPathIsAddedToTheList) {
  ASSERT_THAT(WriteCheckpointState(files_, "d",
                                   {.model_checkpoint_path = "d/b",
                                    .all_model_checkpoint_paths = {"d/a"}}),
              IsOk());
  EXPECT_EQ(ReadCheckpointState(files_, "d")->all_model_checkpoint_paths,
            (std::vector<std::string>{"d/a", "d/b"}));
}

// What is written for a checkpoint, by the kind of folder and path (R9.13).
TEST_F(CheckpointStateTest, PathsAreRelativeToARelativeFolder) {
  ASSERT_THAT(files_.CreateDirs("d/e"), IsOk());
  const auto written = [&](absl::string_view dir, const std::string& path,
                           bool save_relative_paths) {
    EXPECT_THAT(
        WriteCheckpointState(files_, dir, {.model_checkpoint_path = path},
                             save_relative_paths),
        IsOk());
    const std::string text =
        ReadWholeFile(files_, absl::StrCat(dir, "/checkpoint")).value();
    const size_t start = text.find('"') + 1;
    return text.substr(start, text.find('"', start) - start);
  };
  EXPECT_EQ(written("d", "d/m", false), "m");
  EXPECT_EQ(written("d", "d/e/m", false), "e/m");
  EXPECT_EQ(written("d/e", "d/m", false), "../m");
  EXPECT_EQ(written("d", "/d/m", false), "/d/m");
  EXPECT_EQ(written(".", "m", false), "m");
  EXPECT_EQ(written("/d", "/d/m", false), "/d/m");
  EXPECT_EQ(written("/d", "/d/m", true), "m");
  EXPECT_EQ(written("/d", "m", true), "m");
  EXPECT_EQ(written("/d", "m", false), "m");
}

TEST_F(CheckpointStateTest, WhatCannotBeWrittenIsRefused) {
  const auto refused = [&](const CheckpointState& state,
                           absl::string_view file_name) {
    EXPECT_THAT(WriteCheckpointState(files_, "d", state, false, file_name),
                StatusIs(kInvalidArgument));
  };
  refused({.model_checkpoint_path = "d/m"}, "a/b");  // R9.11
  refused({.model_checkpoint_path = "d/m"}, "");
  refused({}, "checkpoint");
  refused({.model_checkpoint_path = "d/m",
           .all_model_checkpoint_timestamps = {1, 2}},
          "checkpoint");
}

TEST_F(CheckpointStateTest, MalformedTextIsInvalidOnReading) {  // C24
  EXPECT_THAT(ReadCheckpointState(files_, "d"),
              StatusIs(absl::StatusCode::kNotFound));
  for (const std::string& text :
       {std::string("\xff\x00\x01\x80", 4), std::string("nonsense"),
        std::string("unknown_field: 3"), std::string("model_checkpoint_path: "),
        std::string("all_model_checkpoint_paths: \"m\""), std::string(),
        std::string("model_checkpoint_path: \"../m\""),
        std::string("model_checkpoint_path: \"m\" "
                    "all_model_checkpoint_paths: \"a/../../m\"")}) {
    Put("d/checkpoint", text);
    EXPECT_THAT(ReadCheckpointState(files_, "d"),
                StatusIs(kInvalidArgument, HasSubstr("d/checkpoint")))
        << text;
  }
}

TEST_F(CheckpointStateTest, AMillionPathsAreRead) {  // C24
  std::string text = "model_checkpoint_path: \"m\"\n";
  for (int i = 0; i < 1000000; ++i) {
    text += "all_model_checkpoint_paths: \"m\"\n";
  }
  Put("d/checkpoint", text);
  EXPECT_EQ(ReadCheckpointState(files_, "d")->all_model_checkpoint_paths.size(),
            1000000);
}

TEST_F(CheckpointStateTest, CheckpointsOfBothFormatsExist) {
  Put("d/v2.index", "");
  Put("d/v1", "");
  Put("d/s-00000-of-00002", "");
  EXPECT_THAT(CheckpointExists(files_, "d/v2"), IsOkAndHolds(true));
  EXPECT_THAT(CheckpointExists(files_, "d/v1"), IsOkAndHolds(true));
  EXPECT_THAT(CheckpointExists(files_, "d/s-????\?-of-00002"),
              IsOkAndHolds(true));
  EXPECT_THAT(CheckpointExists(files_, "d/s-????\?-of-00003"),
              IsOkAndHolds(false));
  EXPECT_THAT(CheckpointExists(files_, "no/s-????\?-of-00002"),
              IsOkAndHolds(false));
  EXPECT_THAT(CheckpointExists(files_, "d/v"), IsOkAndHolds(false));
  EXPECT_THAT(CheckpointExists(files_, "d"), IsOkAndHolds(false));  // a folder
}

TEST_F(CheckpointStateTest, TheLatestIsWhatTheStateNames) {  // R9.21
  const auto latest = [&] { return LatestCheckpoint(files_, "d"); };
  EXPECT_THAT(latest(), IsOkAndHolds(std::nullopt));
  EXPECT_EQ(log_, "");
  Put("d/checkpoint",
      "model_checkpoint_path: \"b\" all_model_checkpoint_paths: \"a\"");
  Put("d/a.index", "");
  EXPECT_THAT(latest(), IsOkAndHolds(std::nullopt));  // not the older one
  EXPECT_THAT(log_, HasSubstr("d/b does not exist"));
  Put("d/b.index", "");
  EXPECT_THAT(latest(), IsOkAndHolds(Optional(std::string("d/b"))));

  log_.clear();
  Put("d/checkpoint", "\xff");
  EXPECT_THAT(latest(), IsOkAndHolds(std::nullopt));
  EXPECT_THAT(log_, HasSubstr("ignored: d/checkpoint"));
  Put("d/checkpoint", "all_model_checkpoint_paths: \"a\"");
  EXPECT_THAT(latest(), StatusIs(kInvalidArgument));
}

TEST_F(CheckpointStateTest, AFailedWriteLeavesTheOldState) {
  Put("d/checkpoint", "model_checkpoint_path: \"old\"");
  for (int64_t n = 0; n < 6; ++n) {
    FaultFileSystem faulty(files_);
    faulty.FailAt(n, /*stay_down=*/true);
    EXPECT_FALSE(
        WriteCheckpointState(faulty, "d", {.model_checkpoint_path = "d/new"})
            .ok());
    files_.CrashRandomly(n);
    EXPECT_THAT(ReadCheckpointState(files_, "d")->model_checkpoint_path,
                AnyOf("d/old", "d/new"));
  }
}

TEST(GoldenCheckpointStateTest, TensorFlowsFilesAreReadAndWrittenAgain) {
  const std::string root = testing::TestDataPath("tf_files");
  if (root.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  PosixFileSystem& disk = PosixFileSystem::Get();
  for (const std::string name : {"saver_v2_ref", "saver_v2_resource_sharded",
                                 "v1_plain", "v1_sharded", "v2_object"}) {
    SCOPED_TRACE(name);
    const std::string dir = absl::StrCat(root, "/", name);
    const auto state = ReadCheckpointState(disk, dir);
    ASSERT_THAT(state, IsOk());
    EXPECT_THAT(LatestCheckpoint(disk, dir),
                IsOkAndHolds(Optional(state->model_checkpoint_path)));
    MemoryFileSystem memory;
    ASSERT_THAT(memory.CreateDirs(dir), IsOk());
    ASSERT_THAT(WriteCheckpointState(memory, dir, *state,
                                     /*save_relative_paths=*/true),
                IsOk());
    EXPECT_EQ(ReadWholeFile(memory, dir + "/checkpoint").value(),
              ReadWholeFile(disk, dir + "/checkpoint").value());
  }
}

}  // namespace
}  // namespace trellis
