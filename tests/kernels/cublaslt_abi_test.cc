// kernels/cuda/cublaslt_abi.h against the library's own header, and the library
// itself where it is there.
#include "trellis/kernels/cuda/cublaslt_abi.h"

#include <cublasLt.h>

#include <cstddef>
#include <type_traits>

#include "gtest/gtest.h"
#include "trellis/kernels/cuda/cublaslt.h"
#include "trellis/runtime/kernel/cuda_libraries.h"

namespace trellis {
namespace {

using cublaslt::Heuristic;

static_assert(sizeof(cublaslt::Algorithm) == sizeof(cublasLtMatmulAlgo_t));
static_assert(sizeof(Heuristic) == sizeof(cublasLtMatmulHeuristicResult_t));
static_assert(offsetof(Heuristic, workspace_bytes) ==
              offsetof(cublasLtMatmulHeuristicResult_t, workspaceSize));
static_assert(offsetof(Heuristic, status) ==
              offsetof(cublasLtMatmulHeuristicResult_t, state));
static_assert(offsetof(Heuristic, waves) ==
              offsetof(cublasLtMatmulHeuristicResult_t, wavesCount));

static_assert(cublaslt::kSuccess == CUBLAS_STATUS_SUCCESS);
static_assert(cublaslt::kNotInitialized == CUBLAS_STATUS_NOT_INITIALIZED);
static_assert(cublaslt::kAllocationFailed == CUBLAS_STATUS_ALLOC_FAILED);
static_assert(cublaslt::kNotSupported == CUBLAS_STATUS_NOT_SUPPORTED);
static_assert(cublaslt::kFloat == CUDA_R_32F);
static_assert(cublaslt::kDouble == CUDA_R_64F);
static_assert(cublaslt::kComputeFloat == CUBLAS_COMPUTE_32F);
static_assert(cublaslt::kComputeDouble == CUBLAS_COMPUTE_64F);
static_assert(cublaslt::kTransposed == CUBLAS_OP_T);
static_assert(cublaslt::kTransposeLeft == CUBLASLT_MATMUL_DESC_TRANSA);
static_assert(cublaslt::kTransposeRight == CUBLASLT_MATMUL_DESC_TRANSB);
static_assert(cublaslt::kMaxWorkspaceBytes ==
              CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
static_assert(cublaslt::kFirstMinAlignment ==
              CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES);
static_assert(cublaslt::kFirstMinAlignment + 3 ==
              CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES);
static_assert(std::is_pointer_v<cublasLtHandle_t> &&
              std::is_pointer_v<cublasLtMatmulDesc_t> &&
              std::is_pointer_v<cublasLtMatrixLayout_t> &&
              std::is_pointer_v<cublasLtMatmulPreference_t>);
static_assert(sizeof(cublasOperation_t) == sizeof(int));

// Each parameter of a function is as large as ours, and a pointer where ours
// is.
template <typename Ours, typename Theirs>
struct SameInterface : std::false_type {};
template <typename... Ours, typename... Theirs>
struct SameInterface<int(Ours...), cublasStatus_t(Theirs...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(Ours) != sizeof...(Theirs)) {
      return false;
    } else {
      return ((sizeof(Ours) == sizeof(Theirs) &&
               std::is_pointer_v<Ours> == std::is_pointer_v<Theirs>)&&...);
    }
  }();
};

#define TRELLIS_SAME(Ours, f) \
  static_assert(SameInterface<cublaslt::Ours, decltype(f)>::value)
TRELLIS_SAME(Create, cublasLtCreate);
TRELLIS_SAME(Destroy, cublasLtDestroy);
TRELLIS_SAME(CreateProduct, cublasLtMatmulDescCreate);
TRELLIS_SAME(SetAttribute, cublasLtMatmulDescSetAttribute);
TRELLIS_SAME(Destroy, cublasLtMatmulDescDestroy);
TRELLIS_SAME(CreateLayout, cublasLtMatrixLayoutCreate);
TRELLIS_SAME(Destroy, cublasLtMatrixLayoutDestroy);
TRELLIS_SAME(Create, cublasLtMatmulPreferenceCreate);
TRELLIS_SAME(SetAttribute, cublasLtMatmulPreferenceSetAttribute);
TRELLIS_SAME(Destroy, cublasLtMatmulPreferenceDestroy);
TRELLIS_SAME(GetHeuristic, cublasLtMatmulAlgoGetHeuristic);
TRELLIS_SAME(Multiply, cublasLtMatmul);

// Every function is found; what comes of it depends on the machine.
TEST(CublasLtTest, MakesAProductOrSaysWhyNot) {
  const auto& library = LoadCudaLibrary(CudaLibrary::kCublasLt);
  const auto product =
      cuda::CublasLtProduct::Make({.m = 2, .n = 3, .k = 4}, /*alignment=*/16);
  if (!library.status().ok()) {
    EXPECT_EQ(product.status(), library.status());
    GTEST_SKIP() << library.status();
  }
  if (product.ok()) return;
  EXPECT_EQ(product.status().code(), absl::StatusCode::kUnavailable)
      << product.status();
  GTEST_SKIP() << product.status();
}

}  // namespace
}  // namespace trellis
