// Fill, ZerosLike, OnesLike and Range.
#ifndef TRELLIS_KERNELS_CONSTANT_H_
#define TRELLIS_KERNELS_CONSTANT_H_

#include <cstdint>
#include <type_traits>

#include "absl/status/status.h"
#include "trellis/kernels/fill.h"
#include "trellis/kernels/host_device.h"
#include "trellis/kernels/wrap.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// The scalar in input 1 everywhere.
template <typename Device, typename T>
class FillKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(c, n_, Device::kCopyGrain,
                             SplatFn<T>{c.input<T>(1), c.output<T>(0)});
  }

 private:
  int64_t n_ = 0;
};

// T() everywhere.
template <typename Device, typename T>
class ZerosKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(c, n_, Device::kCopyGrain,
                             FillFn<T>{T(), c.output<T>(0)});
  }

 private:
  int64_t n_ = 0;
};

template <typename Device, typename T>
class OnesKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    return Device::ForRanges(c, n_, Device::kCopyGrain,
                             FillFn<T>{T(1), c.output<T>(0)});
  }

 private:
  int64_t n_ = 0;
};

// y[i] = start + i * delta, for integers.
template <typename T>
struct RangeFn {
  T start, delta;
  T* y;

  TRELLIS_HOST_DEVICE void operator()(int64_t i) const {
    y[i] = WrapAdd(start, WrapMul(static_cast<T>(i), delta));
  }
};

// REQUIRES of the registration: start and delta in host memory.
template <typename Device, typename T>
class RangeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    n_ = c.output_shape(0).num_elements();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    const T start = *c.input<T>(0), delta = *c.input<T>(2);
    T* y = c.output<T>(0);
    if constexpr (std::is_integral_v<T>) {
      return Device::ForEach(c, n_, RangeFn<T>{start, delta, y});
    } else {
      // TensorFlow adds up, and rounds at every step.
      T value = start;
      for (int64_t i = 0; i < n_; ++i, value += delta) y[i] = value;
      return absl::OkStatus();
    }
  }

 private:
  int64_t n_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CONSTANT_H_
