// A bias per channel, and its gradient.
#ifndef TRELLIS_KERNELS_BIAS_H_
#define TRELLIS_KERNELS_BIAS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/kernels/binary.h"
#include "trellis/kernels/broadcast_rows.h"
#include "trellis/kernels/element_wise.h"
#include "trellis/kernels/reduce.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

template <typename Device, typename T>
class BiasAddKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    // [C], or [C, 1, ...] where channels are not the last axis.
    Shape bias = c.input_shape(1);
    if (c.attr<std::string>("data_format") == "NCHW") {
      for (int i = 2; i < c.input_shape(0).rank(); ++i) bias.push_back(1);
    }
    TRELLIS_ASSIGN_OR_RETURN(broadcast_, MakeBroadcast(c.input_shape(0), bias));
    return absl::OkStatus();
  }

  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(
        c, broadcast_.num_elements, Device::Grain(1),
        ElementWiseRange<AddFn<T>, typename Device::template Held<Broadcast>>{
            c.input<T>(0), c.input<T>(1), c.output<T>(0), broadcast_});
  }

 private:
  Broadcast broadcast_;
};

// The sum over all axes but that of the channels.
template <typename Device, typename T>
class BiasAddGradKernel final : public ReduceKernel<Device, SumReducer<T>> {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const int rank = c.input_shape(0).rank();
    std::vector<bool> reduced(rank, true);
    const bool channels_first = c.attr<std::string>("data_format") == "NCHW";
    reduced[channels_first ? 1 : rank - 1] = false;
    return this->PrepareAxes(c, reduced);
  }
};

template <typename Device>
void AddBiasKernels(KernelRegistry& r, absl::string_view device) {
  const auto add = [&]<typename T>(T) {
    r.Add<BiasAddKernel<Device, T>>("BiasAdd", device, DTypeOf<T>);
    r.Add<BiasAddGradKernel<Device, T>>("BiasAddGrad", device, DTypeOf<T>);
  };
  add(float{});
  add(double{});
  add(int32_t{});
  add(int64_t{});
}

}  // namespace trellis

#endif  // TRELLIS_KERNELS_BIAS_H_
