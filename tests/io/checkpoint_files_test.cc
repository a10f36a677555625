#include "trellis/io/checkpoint_files.h"

#include "trellis/io/fault_file_system.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;

void Write(FileSystem& files, std::initializer_list<const char*> names) {
  ASSERT_THAT(files.CreateDirs("d"), IsOk());
  for (const char* name : names) {
    ASSERT_THAT(WriteFileAtomically(files, std::string("d/") + name, "x"),
                IsOk());
  }
}

TEST(CheckpointFilesTest, DeletesAllFilesOfOneCheckpointOnly) {
  MemoryFileSystem files;
  Write(files,
        {"m-1.index", "m-1.data-00000-of-00002", "m-1.data-00001-of-00002",
         "m-1.meta", "m-1.data-1", "m-10.index", "m-10.data-00000-of-00001"});
  EXPECT_THAT(DeleteCheckpoint(files, "d/m-1"), IsOk());
  EXPECT_THAT(files.List("d"),
              IsOkAndHolds(ElementsAre("m-1.data-1", "m-10.data-00000-of-00001",
                                       "m-10.index")));
  EXPECT_THAT(DeleteCheckpoint(files, "d/m-1"), IsOk());
}

TEST(CheckpointFilesTest, NoCrashLeavesAnIndexWithoutData) {
  for (int fail_at = 0; fail_at < 8; ++fail_at) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      MemoryFileSystem memory;
      Write(memory, {"m.index", "m.data-00000-of-00001"});
      FaultFileSystem files(memory);
      files.FailAt(fail_at, /*stay_down=*/true);
      DeleteCheckpoint(files, "d/m").IgnoreError();
      memory.CrashRandomly(seed);
      if (memory.Info("d/m.index").ok()) {
        EXPECT_THAT(memory.Info("d/m.data-00000-of-00001"), IsOk())
            << "operation " << fail_at << ", seed " << seed;
      }
    }
  }
}

TEST(CheckpointFilesTest, RemovesWhatInterruptedSavesLeft) {
  MemoryFileSystem files;
  Write(files,
        {"m-1.index", "m-1.data-00000-of-00001", "m-2.data-00000-of-00001",
         "m.data-00000-of-00001", "m-3.index.tempstate0123456789abcdef1",
         // Not of this saver, or no leftovers.
         "other-2.data-00000-of-00001", "m-x.data-00000-of-00001",
         "m-2.data-00000-of-1", "checkpoint"});
  EXPECT_THAT(RemoveInterruptedSaves(files, "d/m"), IsOk());
  EXPECT_THAT(files.List("d"),
              IsOkAndHolds(ElementsAre("checkpoint", "m-1.data-00000-of-00001",
                                       "m-1.index", "m-2.data-00000-of-1",
                                       "m-x.data-00000-of-00001",
                                       "other-2.data-00000-of-00001")));
}

TEST(CheckpointFilesTest, AMissingFolderIsClean) {
  MemoryFileSystem files;
  EXPECT_THAT(RemoveInterruptedSaves(files, "nowhere/m"), IsOk());
  EXPECT_THAT(files.List("/"), IsOkAndHolds(IsEmpty()));
}

}  // namespace
}  // namespace trellis
