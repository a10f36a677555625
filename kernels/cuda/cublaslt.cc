#include "trellis/kernels/cuda/cublaslt.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/cuda/cublaslt_abi.h"
#include "trellis/runtime/kernel/cuda_libraries.h"

namespace trellis::cuda {
namespace {

using cublaslt::Object;

#define TRELLIS_CUBLASLT_FUNCTIONS(X)                             \
  X(cublasLtCreate, cublaslt::Create)                             \
  X(cublasLtDestroy, cublaslt::Destroy)                           \
  X(cublasLtMatmulDescCreate, cublaslt::CreateProduct)            \
  X(cublasLtMatmulDescSetAttribute, cublaslt::SetAttribute)       \
  X(cublasLtMatmulDescDestroy, cublaslt::Destroy)                 \
  X(cublasLtMatrixLayoutCreate, cublaslt::CreateLayout)           \
  X(cublasLtMatrixLayoutDestroy, cublaslt::Destroy)               \
  X(cublasLtMatmulPreferenceCreate, cublaslt::Create)             \
  X(cublasLtMatmulPreferenceSetAttribute, cublaslt::SetAttribute) \
  X(cublasLtMatmulPreferenceDestroy, cublaslt::Destroy)           \
  X(cublasLtMatmulAlgoGetHeuristic, cublaslt::GetHeuristic)       \
  X(cublasLtMatmul, cublaslt::Multiply)

struct Functions {
#define TRELLIS_DECLARE(f, Type) Type* f = nullptr;
  TRELLIS_CUBLASLT_FUNCTIONS(TRELLIS_DECLARE)
#undef TRELLIS_DECLARE
};

absl::StatusOr<Functions> LoadFunctions() {
  const SharedLibrary& library = LoadCudaLibrary(CudaLibrary::kCublasLt);
  TRELLIS_RETURN_IF_ERROR(library.status());
  Functions table;
#define TRELLIS_LOAD(f, Type)                                  \
  table.f = library.Function<Type>(#f);                        \
  if (table.f == nullptr) {                                    \
    return absl::FailedPreconditionError(                      \
        absl::StrCat(library.path(), " has no function " #f)); \
  }
  TRELLIS_CUBLASLT_FUNCTIONS(TRELLIS_LOAD)
#undef TRELLIS_LOAD
  return table;
}

absl::Status Error(int status, absl::string_view call) {
  switch (status) {
    case cublaslt::kSuccess:
      return absl::OkStatus();
    case cublaslt::kNotInitialized:
      return absl::UnavailableError(absl::StrCat(
          call, ": cuBLASLt cannot use the GPU (error ", status, ")"));
    case cublaslt::kAllocationFailed:
      return absl::ResourceExhaustedError(
          absl::StrCat(call, ": out of memory (error ", status, ")"));
    case cublaslt::kNotSupported:
      return absl::UnimplementedError(absl::StrCat(
          call, ": cuBLASLt has no such product (error ", status, ")"));
    default:
      return absl::InternalError(
          absl::StrCat(call, ": cuBLASLt error ", status));
  }
}

#define TRELLIS_CUBLASLT_CALL(f, ...) Error(functions_.f(__VA_ARGS__), #f)

class LoadedProduct final : public CublasLtProduct {
 public:
  LoadedProduct(const Functions& functions, DType dtype)
      : functions_(functions), is_double_(dtype == kFloat64) {}

  ~LoadedProduct() override {
    for (Object layout : {left_, right_, result_}) {
      if (layout != nullptr) functions_.cublasLtMatrixLayoutDestroy(layout);
    }
    if (product_ != nullptr) functions_.cublasLtMatmulDescDestroy(product_);
    if (handle_ != nullptr) functions_.cublasLtDestroy(handle_);
  }

  absl::Status Prepare(const MatMulShape& shape, int alignment) {
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUBLASLT_CALL(cublasLtCreate, &handle_));
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUBLASLT_CALL(
        cublasLtMatmulDescCreate, &product_,
        is_double_ ? cublaslt::kComputeDouble : cublaslt::kComputeFloat,
        type()));
    const auto product = ColumnMajorProduct::Of(shape);
    TRELLIS_RETURN_IF_ERROR(
        Describe(product.left, cublaslt::kTransposeLeft, left_));
    TRELLIS_RETURN_IF_ERROR(
        Describe(product.right, cublaslt::kTransposeRight, right_));
    TRELLIS_RETURN_IF_ERROR(MakeLayout(product.result, result_));
    return ChooseAlgorithm(alignment);
  }

  absl::Status Run(const void* a, const void* b, void* y, void* workspace,
                   void* stream) const override {
    static constexpr double kOne = 1, kZero = 0;
    static constexpr float kOneFloat = 1, kZeroFloat = 0;
    const void* one = &kOneFloat;
    const void* zero = &kZeroFloat;
    if (is_double_) {
      one = &kOne;
      zero = &kZero;
    }
    return TRELLIS_CUBLASLT_CALL(
        cublasLtMatmul, handle_, product_, one, b, left_, a, right_, zero, y,
        result_, y, result_, &algorithm_, workspace, kWorkspaceBytes, stream);
  }

 private:
  int type() const { return is_double_ ? cublaslt::kDouble : cublaslt::kFloat; }

  absl::Status MakeLayout(const ColumnMajorProduct::Matrix& m, Object& layout) {
    return TRELLIS_CUBLASLT_CALL(cublasLtMatrixLayoutCreate, &layout, type(),
                                 static_cast<uint64_t>(m.rows),
                                 static_cast<uint64_t>(m.columns), m.rows);
  }

  absl::Status Describe(const ColumnMajorProduct::Matrix& m, int transpose,
                        Object& layout) {
    TRELLIS_RETURN_IF_ERROR(MakeLayout(m, layout));
    if (!m.transposed) return absl::OkStatus();
    return TRELLIS_CUBLASLT_CALL(cublasLtMatmulDescSetAttribute, product_,
                                 transpose, &cublaslt::kTransposed,
                                 sizeof(cublaslt::kTransposed));
  }

  absl::Status ChooseAlgorithm(int alignment) {
    Object preferences = nullptr;
    TRELLIS_RETURN_IF_ERROR(
        TRELLIS_CUBLASLT_CALL(cublasLtMatmulPreferenceCreate, &preferences));
    const absl::Status status = Choose(preferences, alignment);
    functions_.cublasLtMatmulPreferenceDestroy(preferences);
    return status;
  }

  absl::Status Choose(Object preferences, int alignment) {
    const uint64_t bytes = kWorkspaceBytes;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUBLASLT_CALL(
        cublasLtMatmulPreferenceSetAttribute, preferences,
        cublaslt::kMaxWorkspaceBytes, &bytes, sizeof(bytes)));
    const auto least = static_cast<uint32_t>(alignment);
    for (int i = 0; i < 4; ++i) {
      TRELLIS_RETURN_IF_ERROR(TRELLIS_CUBLASLT_CALL(
          cublasLtMatmulPreferenceSetAttribute, preferences,
          cublaslt::kFirstMinAlignment + i, &least, sizeof(least)));
    }
    cublaslt::Heuristic found = {};
    int num_found = 0;
    TRELLIS_RETURN_IF_ERROR(TRELLIS_CUBLASLT_CALL(
        cublasLtMatmulAlgoGetHeuristic, handle_, product_, left_, right_,
        result_, result_, preferences, 1, &found, &num_found));
    if (num_found == 0) {
      return Error(cublaslt::kNotSupported, "cublasLtMatmulAlgoGetHeuristic");
    }
    algorithm_ = found.algorithm;
    return Error(found.status, "cublasLtMatmulAlgoGetHeuristic");
  }

  const Functions& functions_;
  const bool is_double_;
  Object handle_ = nullptr;
  Object product_ = nullptr;
  Object left_ = nullptr, right_ = nullptr, result_ = nullptr;  // layouts
  cublaslt::Algorithm algorithm_ = {};
};

}  // namespace

absl::StatusOr<std::unique_ptr<CublasLtProduct>> CublasLtProduct::Make(
    const MatMulShape& shape, int alignment) {
  // Never destroyed, as the library is not.
  static const auto* const kFunctions =
      new absl::StatusOr<Functions>(LoadFunctions());
  TRELLIS_RETURN_IF_ERROR(kFunctions->status());
  auto product = std::make_unique<LoadedProduct>(**kFunctions, shape.dtype);
  TRELLIS_RETURN_IF_ERROR(product->Prepare(shape, alignment));
  return product;
}

}  // namespace trellis::cuda
