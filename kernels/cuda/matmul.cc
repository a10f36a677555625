// MatMul on a GPU: cuBLASLt, which rounds to float32 as the host does; or,
// where that library is not there, element by element.
#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/cuda/cublaslt.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/cuda/families.h"
#include "trellis/kernels/fill.h"
#include "trellis/kernels/matmul_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {
namespace {

// A product is made by the first run, as only then the GPU is the thread's.
template <typename T>
class CudaMatMulKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_.dtype = DTypeOf<T>;
    shape_.transpose_a = c.attr<bool>("transpose_a");
    shape_.transpose_b = c.attr<bool>("transpose_b");
    shape_.m = c.output_shape(0).dim(0);
    shape_.n = c.output_shape(0).dim(1);
    shape_.k = c.input_shape(0).dim(shape_.transpose_a ? 0 : 1);
    if (outputs() > 0 && shape_.k > 0) {
      c.RequestScratch(cuda::CublasLtProduct::kWorkspaceBytes +
                       kWorkspaceAlignment);
    }
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    const T *a = c.input<T>(0), *b = c.input<T>(1);
    T* y = c.output<T>(0);
    if (outputs() == 0 || shape_.k == 0) {
      return Cuda::ForRanges(c, outputs(), Cuda::kCopyGrain,
                             FillFn<T>{T{0}, y});
    }
    TRELLIS_ASSIGN_OR_RETURN(void* const stream,
                             Cuda::StreamOf(c).BeginLaunch());
    const bool aligned = IsMultiple(a, kAlignment) &&
                         IsMultiple(b, kAlignment) && IsMultiple(y, kAlignment);
    LazyProduct& lazy = aligned ? aligned_ : unaligned_;
    std::call_once(lazy.once, [&] {
      lazy.product = cuda::CublasLtProduct::Make(
          shape_, aligned ? kAlignment : static_cast<int>(sizeof(T)));
    });
    if (absl::IsNotFound(lazy.product.status())) return RunPlain(c, a, b, y);
    TRELLIS_RETURN_IF_ERROR(lazy.product.status());
    return (*lazy.product)->Run(a, b, y, Workspace(c.scratch()), stream);
  }

 private:
  // Of operands: that of the widest accesses.
  static constexpr int kAlignment = 16;
  static constexpr int kWorkspaceAlignment = 256;

  struct LazyProduct {
    std::once_flag once;
    absl::StatusOr<std::unique_ptr<cuda::CublasLtProduct>> product = nullptr;
  };

  int64_t outputs() const { return shape_.m * shape_.n; }

  absl::Status RunPlain(RunContext& c, const T* a, const T* b, T* y) const {
    MatMulElement<T> fn{.a = a, .b = b, .y = y, .n = shape_.n, .k = shape_.k};
    fn.a_row = shape_.transpose_a ? 1 : shape_.k;
    fn.a_k = shape_.transpose_a ? shape_.m : 1;
    fn.b_k = shape_.transpose_b ? 1 : shape_.n;
    fn.b_column = shape_.transpose_b ? shape_.k : 1;
    return Cuda::ForEach(c, outputs(), fn);
  }

  static bool IsMultiple(const void* address, uintptr_t of) {
    return reinterpret_cast<uintptr_t>(address) % of == 0;
  }

  static void* Workspace(void* scratch) {
    const auto address = reinterpret_cast<uintptr_t>(scratch);
    return reinterpret_cast<void*>((address + kWorkspaceAlignment - 1) /
                                   kWorkspaceAlignment * kWorkspaceAlignment);
  }

  cuda::MatMulShape shape_;
  mutable LazyProduct aligned_;
  mutable LazyProduct unaligned_;
};

}  // namespace

void RegisterMatMulCuda(KernelRegistry& registry) {
  registry.Add<CudaMatMulKernel<float>>("MatMul", kGpu, kFloat32);
  registry.Add<CudaMatMulKernel<double>>("MatMul", kGpu, kFloat64);
}

}  // namespace trellis
