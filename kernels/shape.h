// Shape, ShapeN, Size and Rank: known when the kernel is prepared. Outputs are
// in host memory.
#ifndef TRELLIS_KERNELS_SHAPE_H_
#define TRELLIS_KERNELS_SHAPE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

// Output i = the shape of input i.
template <typename T>
class ShapeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    for (int i = 0; i < c.num_inputs(); ++i) {
      shapes_.push_back(c.input_shape(i));
    }
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (size_t i = 0; i < shapes_.size(); ++i) {
      T* y = c.output<T>(static_cast<int>(i));
      for (int64_t dim : shapes_[i].dims()) *y++ = static_cast<T>(dim);
    }
    return absl::OkStatus();
  }

 private:
  std::vector<Shape> shapes_;
};

template <typename T>
class SizeKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    size_ = static_cast<T>(c.input_shape(0).num_elements());
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    *c.output<T>(0) = size_;
    return absl::OkStatus();
  }

 private:
  T size_ = 0;
};

class RankKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    rank_ = c.input_shape(0).rank();
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    *c.output<int32_t>(0) = rank_;
    return absl::OkStatus();
  }

 private:
  int32_t rank_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_SHAPE_H_
