// Runs that must stop: deadlines and cancellation, between steps and inside of
// one.
#include <atomic>
#include <cstdint>
#include <limits>
#include <thread>

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

// Runs until it is told to stop, as a kernel with endless tiles would.
class Endless final : public Kernel {
 public:
  // How many runs have come to one.
  static inline std::atomic<int> begun = 0;

  absl::Status Run(RunContext& c) const override {
    ++begun;
    while (!c.cancelled()) std::this_thread::yield();
    return absl::AbortedError("stopped between two tiles");
  }
};

struct Machine {
  Machine() {
    RegisterAllOps(ops);
    RegisterAllCpu(kernels);
    ops.Add({.name = "Endless",
             .doc = "Never ends by itself.",
             .outputs = {{"y", "float32"}},
             .shape = ScalarShape,
             .not_differentiable = "a test",
             .stateful = true});
    kernels.Add<Endless>("Endless", kCpu, kInvalid);
    RegisterCpuDevices(devices);
    graph = std::make_unique<Graph>(ops);
    EXPECT_THAT(AddNodes(*graph, R"(
      one = Const() dtype=float32 value=float32[]:1
      forever = Endless()
      v = VarHandleOp() dtype=float32 shape=[]
      init = AssignVariableOp(v, one)
      more = AssignAddVariableOp(v, forever)
      read = ReadVariableOp(v) dtype=float32
    )"),
                IsOk());
    auto made = Session::Make(*graph, {kernels, devices}, {.threads = 0});
    EXPECT_THAT(made, IsOk());
    session = *std::move(made);
  }

  OpRegistry ops;
  KernelRegistry kernels;
  DeviceRegistry devices;
  std::unique_ptr<Graph> graph;
  std::unique_ptr<Session> session;
};

// R4.39
TEST(DeadlineTest, ARunPastItsDeadlineSaysWhereItWas) {
  Machine m;
  EXPECT_THAT(
      m.session->Run({}, Fetches{"forever"}, {}, {.timeout_ms = 20}),
      StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("at forever")));
}

TEST(DeadlineTest, ATimeoutBeyondTheClocksEndIsNone) {
  Machine m;
  for (const int64_t timeout_ms :
       {std::numeric_limits<int64_t>::max(),
        std::numeric_limits<int64_t>::max() / 1'000'000}) {
    EXPECT_THAT(
        m.session->Run({}, Fetches{"one"}, {}, {.timeout_ms = timeout_ms}),
        IsOk());
  }
}

TEST(DeadlineTest, ANegativeTimeoutIsRefused) {
  Machine m;
  EXPECT_THAT(m.session->Run({}, Fetches{"one"}, {}, {.timeout_ms = -1}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("timeout_ms is -1, must be >= 0")));
}

// R4.40
TEST(DeadlineTest, AnotherThreadCancelsARun) {
  Machine m;
  std::atomic<bool> cancelled = false;
  std::thread canceller([&] { cancelled = true; });
  EXPECT_THAT(
      m.session->Run({}, Fetches{"forever"}, {}, {.cancelled = &cancelled}),
      StatusIs(absl::StatusCode::kCancelled, HasSubstr("at forever")));
  canceller.join();
}

// A run that holds the variable v exclusively until Stop().
class LongWriter {
 public:
  explicit LongWriter(Session& session) {
    EXPECT_THAT(session.Run({}, Fetches{}, {"init"}), IsOk());
    const int before = Endless::begun;
    thread_ = std::thread([this, &session] {
      EXPECT_THAT(
          session.Run({}, Fetches{}, {"more"}, {.cancelled = &stop_}),
          StatusIs(absl::StatusCode::kCancelled, HasSubstr("at forever")));
    });
    while (Endless::begun == before) std::this_thread::yield();
  }
  void Stop() {
    stop_ = true;
    thread_.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

TEST(DeadlineTest, BindsARunThatWaitsForAVariable) {
  Machine m;
  LongWriter writer(*m.session);
  EXPECT_THAT(m.session->Run({}, Fetches{"read"}, {}, {.timeout_ms = 10}),
              StatusIs(absl::StatusCode::kDeadlineExceeded,
                       HasSubstr("while it waited for variable v")));
  writer.Stop();
  EXPECT_THAT(m.session->Run({}, Fetches{"read"}), IsOk());
}

TEST(DeadlineTest, ARunThatWaitsForAVariableCanBeCancelled) {
  Machine m;
  LongWriter writer(*m.session);
  std::atomic<bool> cancelled = false;
  std::thread canceller([&] { cancelled = true; });
  EXPECT_THAT(
      m.session->Run({}, Fetches{"read"}, {}, {.cancelled = &cancelled}),
      StatusIs(absl::StatusCode::kCancelled,
               HasSubstr("while it waited for variable v")));
  canceller.join();
  writer.Stop();
  EXPECT_THAT(m.session->Run({}, Fetches{"read"}), IsOk());
}

}  // namespace
}  // namespace trellis
