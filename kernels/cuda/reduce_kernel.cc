#include "trellis/kernels/cuda/reduce_kernel.h"

namespace trellis {

CudaReducePlan CudaReducePlan::Make(const ReducePlan& plan) {
  CudaReducePlan made;
  const auto add = [&](const cuda::BlockReducePass& pass) {
    made.passes.push_back({pass, made.scratch_elements});
    made.scratch_elements += pass.outer * pass.parts * pass.inner;
  };
  for (const ReducePass& of_group : plan.passes) {
    // Of no elements, with results for a later pass over none.
    if (of_group.outer == 0) continue;
    const auto pass =
        cuda::BlockReducePass::Make(of_group.outer, of_group.n, of_group.inner);
    add(pass);
    if (pass.parts == 1) continue;
    add(cuda::BlockReducePass::MakeWhole(pass.outer, pass.parts, pass.inner));
  }
  const cuda::BlockReducePass& last = made.passes.back().pass;
  made.scratch_elements -= last.outer * last.parts * last.inner;
  return made;
}

}  // namespace trellis
