#include "trellis/kernels/broadcast_rows.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace trellis {
namespace {

struct Axis {
  int64_t dim;
  bool x_moves;
  bool y_moves;
};

// Length along axis i counted from the last, 1 where the shape lacks it.
int64_t DimFromEnd(const Shape& shape, int i) {
  return i < shape.rank() ? shape.dim(shape.rank() - 1 - i) : 1;
}

// From the fastest to the slowest; those that behave alike are one.
std::vector<Axis> MergedAxes(const Shape& x, const Shape& y) {
  std::vector<Axis> axes;
  for (int i = 0; i < std::max(x.rank(), y.rank()); ++i) {
    const int64_t nx = DimFromEnd(x, i), ny = DimFromEnd(y, i);
    if (nx == 1 && ny == 1) continue;
    const Axis axis = {nx == 1 ? ny : nx, nx != 1, ny != 1};
    if (!axes.empty() && axes.back().x_moves == axis.x_moves &&
        axes.back().y_moves == axis.y_moves) {
      axes.back().dim *= axis.dim;
    } else {
      axes.push_back(axis);
    }
  }
  if (axes.empty()) axes.push_back({1, true, true});
  return axes;
}

}  // namespace

absl::StatusOr<Broadcast> MakeBroadcast(const Shape& x, const Shape& y) {
  const std::vector<Axis> axes = MergedAxes(x, y);
  Broadcast b;
  b.inner = axes[0].dim;
  b.x_moves = axes[0].x_moves;
  b.y_moves = axes[0].y_moves;
  b.outer_rank = static_cast<int>(axes.size()) - 1;
  if (b.outer_rank > Broadcast::kMaxOuterRank) {
    return absl::UnimplementedError(
        absl::StrCat("broadcasting ", x.ToString(), " and ", y.ToString(),
                     " changes between them along more than ",
                     Broadcast::kMaxOuterRank, " axes"));
  }
  b.num_elements = b.inner;
  int64_t x_stride = b.x_moves ? b.inner : 1,
          y_stride = b.y_moves ? b.inner : 1;
  for (size_t i = 1; i < axes.size(); ++i) {
    const int at = b.outer_rank - static_cast<int>(i);
    b.dims[at] = axes[i].dim;
    b.x_strides[at] = axes[i].x_moves ? x_stride : 0;
    b.y_strides[at] = axes[i].y_moves ? y_stride : 0;
    if (axes[i].x_moves) x_stride *= axes[i].dim;
    if (axes[i].y_moves) y_stride *= axes[i].dim;
    b.num_elements *= axes[i].dim;
  }
  return b;
}

}  // namespace trellis
