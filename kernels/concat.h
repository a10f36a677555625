// ConcatV2 and Pack, Split and Unpack: blocks of rows next to each other in
// wider rows.
#ifndef TRELLIS_KERNELS_CONCAT_H_
#define TRELLIS_KERNELS_CONCAT_H_

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/tensor.h"
#include "trellis/kernels/strided_copy.h"
#include "trellis/runtime/kernel/kernel.h"
#include "trellis/runtime/kernel/prepare_context.h"
#include "trellis/runtime/kernel/run_context.h"

namespace trellis {

inline int ConcatAxis(int64_t axis, int rank) {
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

// The product of the dimensions [first, last).
inline int64_t Product(const Shape& shape, int first, int last) {
  int64_t product = 1;
  for (int d = first; d < last; ++d) product *= shape.dim(d);
  return product;
}

// What of the wide tensor belongs to one part.
struct ConcatPart {
  StridedCopy copy;
  int index = 0;  // of the input or output
};

// The parts of rows of `width` elements: part i has widths[i] of each of them.
inline absl::StatusOr<std::vector<ConcatPart>> MakeConcatParts(
    int64_t rows, const std::vector<int64_t>& widths, bool split) {
  int64_t width = 0;
  for (int64_t w : widths) width += w;
  std::vector<ConcatPart> parts;
  int64_t begin = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    const int64_t w = widths[i];
    if (rows * w == 0) continue;
    ConcatPart part{.index = static_cast<int>(i)};
    (split ? part.copy.x_begin : part.copy.y_begin) = begin;
    TRELLIS_RETURN_IF_ERROR(
        part.copy.AddDim(rows, split ? width : w, split ? w : width));
    TRELLIS_RETURN_IF_ERROR(part.copy.AddDim(w, 1, 1));
    parts.push_back(part);
    begin += w;
  }
  return parts;
}

// ConcatV2: the last input is the axis.
template <typename Device, typename T>
class ConcatKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const int n = c.num_inputs() - 1;
    const Shape& y = c.output_shape(0);
    const int axis = ConcatAxis(IntegersOf(*c.input_value(n))[0], y.rank());
    std::vector<int64_t> widths;
    for (int i = 0; i < n; ++i) {
      widths.push_back(Product(c.input_shape(i), axis, y.rank()));
    }
    TRELLIS_ASSIGN_OR_RETURN(
        parts_, MakeConcatParts(Product(y, 0, axis), widths, /*split=*/false));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (const ConcatPart& part : parts_) {
      TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
          c, part.copy, c.input<T>(part.index), c.output<T>(0)));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<ConcatPart> parts_;
};

// Pack: inputs of one shape.
template <typename Device, typename T>
class PackKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& y = c.output_shape(0);
    const int axis = ConcatAxis(c.attr<int64_t>("axis"), y.rank());
    const std::vector<int64_t> widths(c.num_inputs(),
                                      Product(y, axis + 1, y.rank()));
    TRELLIS_ASSIGN_OR_RETURN(
        parts_, MakeConcatParts(Product(y, 0, axis), widths, /*split=*/false));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (const ConcatPart& part : parts_) {
      TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
          c, part.copy, c.input<T>(part.index), c.output<T>(0)));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<ConcatPart> parts_;
};

// Unpack: outputs of one shape.
template <typename Device, typename T>
class UnpackKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& x = c.input_shape(0);
    const int axis = ConcatAxis(c.attr<int64_t>("axis"), x.rank());
    const std::vector<int64_t> widths(c.num_outputs(),
                                      Product(x, axis + 1, x.rank()));
    TRELLIS_ASSIGN_OR_RETURN(
        parts_, MakeConcatParts(Product(x, 0, axis), widths, /*split=*/true));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (const ConcatPart& part : parts_) {
      TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
          c, part.copy, c.input<T>(0), c.output<T>(part.index)));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<ConcatPart> parts_;
};

// Split: input 0 is the axis, input 1 what is split into equal parts.
template <typename Device, typename T>
class SplitKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& x = c.input_shape(1);
    const int axis = ConcatAxis(IntegersOf(*c.input_value(0))[0], x.rank());
    const std::vector<int64_t> widths(
        c.num_outputs(), Product(c.output_shape(0), axis, x.rank()));
    TRELLIS_ASSIGN_OR_RETURN(
        parts_, MakeConcatParts(Product(x, 0, axis), widths, /*split=*/true));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (const ConcatPart& part : parts_) {
      TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
          c, part.copy, c.input<T>(1), c.output<T>(part.index)));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<ConcatPart> parts_;
};

// SplitV: input 0 is split along the axis in input 2; the outputs say how.
template <typename Device, typename T>
class SplitVKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    const Shape& x = c.input_shape(0);
    const int axis = ConcatAxis(IntegersOf(*c.input_value(2))[0], x.rank());
    std::vector<int64_t> widths;
    for (int i = 0; i < c.num_outputs(); ++i) {
      widths.push_back(Product(c.output_shape(i), axis, x.rank()));
    }
    TRELLIS_ASSIGN_OR_RETURN(
        parts_, MakeConcatParts(Product(x, 0, axis), widths, /*split=*/true));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override {
    for (const ConcatPart& part : parts_) {
      TRELLIS_RETURN_IF_ERROR(RunStridedCopy<Device>(
          c, part.copy, c.input<T>(0), c.output<T>(part.index)));
    }
    return absl::OkStatus();
  }

 private:
  std::vector<ConcatPart> parts_;
};

// ConcatOffset, on the host: input 0 is the axis, the others are shapes.
class ConcatOffsetKernel final : public Kernel {
 public:
  absl::Status Prepare(PrepareContext& c) override {
    num_shapes_ = c.num_inputs() - 1;
    rank_ = static_cast<int>(c.input_shape(1).dim(0));
    return absl::OkStatus();
  }
  absl::Status Run(RunContext& c) const override;

 private:
  int num_shapes_ = 0;
  int rank_ = 0;
};

}  // namespace trellis

#endif  // TRELLIS_KERNELS_CONCAT_H_
