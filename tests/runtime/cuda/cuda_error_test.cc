#include "trellis/runtime/kernel/cuda_error.h"

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(CudaErrorTest, ZeroIsOk) { EXPECT_TRUE(CudaError(0, "cuInit").ok()); }

TEST(CudaErrorTest, SaysTheCallTheReasonAndTheNumber) {
  EXPECT_EQ(
      CudaError(2, "cuMemAlloc"),
      absl::ResourceExhaustedError("cuMemAlloc: out of memory (CUDA error 2)"));
  EXPECT_EQ(CudaError(100, "cuInit"),
            absl::UnavailableError("cuInit: there is no GPU (CUDA error 100)"));
  EXPECT_EQ(CudaError(35, "launch"),
            absl::FailedPreconditionError(
                "launch: the driver is too old for this build (CUDA error "
                "35)"));
  EXPECT_EQ(CudaError(700, "launch"),
            absl::DataLossError(
                "launch: a kernel used an illegal address (CUDA error 700); "
                "this process cannot use that GPU any more"));
}

TEST(CudaErrorTest, AnUnknownNumberIsInternal) {
  EXPECT_EQ(CudaError(31415, "launch"),
            absl::InternalError("launch: CUDA error 31415"));
}

}  // namespace
}  // namespace trellis
