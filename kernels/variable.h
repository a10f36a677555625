// Assignments to variables, by reference or by handle, and questions about
// them.
#ifndef TRELLIS_KERNELS_VARIABLE_H_
#define TRELLIS_KERNELS_VARIABLE_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/copy.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis {

// The variable has a new value.
inline void MarkWritten(VariableState& state) {
  state.initialized = true;
  state.version.fetch_add(1, std::memory_order_relaxed);
}

// InvalidArgument unless the variable's value has that shape. A variable whose
// shape is not fixed may have got another one since the plan was made.
inline absl::Status ExpectVariableShape(const VariableState& state,
                                        const Shape& shape) {
  if (state.value.shape() == shape) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the variable has shape ", state.value.shape().ToString(),
                   ", the other operand ", shape.ToString()));
}

// Variable 0 = input 1. A variable whose shape is not fixed takes the value's.
template <typename Device, typename T>
class AssignKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_ = c.input_shape(1);
    dtype_ = c.input_dtype(1);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    VariableState& state = c.variable_state(0);
    if (!(state.value.shape() == shape_)) {
      TRELLIS_RETURN_IF_ERROR(c.AllocateVariable(0, dtype_, shape_));
    }
    const T* value = c.input<T>(1);
    T* variable = c.variable<T>(0);
    // A variable that is assigned its own value.
    if (value != variable) {
      TRELLIS_RETURN_IF_ERROR(Device::ForRanges(c, shape_.num_elements(),
                                                Device::kCopyGrain,
                                                CopyFn<T>{value, variable}));
    }
    MarkWritten(state);
    return absl::OkStatus();
  }

 private:
  Shape shape_;
  DType dtype_ = kInvalid;
};

// v[i] += sign * x[i]
template <typename T, int sign>
struct UpdateFn {
  const T* x;
  T* v;  // may be x

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    v[i] = sign > 0 ? WrapAdd(v[i], x[i]) : WrapSub(v[i], x[i]);
  }
};

// Variable 0 += sign * input 1.
template <typename Device, typename T, int sign>
class UpdateKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    shape_ = c.input_shape(1);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    VariableState& state = c.variable_state(0);
    TRELLIS_RETURN_IF_ERROR(ExpectVariableShape(state, shape_));
    TRELLIS_RETURN_IF_ERROR(
        Device::ForEach(c, shape_.num_elements(),
                        UpdateFn<T, sign>{c.input<T>(1), c.variable<T>(0)}));
    MarkWritten(state);
    return absl::OkStatus();
  }

 private:
  Shape shape_;
};

// Has variable 0 a value? The output is in host memory.
class IsInitializedKernel final : public Kernel {
 public:
  absl::Status Run(RunContext& c) const override {
    *c.output<bool>(0) = c.variable_state(0).initialized;
    return absl::OkStatus();
  }
};

// The shape of variable 0. The output is in host memory.
template <typename T>
class VariableShapeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    rank_ = static_cast<int>(c.output_shape(0).fully_defined()
                                 ? c.output_shape(0).dim(0)
                                 : kUnknownDim);
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const Shape& shape = c.variable_state(0).value.shape();
    if (rank_ == kUnknownDim) {
      TRELLIS_RETURN_IF_ERROR(c.AllocateOutput(0, Shape{shape.rank()}));
    }
    T* y = c.output<T>(0);
    for (int64_t dim : shape.dims()) *y++ = static_cast<T>(dim);
    return absl::OkStatus();
  }

 private:
  int rank_ = kUnknownDim;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_VARIABLE_H_
