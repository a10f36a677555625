// Tile and BroadcastTo: copies that read elements several times.
#ifndef TRELLIS_KERNELS_TILE_H_
#define TRELLIS_KERNELS_TILE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/kernels/element_types.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Each dimension of y is two of the copy: which repetition, which element.
template <typename Device, typename T>
class TileKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape &x = c.input_shape(0), &y = c.output_shape(0);
    // Nothing to copy, and repetitions cannot be told from the shapes.
    if (y.num_elements() == 0) return AddDim(copy_, 0, 1, 1);
    const std::vector<int64_t> x_strides = RowMajorStrides(x);
    const std::vector<int64_t> y_strides = RowMajorStrides(y);
    for (int d = 0; d < x.rank(); ++d) {
      TRELLIS_RETURN_IF_ERROR(
          AddDim(copy_, y.dim(d) / x.dim(d), 0, x.dim(d) * y_strides[d]));
      TRELLIS_RETURN_IF_ERROR(
          AddDim(copy_, x.dim(d), x_strides[d], y_strides[d]));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), c.output<T>(0));
  }

 private:
  StridedCopy copy_;
};

template <typename Device, typename T>
class BroadcastToKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape &x = c.input_shape(0), &y = c.output_shape(0);
    const std::vector<int64_t> x_strides = RowMajorStrides(x);
    const std::vector<int64_t> y_strides = RowMajorStrides(y);
    const int added = y.rank() - x.rank();
    for (int d = 0; d < y.rank(); ++d) {
      const bool repeated = d < added || x.dim(d - added) == 1;
      TRELLIS_RETURN_IF_ERROR(AddDim(
          copy_, y.dim(d), repeated ? 0 : x_strides[d - added], y_strides[d]));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return RunStridedCopy<Device>(c, copy_, c.input<T>(0), c.output<T>(0));
  }

 private:
  StridedCopy copy_;
};

// ---- registration

template <typename Device>
void AddTileKernels(KernelRegistry& r, absl::string_view device) {
  AddMover<TileKernel, Device>(r, "Tile", device, {.host_inputs = {1}});
  AddMover<BroadcastToKernel, Device>(r, "BroadcastTo", device,
                                      {.host_inputs = {1}});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_TILE_H_
