// Kernels run outside of a plan, as folding does.
#include "trellis/runtime/evaluate.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddNodes;
using testing::IsOk;
using testing::StatusIs;

// y = 1, for which it wants `bytes` bytes of scratch and writes the last one.
class OneKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    bytes_ = c.attr<int64_t>("bytes");
    c.RequestScratch(static_cast<size_t>(bytes_));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    static_cast<char*>(c.scratch())[bytes_ - 1] = 1;
    *c.output<float>(0) = 1;
    return absl::OkStatus();
  }

 private:
  int64_t bytes_ = 0;
};

class EvaluateTest : public ::testing::Test {
 protected:
  EvaluateTest() : graph_(ops_) {
    ops_.Add({.name = "One",
              .doc = "One.",
              .outputs = {{"y", "float32"}},
              .attrs = {IntAttr("bytes", 1)},
              .shape = ScalarShape,
              .not_differentiable = "a test"});
    kernels_.Add<OneKernel>("One", kCpu, kInvalid);
  }

  absl::StatusOr<std::vector<Tensor>> Run(absl::string_view node) {
    EXPECT_THAT(AddNodes(graph_, node), IsOk());
    return Evaluate(*graph_.nodes().back(), {}, kernels_);
  }

  OpRegistry ops_;
  KernelRegistry kernels_;
  Graph graph_;
};

TEST_F(EvaluateTest, GivesAKernelItsScratch) {
  const auto y = Run("y = One() bytes=4096");
  ASSERT_THAT(y, IsOk());
  ASSERT_EQ(y->size(), 1u);
  EXPECT_EQ((*y)[0].scalar<float>(), 1);
}

TEST_F(EvaluateTest, ScratchThatNoMemoryHasIsAnError) {
  EXPECT_THAT(Run("y = One() bytes=1152921504606846976"),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

}  // namespace
}  // namespace trellis
