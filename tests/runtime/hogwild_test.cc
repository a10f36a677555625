// Variables that runs write while others touch them: SessionOptions::hogwild.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/shape_context.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

// y = 1, once the gate is open.
class GateKernel final : public Kernel {
 public:
  static inline std::atomic<bool> reached = false, open = false;

  absl::Status Run(RunContext& c) const override {
    reached = true;
    while (!open) std::this_thread::yield();
    *c.output<float>(0) = 1;
    return absl::OkStatus();
  }
};

class HogwildTest : public ::testing::Test {
 protected:
  HogwildTest() {
    GateKernel::reached = GateKernel::open = false;
    RegisterAllOps(ops_);
    ops_.Add({.name = "Gate",
              .doc = "One, when a test says so.",
              .outputs = {{"y", "float32"}},
              .shape = ScalarShape,
              .not_differentiable = "a test",
              .stateful = true});
    RegisterAllCpu(kernels_);
    kernels_.Add<GateKernel>("Gate", kCpu, kInvalid);
    RegisterCpuDevices(devices_);
    graph_ = std::make_unique<Graph>(ops_);
    EXPECT_THAT(AddNodes(*graph_, R"(
      one = Const() dtype=float32 value=float32[]:1
      three = Const() dtype=float32 value=float32[3]:1
      gate = Gate()
      v = VariableV2() dtype=float32 shape=[]
      init = Assign(v, one)
      read = Identity(v)
      quick = AssignAdd(v, one)
      slow = AssignAdd(v, gate)
      resize = Assign(v, three) validate_shape=false
    )"),
                IsOk());
  }

  std::unique_ptr<Session> NewSession() {
    auto session = Session::Make(*graph_, {kernels_, devices_},
                                 {.threads = 0, .hogwild = {"v"}});
    EXPECT_THAT(session, IsOk());
    return *std::move(session);
  }
  static absl::Status Run(const Session& session, const std::string& target,
                          const RunOptions& options = {}) {
    return session.Run({}, Fetches{}, {target}, options).status();
  }
  static float Read(const Session& session) {
    const auto results = session.Run({}, Fetches{"read"});
    EXPECT_THAT(results, IsOk());
    return results.ok() ? (*results)[0].scalar<float>() : 0;
  }

  OpRegistry ops_;
  KernelRegistry kernels_;
  DeviceRegistry devices_;
  std::unique_ptr<Graph> graph_;
};

// R4.23 holds for them, too.
TEST_F(HogwildTest, AVariableWithoutAValueIsNamed) {
  const auto session = NewSession();
  for (const char* target : {"read", "quick"}) {
    EXPECT_THAT(Run(*session, target),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         HasSubstr("v (initializer init)")));
  }
}

TEST_F(HogwildTest, ReadsSeeUpdates) {
  const auto session = NewSession();
  ASSERT_THAT(Run(*session, "init"), IsOk());
  EXPECT_EQ(Read(*session), 1);
  ASSERT_THAT(Run(*session, "quick"), IsOk());
  ASSERT_THAT(Run(*session, "quick"), IsOk());
  EXPECT_EQ(Read(*session), 3);
}

TEST_F(HogwildTest, TheFirstValueIsGivenAlone) {
  for (int round = 0; round < 50; ++round) {
    const auto session = NewSession();
    std::vector<Callable> inits;
    for (int t = 0; t < 2; ++t) {
      auto init = session->MakeCallable({}, Fetches{"init"});
      ASSERT_THAT(init, IsOk());
      inits.push_back(*init);
    }
    std::atomic<int> ready = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        std::vector<Tensor> results;
        EXPECT_THAT(inits[t].Run({}, &results), IsOk());
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(Read(*session), 1);
  }
}

// One run has come to the middle of its update when another begins and ends.
TEST_F(HogwildTest, ARunThatWritesKeepsNobodyOut) {
  const auto session = NewSession();
  ASSERT_THAT(Run(*session, "init"), IsOk());
  std::thread slow([&] { EXPECT_THAT(Run(*session, "slow"), IsOk()); });
  while (!GateKernel::reached) std::this_thread::yield();
  EXPECT_THAT(Run(*session, "quick"), IsOk());
  EXPECT_EQ(Read(*session), 2);
  GateKernel::open = true;
  slow.join();
  EXPECT_EQ(Read(*session), 3);
}

// It would take the memory away under the others.
TEST_F(HogwildTest, ButARunThatChangesTheShapeWaits) {
  const auto session = NewSession();
  ASSERT_THAT(Run(*session, "init"), IsOk());
  std::thread slow([&] { EXPECT_THAT(Run(*session, "slow"), IsOk()); });
  while (!GateKernel::reached) std::this_thread::yield();
  EXPECT_THAT(Run(*session, "resize", {.timeout_ms = 10}),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       HasSubstr("while it waited for variable v")));
  GateKernel::open = true;
  slow.join();
}

}  // namespace
}  // namespace trellis
