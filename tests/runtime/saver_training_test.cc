// Checkpoints of sessions that run: training goes on bit for bit after a
// restore, and may go on during a save.
#include <atomic>
#include <thread>

#include "trellis/io/memory_file_system.h"
#include "trellis/io/open_checkpoint.h"
#include "trellis/io/whole_file.h"
#include "trellis/runtime/saver.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::IsOk;

// Both variables are changed by every step, one of them by random numbers.
constexpr char kModel[] = R"(
    w = VarHandleOp() dtype=float32 shape=[1000] shared_name="w"
    b = VariableV2() dtype=float32 shape=[1000]
    zero = Const() dtype=float32 value=float32[1000]:0
    init_w = AssignVariableOp(w, zero)
    init_b = Assign(b, zero)
    init = NoOp(^init_w, ^init_b)
    size = Const() dtype=int32 value=int32[1]:1000
    noise = RandomUniform(size) dtype=float32 seed=1 seed2=2
    add_w = AssignAddVariableOp(w, noise)
    add_b = AssignAdd(b, noise)
    train = NoOp(^add_w, ^add_b)
    w_value = ReadVariableOp(w) dtype=float32
)";

struct Trainer {
  explicit Trainer(SessionOptions options = {.threads = 2})
      : graph(Builtin().ops) {
    EXPECT_THAT(testing::AddNodes(graph, kModel), IsOk());
    auto made = NewSession(graph, std::move(options));
    EXPECT_THAT(made, IsOk());
    session = *std::move(made);
  }
  absl::Status Run(const char* target) {
    return session->Run({}, Fetches{}, Targets{target}).status();
  }
  void Train(int steps) {
    for (int i = 0; i < steps; ++i) ASSERT_THAT(Run("train"), IsOk());
  }

  Graph graph;
  std::unique_ptr<Session> session;
};

class SaverTrainingTest : public ::testing::Test {
 protected:
  std::string Bytes(const std::string& prefix) {
    const auto data = ReadWholeFile(files_, prefix + ".data-00000-of-00001");
    const auto index = ReadWholeFile(files_, prefix + ".index");
    EXPECT_THAT(data, IsOk());
    EXPECT_THAT(index, IsOk());
    return *data + *index;
  }
  MemoryFileSystem files_;
  Saver saver_{files_};
};

TEST_F(SaverTrainingTest, ARestoredRunGoesOnBitForBit) {
  Trainer straight;
  ASSERT_THAT(straight.Run("init"), IsOk());
  straight.Train(200);
  ASSERT_THAT(saver_.Save(*straight.session, "straight/m", 200), IsOk());

  Trainer first;
  ASSERT_THAT(first.Run("init"), IsOk());
  first.Train(100);
  ASSERT_THAT(saver_.Save(*first.session, "halves/m", 100), IsOk());
  for (int threads : {0, 1, 3, 8}) {
    Trainer second({.threads = threads});
    ASSERT_THAT(saver_.Restore(*second.session, "halves/m-100"), IsOk());
    second.Train(100);
    ASSERT_THAT(saver_.Save(*second.session, "halves/m", 200), IsOk());
    EXPECT_EQ(Bytes("halves/m-200"), Bytes("straight/m-200")) << threads;
    ASSERT_THAT(files_.Delete("halves/m-200.index"), IsOk());
  }
}

TEST_F(SaverTrainingTest, ARestoreRewindsASessionThatRan) {
  Trainer t;
  ASSERT_THAT(t.Run("init"), IsOk());
  t.Train(3);
  ASSERT_THAT(saver_.Save(*t.session, "a/m", 3), IsOk());
  t.Train(5);
  ASSERT_THAT(saver_.Save(*t.session, "a/m", 8), IsOk());
  ASSERT_THAT(saver_.Restore(*t.session, "a/m-3"), IsOk());
  t.Train(5);
  ASSERT_THAT(saver_.Save(*t.session, "b/m", 8), IsOk());
  EXPECT_EQ(Bytes("a/m-8"), Bytes("b/m-8"));
}

TEST_F(SaverTrainingTest, VariablesOfOtherDevicesAreRestoredThere) {
  constexpr char kPlaced[] = R"(
      w = VarHandleOp() dtype=float32 shape=[2] @/device:CPU:1
      two = Const() dtype=float32 value=float32[2]:2
      init = AssignVariableOp(w, two)
      value = ReadVariableOp(w) dtype=float32
  )";
  Graph graph(Builtin().ops);
  ASSERT_THAT(testing::AddNodes(graph, kPlaced), IsOk());
  const SessionOptions options = {.threads = 0, .device_count = {{"CPU", 2}}};
  auto trained = NewSession(graph, options);
  ASSERT_THAT(trained, IsOk());
  ASSERT_THAT((*trained)->Run({}, Fetches{}, Targets{"init"}), IsOk());
  ASSERT_THAT(saver_.Save(**trained, "m"), IsOk());
  auto fresh = NewSession(graph, options);
  ASSERT_THAT(fresh, IsOk());
  ASSERT_THAT(saver_.Restore(**fresh, "m"), IsOk());
  const auto value = (*fresh)->Run({}, Fetches{"value"});
  ASSERT_THAT(value, IsOk());
  EXPECT_EQ((*value)[0].ToString(), "float32[2]: 2 2");
  const Resource* w = (*fresh)->resources().Find("w");
  ASSERT_NE(w, nullptr);
  EXPECT_EQ(w->device, &(*fresh)->devices().device(1));
}

// w and b get the same noise in each step, so they are equal between steps and
// in every checkpoint.
TEST_F(SaverTrainingTest, SavesWhileFourThreadsTrain) {
  Trainer t;
  ASSERT_THAT(t.Run("init"), IsOk());
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!stop) EXPECT_THAT(t.Run("train"), IsOk());
    });
  }
  for (int i = 0; i < 20; ++i) {
    const auto prefix = saver_.Save(*t.session, "run/m", i);
    ASSERT_THAT(prefix, IsOk());
    const auto checkpoint = OpenCheckpoint(files_, *prefix);
    ASSERT_THAT(checkpoint, IsOk());
    const auto w = (*checkpoint)->Read("w");
    const auto b = (*checkpoint)->Read("b");
    ASSERT_THAT(w, IsOk());
    ASSERT_THAT(b, IsOk());
    EXPECT_TRUE(w->SameAs(*b));
    if (i % 5 == 4) {
      ASSERT_THAT(saver_.Restore(*t.session, *prefix), IsOk());
    }
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace trellis
