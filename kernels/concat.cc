#include "trellis/kernels/concat.h"

#include "absl/strings/str_cat.h"
#include "trellis/graph/tensor.h"

namespace trellis {
namespace {

constexpr int kNone = -1;

int ConcatAxis(int64_t axis, int rank) {
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

int ConcatAxis(const Tensor* axis, int rank) {
  return ConcatAxis(IntegersOf(*axis)[0], rank);
}

// The product of the dimensions [first, last).
int64_t Product(const Shape& shape, int first, int last) {
  int64_t product = 1;
  for (int d = first; d < last; ++d) product *= shape.dim(d);
  return product;
}

// The parts of `rows` rows: part i has widths[i] elements of each of them. The
// rows are those of input `split`, and the parts the outputs; or, if that is
// kNone, the rows are those of output 0, and the parts the inputs.
absl::StatusOr<ConcatParts> MakeParts(int64_t rows,
                                      const std::vector<int64_t>& widths,
                                      int split) {
  int64_t width = 0;
  for (int64_t w : widths) width += w;
  ConcatParts parts;
  int64_t begin = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    const int64_t w = widths[i];
    if (rows * w == 0) continue;
    ConcatPart part;
    if (split == kNone) {
      part.input = static_cast<int>(i);
      part.copy.y_begin = begin;
      TRELLIS_RETURN_IF_ERROR(AddDim(part.copy, rows, w, width));
    } else {
      part.input = split;
      part.output = static_cast<int>(i);
      part.copy.x_begin = begin;
      TRELLIS_RETURN_IF_ERROR(AddDim(part.copy, rows, width, w));
    }
    TRELLIS_RETURN_IF_ERROR(AddDim(part.copy, w, 1, 1));
    parts.push_back(part);
    begin += w;
  }
  return parts;
}

}  // namespace

absl::StatusOr<ConcatParts> PartsOfConcat(const PrepareContext& c) {
  const int n = c.num_inputs() - 1;
  const Shape& y = c.output_shape(0);
  const int axis = ConcatAxis(c.input_value(n), y.rank());
  std::vector<int64_t> widths;
  for (int i = 0; i < n; ++i) {
    widths.push_back(Product(c.input_shape(i), axis, y.rank()));
  }
  return MakeParts(Product(y, 0, axis), widths, kNone);
}

absl::StatusOr<ConcatParts> PartsOfPack(const PrepareContext& c) {
  const Shape& y = c.output_shape(0);
  const int axis = ConcatAxis(c.attr<int64_t>("axis"), y.rank());
  const std::vector<int64_t> widths(c.num_inputs(),
                                    Product(y, axis + 1, y.rank()));
  return MakeParts(Product(y, 0, axis), widths, kNone);
}

absl::StatusOr<ConcatParts> PartsOfUnpack(const PrepareContext& c) {
  const Shape& x = c.input_shape(0);
  const int axis = ConcatAxis(c.attr<int64_t>("axis"), x.rank());
  const std::vector<int64_t> widths(c.num_outputs(),
                                    Product(x, axis + 1, x.rank()));
  return MakeParts(Product(x, 0, axis), widths, /*split=*/0);
}

absl::StatusOr<ConcatParts> PartsOfSplit(const PrepareContext& c) {
  const Shape& x = c.input_shape(1);
  const int axis = ConcatAxis(c.input_value(0), x.rank());
  const std::vector<int64_t> widths(c.num_outputs(),
                                    Product(c.output_shape(0), axis, x.rank()));
  return MakeParts(Product(x, 0, axis), widths, /*split=*/1);
}

absl::StatusOr<ConcatParts> PartsOfSplitV(const PrepareContext& c) {
  const Shape& x = c.input_shape(0);
  const int axis = ConcatAxis(c.input_value(2), x.rank());
  std::vector<int64_t> widths;
  for (int i = 0; i < c.num_outputs(); ++i) {
    widths.push_back(Product(c.output_shape(i), axis, x.rank()));
  }
  return MakeParts(Product(x, 0, axis), widths, /*split=*/0);
}

absl::Status ConcatOffsetKernel::Run(RunContext& c) const {
  int64_t axis = *c.input<int32_t>(0);
  if (axis < -rank_ || axis >= rank_) {
    return absl::InvalidArgumentError(
        absl::StrCat("axis ", axis, " is not in [", -rank_, ", ", rank_, ")"));
  }
  if (axis < 0) axis += rank_;
  const int32_t* first = c.input<int32_t>(1);
  int32_t offset = 0;
  for (int i = 0; i < num_shapes_; ++i) {
    const int32_t* shape = c.input<int32_t>(i + 1);
    int32_t* y = c.output<int32_t>(i);
    for (int d = 0; d < rank_; ++d) {
      y[d] = d == axis ? offset : 0;
      if (d != axis && shape[d] != first[d]) {
        return absl::InvalidArgumentError(
            absl::StrCat("dimension ", d, " of shape ", i, " is ", shape[d],
                         ", must be ", first[d], " as in the first"));
      }
    }
    if (__builtin_add_overflow(offset, shape[axis], &offset)) {
      return absl::InvalidArgumentError("the offsets do not fit into 32 bits");
    }
  }
  return absl::OkStatus();
}

}  // namespace trellis
