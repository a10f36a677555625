// The ops and CPU kernels of one family, and their results as text:
//
//   KernelFamily family(RegisterSliceOps, RegisterSliceCpu);
//   EXPECT_THAT(family.Run("Slice", {x, begin, size}),
//               IsOkAndHolds(ElementsAre("int32[2]: 1 2")));
#ifndef TRELLIS_TESTS_KERNELS_KERNEL_FAMILY_H_
#define TRELLIS_TESTS_KERNELS_KERNEL_FAMILY_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/tests/kernel_testing.h"

namespace trellis::testing {

class KernelFamily {
 public:
  KernelFamily(void (*add_ops)(OpRegistry&),
               void (*add_kernels)(KernelRegistry&)) {
    add_ops(ops_);
    add_kernels(kernels_);
  }

  absl::StatusOr<std::vector<Tensor>> RunTensors(
      absl::string_view op, const std::vector<KernelInput>& inputs,
      KernelOptionsForTest options = {}) const {
    return RunKernel(ops_, kernels_, op, inputs, std::move(options));
  }

  // Tensor::ToString of each output.
  absl::StatusOr<std::vector<std::string>> Run(
      absl::string_view op, const std::vector<KernelInput>& inputs,
      KernelOptionsForTest options = {}) const {
    TRELLIS_ASSIGN_OR_RETURN(const std::vector<Tensor> outputs,
                             RunTensors(op, inputs, std::move(options)));
    std::vector<std::string> texts;
    for (const Tensor& output : outputs) {
      texts.push_back(output.ToString(/*limit=*/1000));
    }
    return texts;
  }

 private:
  OpRegistry ops_;
  KernelRegistry kernels_;
};

// 0, 1, 2, ... in the given shape.
template <typename T>
Tensor Counting(const Shape& shape) {
  Tensor t(DTypeOf<T>, shape);
  T next = 0;
  for (T& element : t.flat<T>()) element = next++;
  return t;
}

inline Tensor Ints(std::initializer_list<int32_t> values) {
  return Tensor::Of<int32_t>(values);
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_KERNELS_KERNEL_FAMILY_H_
