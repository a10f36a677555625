// ReduceKernel of reduce.h for GPUs: the same groups of axes, each reduced by
// the blocks of block_reduce.h, in two passes where one has too few of them.
#ifndef TRELLIS_KERNELS_CUDA_REDUCE_KERNEL_H_
#define TRELLIS_KERNELS_CUDA_REDUCE_KERNEL_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/cuda/block_reduce.h"
#include "trellis/kernels/cuda/cuda.h"
#include "trellis/kernels/reduce.h"

namespace trellis {

// The passes for the groups of axes of a plan, first to last, and where in
// scratch memory each puts its result; that of the last is the output.
struct CudaReducePlan {
  struct Pass {
    cuda::BlockReducePass pass;
    int64_t result = 0;  // in elements
  };
  std::vector<Pass> passes;
  int64_t scratch_elements = 0;

  // REQUIRES: the result of the plan has elements.
  static CudaReducePlan Make(const ReducePlan& plan);
};

template <typename R, typename Last>
class ReduceKernel<Cuda, R, Last> : public Kernel {
  using T = typename R::Element;

 public:
  absl::Status Prepare(PrepareContext& c) override {
    return PrepareAxes(c,
                       ReducedAxes(*c.input_value(1), c.input_shape(0).rank()));
  }

  absl::Status Run(RunContext& c) const override {
    constexpr bool kMaps = requires { R::Map(T{}); };
    const T* x = c.input<T>(0);
    const size_t n = plan_.passes.size();
    for (size_t i = 0; i < n; ++i) {
      const bool last = i + 1 == n;
      T* y = last ? c.output<T>(0)
                  : static_cast<T*>(c.scratch()) + plan_.passes[i].result;
      const cuda::BlockReducePass& pass = plan_.passes[i].pass;
      TRELLIS_RETURN_IF_ERROR(i == 0 ? RunPass<kMaps>(c, pass, last, x, y)
                                     : RunPass<false>(c, pass, last, x, y));
      x = y;
    }
    return absl::OkStatus();
  }

 protected:
  absl::Status PrepareAxes(PrepareContext& c,
                           const std::vector<bool>& reduced) {
    if (c.output_shape(0).num_elements() == 0) return absl::OkStatus();
    const ReducePlan plan = PlanReduction(c.input_shape(0), reduced);
    plan_ = CudaReducePlan::Make(plan);
    reduced_ = plan.reduced;
    c.RequestScratch(plan_.scratch_elements * sizeof(T));
    return absl::OkStatus();
  }

 private:
  template <bool mapped>
  absl::Status RunPass(RunContext& c, const cuda::BlockReducePass& pass,
                       bool last, const T* x, T* y) const {
    TRELLIS_ASSIGN_OR_RETURN(void* const stream,
                             Cuda::StreamOf(c).BeginLaunch());
    const int error =
        last ? cuda::LaunchBlockReduce(
                   stream,
                   cuda::BlockReduceFn<R, mapped, Last>{pass, x, y, reduced_})
             : cuda::LaunchBlockReduce(
                   stream,
                   cuda::BlockReduceFn<R, mapped, AsIs>{pass, x, y, reduced_});
    return Cuda::LaunchError(error);
  }

  CudaReducePlan plan_;  // no passes: no outputs
  int64_t reduced_ = 1;  // elements for each one of the result
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CUDA_REDUCE_KERNEL_H_
