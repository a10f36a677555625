// Runs one kernel on host tensors, without session, plan or executor:
//
//   RunKernel(ops, kernels, "MatMul", {a, b}, {.attrs = {{"transpose_b",
//   true}},
//                                              .threads = 3})
//
// does what a plan of one step does: the shape function, the choice of the
// kernel, Prepare, Run. With a `device` the operands are copied to its memory
// and the results back.
#ifndef TRELLIS_TESTS_KERNEL_TESTING_H_
#define TRELLIS_TESTS_KERNEL_TESTING_H_

#include <atomic>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis::testing {

// A tensor, or the variable that a reference or a resource handle refers to.
using KernelInput = std::variant<Tensor, VariableState*>;

struct KernelOptionsForTest {
  AttrMap attrs = {};
  // The host's memory and a kernel for "CPU" if null.
  Device* device = nullptr;
  int threads = 0;
  // Output 0 takes the memory of this input, as where a plan sees that nobody
  // else needs it. The caller's tensor stays as it is.
  int in_place = -1;
  // What shape functions know of inputs whose values the kernel does not ask
  // for in Prepare: all, or only the shapes, as in a plan made ahead.
  bool values_known = true;
  // Of a node whose op is `random`.
  VariableState* random = nullptr;
  const std::atomic<bool>* cancelled = nullptr;
};

// The outputs, in host memory. Errors: whatever a step says; NotFound if there
// is no kernel.
absl::StatusOr<std::vector<Tensor>> RunKernel(
    const OpRegistry& ops, const KernelRegistry& kernels, absl::string_view op,
    const std::vector<KernelInput>& inputs, KernelOptionsForTest options = {});

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_KERNEL_TESTING_H_
