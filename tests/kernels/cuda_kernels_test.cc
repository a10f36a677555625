// The CUDA kernels as far as they go without a GPU: registered beside the
// CPU's, placed, planned over a fake driver, and refused where there is none.
#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph.h"
#include "trellis/kernels/all_cpu.h"
#include "trellis/kernels/all_cuda.h"
#include "trellis/ops/all.h"
#include "trellis/runtime/compile/place.h"
#include "trellis/runtime/cuda_device.h"
#include "trellis/runtime/cuda_libcuda.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/runtime/cuda/fake_cuda_driver.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using testing::AddNodes;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using testing::IsOk;

class CudaKernelsTest : public ::testing::Test {
 protected:
  CudaKernelsTest() {
    RegisterAllOps(ops_);
    RegisterAllCpu(kernels_);
    RegisterAllCuda(kernels_);
    RegisterCpuDevices(devices_);
    RegisterCudaDevices(devices_, driver_, 80);
    if (OldestCudaArchitecture() == 0) return;
    EXPECT_THAT(AddNodes(graph_, absl::StrCat("x = Placeholder() dtype=float32 "
                                              "shape=[?,3]",
                                              kNodes)),
                IsOk());
  }

  void SetUp() override {
    if (OldestCudaArchitecture() == 0) GTEST_SKIP() << "a build without CUDA";
  }

  static constexpr char kNodes[] = R"(
    w = Const() dtype=float32 value=float32[3,3]:1,0,0,0,1,0,0,0,1
    bias = Const() dtype=float32 value=float32[3]:1,2,3
    sum = AddV2(x, bias)
    relu = Relu(sum)
    product = MatMul(relu, w)
    large = Greater(product, bias)
    y = Cast(large) DstT=int32
  )";

  const std::map<std::string, int> kOneGpu = {{"GPU", 1}};
  FakeCudaDriver driver_{{{.name = "Fake",
                           .major = 9,
                           .multiprocessors = 132,
                           .memory_bytes = size_t{1} << 24}}};
  OpRegistry ops_;
  KernelRegistry kernels_;
  DeviceRegistry devices_;
  Graph graph_{ops_};
};

// The same op, types and host operands: a graph means the same on both.
TEST_F(CudaKernelsTest, EachHasItsCpuKernel) {
  int count = 0;
  for (const KernelEntry* gpu : kernels_.entries()) {
    if (gpu->device_type != kGpu) continue;
    ++count;
    const auto of_op = kernels_.EntriesOf(gpu->op);
    EXPECT_TRUE(std::any_of(of_op.begin(), of_op.end(),
                            [&](const KernelEntry* cpu) {
                              return cpu->device_type == kCpu &&
                                     (cpu->dtype == gpu->dtype ||
                                      cpu->dtype == kInvalid) &&
                                     cpu->options.types == gpu->options.types;
                            }))
        << gpu->op << " of " << DTypeName(gpu->dtype);
    EXPECT_NE(gpu->make(), nullptr);
    EXPECT_NE(gpu->dtype, kString) << gpu->op;
  }
  EXPECT_GT(count, 200);
}

TEST_F(CudaKernelsTest, AreWhatPlacementGoesBy) {
  Graph graph(ops_);
  ASSERT_THAT(AddNodes(graph, absl::StrCat("x = Const() dtype=float32 "
                                           "value=float32[1,3]:1,2,3",
                                           kNodes)),
              IsOk());
  const auto devices = DeviceSet::Make(devices_, kOneGpu);
  ASSERT_THAT(devices, IsOk());
  const auto placement = Place(graph, *devices, kernels_, {});
  ASSERT_THAT(placement, IsOk());
  std::map<std::string, std::string> types;
  for (const Node* node : graph.nodes()) {
    types[node->name()] = devices->device(placement->device[node->id()]).type();
  }
  for (const char* node : {"sum", "relu", "product", "large", "y"}) {
    EXPECT_EQ(types[node], "GPU") << node;
  }
}

TEST_F(CudaKernelsTest, ArePlannedWithoutAGpu) {
  const auto session =
      Session::Make(graph_, {kernels_, devices_}, {.device_count = kOneGpu});
  ASSERT_THAT(session, IsOk());
  EXPECT_THAT((*session)->Prepare({{"x", Shape({2, 3})}}, {"y"}), IsOk());
  // The bias is a constant of the plan, and so on the GPU.
  EXPECT_THAT(driver_.log(), HasSubstr("copy 12 to device"));
}

TEST_F(CudaKernelsTest, SayWhatIsMissingWhereThereIsNoGpu) {
  if (SystemCudaDriver().ok()) GTEST_SKIP() << "there is a GPU";
  const auto session =
      Session::Make(graph_, {kernels_, devices_}, {.device_count = kOneGpu});
  ASSERT_THAT(session, IsOk());
  const auto results =
      (*session)->Run({{"x", Tensor(kFloat32, {2, 3})}}, Fetches{"y"});
  ASSERT_FALSE(results.ok());
  EXPECT_THAT(std::string(results.status().message()),
              AllOf(HasSubstr("sum:"), HasSubstr("launch of a kernel: "),
                    AnyOf(HasSubstr("there is no GPU"),
                          HasSubstr("the driver is too old"))));
}

}  // namespace
}  // namespace trellis
