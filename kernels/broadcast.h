// BroadcastGradientArgs: computed on the host, wherever its node is placed.
#ifndef TRELLIS_KERNELS_BROADCAST_H_
#define TRELLIS_KERNELS_BROADCAST_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/broadcast.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename T>
class BroadcastGradientArgsKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    for (int i : {0, 1}) {
      ranks_[i] = c.input_shape(i).num_elements();
      allocated_[i] = c.output_shape(i).known_rank();
    }
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    const auto dims = [&](int i) {
      const T* d = c.input<T>(i);
      return std::vector<int64_t>(d, d + ranks_[i]);
    };
    TRELLIS_ASSIGN_OR_RETURN(const BroadcastAxes axes,
                             AxesOfBroadcast(dims(0), dims(1)));
    TRELLIS_RETURN_IF_ERROR(SetOutput(c, 0, axes.x));
    return SetOutput(c, 1, axes.y);
  }

 private:
  absl::Status SetOutput(RunContext& c, int i,
                         const std::vector<int64_t>& axes) const {
    if (!allocated_[i]) {
      TRELLIS_RETURN_IF_ERROR(
          c.AllocateOutput(i, {static_cast<int64_t>(axes.size())}));
    }
    std::copy(axes.begin(), axes.end(), c.output<T>(i));
    return absl::OkStatus();
  }

  int64_t ranks_[2] = {};
  bool allocated_[2] = {};  // the lengths of the outputs were known
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BROADCAST_H_
