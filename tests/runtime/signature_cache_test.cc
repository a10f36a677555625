#include "trellis/runtime/signature_cache.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/base/log.h"
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
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;

// What is logged while it lives.
class Logged {
 public:
  Logged() {
    SetLogSink([this](const LogEntry& entry) {
      messages_.push_back(std::string(entry.message));
    });
  }
  ~Logged() { SetLogSink({}); }

  const std::vector<std::string>& messages() const { return messages_; }

 private:
  std::vector<std::string> messages_;
};

// y = 1, once the gate is open. Pure, so it is folded: while a signature with
// it is compiled.
class GateKernel final : public Kernel {
 public:
  static inline std::atomic<int> reached = 0;
  static inline std::atomic<bool> open = false;

  absl::Status Run(RunContext& c) const override {
    ++reached;
    while (!open) std::this_thread::yield();
    *c.output<float>(0) = 1;
    return absl::OkStatus();
  }
};

class SignatureCacheTest : public ::testing::Test {
 protected:
  SignatureCacheTest() {
    GateKernel::reached = 0;
    GateKernel::open = false;
    RegisterAllOps(ops_);
    ops_.Add({.name = "Gate",
              .doc = "One, when a test says so.",
              .outputs = {{"y", "float32"}},
              .shape = ScalarShape,
              .not_differentiable = "a test"});
    RegisterAllCpu(kernels_);
    kernels_.Add<GateKernel>("Gate", kCpu, kInvalid);
    RegisterCpuDevices(devices_);
    graph_ = std::make_unique<Graph>(ops_);
    EXPECT_THAT(AddNodes(*graph_, R"(
      x = Placeholder() dtype=float32 shape=[]
      y = Neg(x)
      gate = Gate()
    )"),
                IsOk());
    auto session = Session::Make(*graph_, {kernels_, devices_}, {.threads = 0});
    EXPECT_THAT(session, IsOk());
    session_ = *std::move(session);
  }

  absl::Status Run(const std::string& fetch) {
    return session_->Run({{"x", Tensor::Scalar(2.0f)}}, Fetches{fetch})
        .status();
  }

  OpRegistry ops_;
  KernelRegistry kernels_;
  DeviceRegistry devices_;
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<Session> session_;
};

TEST_F(SignatureCacheTest, KeepsThoseUsedLast) {
  constexpr int kMany = Session::kMaxSignatures + 44;
  for (int i = 0; i < kMany; ++i) {
    ASSERT_THAT(AddNodes(*graph_, absl::StrCat("n", i, " = Neg(x)")), IsOk());
  }
  auto callable = session_->MakeCallable({"x"}, Fetches{"y"});
  ASSERT_THAT(callable, IsOk());
  const Logged logged;
  for (int i = 0; i < kMany; ++i) {
    ASSERT_THAT(Run(absl::StrCat("n", i)), IsOk());
    ASSERT_THAT(Run("n0"), IsOk());
  }
  EXPECT_EQ(session_->report().signatures, Session::kMaxSignatures);
  EXPECT_THAT(logged.messages(),
              ElementsAre(HasSubstr("compiled more than 256 signatures")));
  // Dropped long ago, the one as good as before, the other as good as new.
  std::vector<Tensor> results;
  EXPECT_THAT(callable->Run({Tensor::Scalar(2.0f)}, &results), IsOk());
  EXPECT_EQ(results[0].scalar<float>(), -2);
  EXPECT_THAT(Run("n1"), IsOk());
}

TEST_F(SignatureCacheTest, DropsTheOneNotUsedForLongest) {
  SignatureCache cache(2);
  const auto stand_in = [] {
    auto object = std::make_shared<int>();
    return std::shared_ptr<CompiledSignature>(
        object, reinterpret_cast<CompiledSignature*>(object.get()));
  };
  cache.Add({1}, stand_in());
  cache.Add({2}, stand_in());
  const auto held = cache.Find({2});
  EXPECT_NE(cache.Find({1}), nullptr);
  cache.Add({3}, stand_in());
  EXPECT_EQ(cache.Find({2}), nullptr);
  EXPECT_NE(cache.Find({1}), nullptr);
  EXPECT_NE(cache.Find({3}), nullptr);
  EXPECT_EQ(cache.signatures().size(), 2u);
  EXPECT_EQ(held.use_count(), 1);
}

TEST_F(SignatureCacheTest, ARunDoesNotWaitWhileAnotherCompiles) {
  ASSERT_THAT(Run("y"), IsOk());
  std::thread compiles([&] { EXPECT_THAT(Run("gate"), IsOk()); });
  while (GateKernel::reached == 0) std::this_thread::yield();
  EXPECT_THAT(Run("y"), IsOk());
  EXPECT_EQ(session_->report().signatures, 1);
  // Nor does who builds.
  EXPECT_THAT(AddNodes(*graph_, "z = Neg(y)"), IsOk());
  GateKernel::open = true;
  compiles.join();
}

TEST_F(SignatureCacheTest, TwoThreadsCompileASignatureOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] { EXPECT_THAT(Run("gate"), IsOk()); });
  }
  while (GateKernel::reached == 0) std::this_thread::yield();
  for (int i = 0; i < 100; ++i) std::this_thread::yield();
  GateKernel::open = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(GateKernel::reached, 1);
  EXPECT_EQ(session_->report().signatures, 1);
}

TEST_F(SignatureCacheTest, AGraphThatGrowsBetweenRunsIsWarnedOfOnce) {
  const Logged logged;
  ASSERT_THAT(Run("y"), IsOk());
  for (int i = 0; i < 99; ++i) {
    ASSERT_THAT(AddNodes(*graph_, absl::StrCat("n", i, " = Neg(x)")), IsOk());
    // It need not be what runs.
    ASSERT_THAT(Run("y"), IsOk());
    ASSERT_THAT(Run("y"), IsOk());
  }
  EXPECT_THAT(logged.messages(), ElementsAre());
  for (int i = 99; i < 150; ++i) {
    ASSERT_THAT(AddNodes(*graph_, absl::StrCat("n", i, " = Neg(x)")), IsOk());
    ASSERT_THAT(Run("y"), IsOk());
  }
  EXPECT_THAT(logged.messages(),
              ElementsAre(AllOf(HasSubstr("grown between runs 100 times"),
                                HasSubstr("103 nodes"))));
}

}  // namespace
}  // namespace trellis
