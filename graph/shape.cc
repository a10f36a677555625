#include "trellis/graph/shape.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"

namespace trellis {

Shape Shape::OfRank(int rank) {
  Shape shape = Scalar();
  shape.dims_.assign(rank, kUnknownDim);
  return shape;
}

absl::StatusOr<Shape> Shape::Make(absl::Span<const int64_t> dims) {
  Shape shape(dims);
  TRELLIS_RETURN_IF_ERROR(shape.Validate());
  return shape;
}

absl::Status Shape::Validate() const {
  if (dims_.size() > kMaxRank) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a shape has ", dims_.size(), " dimensions, at most ", kMaxRank));
  }
  int64_t elements = 1;
  for (int64_t d : dims_) {
    if (d < kUnknownDim) {
      return absl::InvalidArgumentError(absl::StrCat(
          "shape [", absl::StrJoin(dims_, ","), "] has a negative dimension"));
    }
    if (d > 0 && (__builtin_mul_overflow(elements, d, &elements) ||
                  elements > kMaxTensorElements)) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", ToString(),
                       " has more elements than memory can hold (2^47)"));
    }
  }
  return absl::OkStatus();
}

bool Shape::fully_defined() const {
  return known_rank_ && std::all_of(dims_.begin(), dims_.end(),
                                    [](int64_t d) { return d >= 0; });
}

int64_t Shape::num_elements() const {
  if (!fully_defined()) return -1;
  int64_t elements = 1;
  for (int64_t d : dims_) elements *= d;
  return elements;
}

bool Shape::CompatibleWith(const Shape& other) const {
  if (!known_rank_ || !other.known_rank_) return true;
  if (rank() != other.rank()) return false;
  for (int i = 0; i < rank(); ++i) {
    if (dim(i) >= 0 && other.dim(i) >= 0 && dim(i) != other.dim(i)) {
      return false;
    }
  }
  return true;
}

std::string Shape::ToString() const {
  if (!known_rank_) return "?";
  return absl::StrCat("[",
                      absl::StrJoin(dims_, ",",
                                    [](std::string* out, int64_t d) {
                                      if (d < 0) {
                                        out->append("?");
                                      } else {
                                        absl::StrAppend(out, d);
                                      }
                                    }),
                      "]");
}

absl::StatusOr<Shape> Shape::Parse(absl::string_view text) {
  const absl::Status error = absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is no shape; write \"[2,?]\" or \"?\""));
  if (text == "?") return Unknown();
  if (!absl::ConsumePrefix(&text, "[") || !absl::ConsumeSuffix(&text, "]")) {
    return error;
  }
  std::vector<int64_t> dims;
  if (!text.empty()) {
    for (absl::string_view part : absl::StrSplit(text, ',')) {
      int64_t d = kUnknownDim;
      if (part != "?" && (!absl::SimpleAtoi(part, &d) || d < 0)) return error;
      dims.push_back(d);
    }
  }
  return Make(dims);
}

absl::StatusOr<Shape> MergeShapes(const Shape& a, const Shape& b) {
  if (!a.known_rank()) return b;
  if (!b.known_rank()) return a;
  if (!a.CompatibleWith(b)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "shapes ", a.ToString(), " and ", b.ToString(), " must be equal"));
  }
  Shape merged = a;
  for (int i = 0; i < a.rank(); ++i) {
    if (a.dim(i) < 0) merged.set_dim(i, b.dim(i));
  }
  TRELLIS_RETURN_IF_ERROR(merged.Validate());
  return merged;
}

absl::StatusOr<Shape> BroadcastShapes(const Shape& a, const Shape& b) {
  if (!a.known_rank() || !b.known_rank()) return Shape::Unknown();
  const int rank = std::max(a.rank(), b.rank());
  Shape out = Shape::OfRank(rank);
  for (int i = 0; i < rank; ++i) {
    // Counted from the right; a missing dimension is 1.
    const int ai = i - (rank - a.rank()), bi = i - (rank - b.rank());
    const int64_t x = ai < 0 ? 1 : a.dim(ai), y = bi < 0 ? 1 : b.dim(bi);
    int64_t d = kUnknownDim;
    if (x == 1) {
      d = y;
    } else if (y == 1 || x == y) {
      d = x;
    } else if (x < 0 || y < 0) {
      // An unknown dimension beside one above 1 must be that, or 1.
      d = std::max(x, y) > 1 ? std::max(x, y) : kUnknownDim;
    } else {
      return absl::InvalidArgumentError(absl::StrCat(
          "shapes ", a.ToString(), " and ", b.ToString(),
          " do not broadcast: dimension ", i, " is ", x, " and ", y));
    }
    out.set_dim(i, d);
  }
  return out;
}

}  // namespace trellis
