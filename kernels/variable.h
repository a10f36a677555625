// Assignments to variables, by reference or by handle, and questions about
// them.
#ifndef TRELLIS_KERNELS_VARIABLE_H_
#define TRELLIS_KERNELS_VARIABLE_H_

#include <atomic>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/copy_fn.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/update_fn.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"
#include "trellis/runtime/kernel/variable_state.h"

namespace trellis {

// The variable has a new value. Runs of hogwild variables do this at once, but
// for the first value.
inline void MarkWritten(VariableState& state) {
  if (!state.initialized) state.initialized = true;
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
      if constexpr (!Device::kIsHost) {
        return absl::UnimplementedError(absl::StrCat(
            "the variable has shape ", state.value.shape().ToString(),
            ", the value ", shape_.ToString(),
            "; only on the host may a variable change its shape"));
      }
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

// ---- registration

template <typename Device, typename T>
void AddUpdateKernels(KernelRegistry& r, absl::string_view device) {
  constexpr DType dtype = DTypeOf<T>;
  for (const char* op : {"AssignAdd", "AssignAddVariableOp"}) {
    r.Add<UpdateKernel<Device, T, 1>>(op, device, dtype);
  }
  for (const char* op : {"AssignSub", "AssignSubVariableOp"}) {
    r.Add<UpdateKernel<Device, T, -1>>(op, device, dtype);
  }
}

// Both flavours of variables; the kernels do not see which.
template <typename Device>
void AddVariableKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<AssignKernel, Device>(r, "Assign", device);
  AddMover<AssignKernel, Device>(r, "AssignVariableOp", device);
  AddUpdateKernels<Device, float>(r, device);
  AddUpdateKernels<Device, double>(r, device);
  AddUpdateKernels<Device, int32_t>(r, device);
  AddUpdateKernels<Device, int64_t>(r, device);
  const KernelOptions on_host = {.host_outputs = {0}};
  r.Add<IsInitializedKernel>("IsVariableInitialized", device, kInvalid,
                             on_host);
  r.Add<IsInitializedKernel>("VarIsInitializedOp", device, kInvalid, on_host);
  r.Add<VariableShapeKernel<int32_t>>("VariableShape", device, kInt32, on_host);
  r.Add<VariableShapeKernel<int64_t>>("VariableShape", device, kInt64, on_host);
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_VARIABLE_H_
