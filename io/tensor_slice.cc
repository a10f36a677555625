#include "trellis/io/tensor_slice.h"

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "trellis/base/checked_int.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// A plain decimal number; SimpleAtoi alone would take spaces and signs.
bool ParseNumber(absl::string_view text, int64_t* value) {
  return !text.empty() &&
         text.find_first_not_of("0123456789") == absl::string_view::npos &&
         absl::SimpleAtoi(text, value);
}

bool ParseExtent(absl::string_view text, TensorSlice::Extent* extent) {
  if (text == "-") {
    *extent = {};
    return true;
  }
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(',', 1));
  return ParseNumber(parts.first, &extent->start) &&
         ParseNumber(parts.second, &extent->length) && extent->length > 0 &&
         CheckedAdd(extent->start, extent->length).has_value();
}

// A byte count and then the number's bytes, most significant first.
void AppendOrderedNumber(uint64_t v, std::string* out) {
  std::string bytes;
  for (; v != 0; v >>= 8) bytes.push_back(static_cast<char>(v));
  out->push_back(static_cast<char>(bytes.size()));
  out->append(bytes.rbegin(), bytes.rend());
}

void AppendOrderedString(absl::string_view s, std::string* out) {
  for (const char c : s) {
    out->push_back(c);
    if (c == '\0') out->push_back('\xff');
    if (c == '\xff') out->push_back('\0');
  }
  out->append(absl::string_view("\0\1", 2).data(), 2);
}

// n bytes hold 7n bits, two's complement, big-endian; the leading bits are
// inverted to say n and to sort negative numbers first.
void AppendOrderedSigned(int64_t v, std::string* out) {
  const uint64_t magnitude = v < 0 ? ~static_cast<uint64_t>(v) : v;
  int n = 1;
  while (n < 10 && (7 * n - 1 < 64) && (magnitude >> (7 * n - 1)) != 0) ++n;
  std::string bytes(n, v < 0 ? '\xff' : '\0');
  for (int i = 0; i < std::min(n, 8); ++i) {
    bytes[n - 1 - i] = static_cast<char>(static_cast<uint64_t>(v) >> (8 * i));
  }
  for (int bit = 0; bit < n; ++bit) bytes[bit / 8] ^= 0x80 >> (bit % 8);
  out->append(bytes);
}

absl::Status OverlapError(const TensorRegion& a, const TensorRegion& b) {
  const auto text = [](const TensorRegion& region) {
    return absl::StrCat(region.shape.ToString(), " at [",
                        absl::StrJoin(region.start, ","), "]");
  };
  return absl::InvalidArgumentError(
      absl::StrCat("slices ", text(a), " and ", text(b), " overlap"));
}

}  // namespace

TensorSlice TensorSlice::Whole(int rank) {
  TensorSlice slice;
  slice.extents.resize(rank);
  return slice;
}

absl::StatusOr<TensorSlice> TensorSlice::Parse(absl::string_view text) {
  TensorSlice slice;
  if (text.empty()) return slice;
  for (absl::string_view item : absl::StrSplit(text, ':')) {
    Extent extent;
    if (!ParseExtent(item, &extent)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "slice \"", text, "\": \"", item,
          "\" is neither \"-\" nor \"start,length\" with length > 0"));
    }
    slice.extents.push_back(extent);
  }
  return slice;
}

std::string TensorSlice::ToString() const {
  return absl::StrJoin(extents, ":", [](std::string* out, const Extent& e) {
    if (e.length == kWhole) {
      out->push_back('-');
    } else {
      absl::StrAppend(out, e.start, ",", e.length);
    }
  });
}

absl::StatusOr<TensorRegion> RegionOf(const TensorSlice& slice,
                                      const Shape& shape) {
  if (slice.rank() != shape.rank()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "slice ", slice.ToString(), " has ", slice.rank(),
        " dimensions, shape ", shape.ToString(), " has ", shape.rank()));
  }
  TensorRegion region{.shape = Shape::Scalar()};
  for (int i = 0; i < shape.rank(); ++i) {
    TensorSlice::Extent extent = slice.extents[i];
    if (extent.length == TensorSlice::kWhole) extent = {0, shape.dim(i)};
    const bool inside = extent.start >= 0 && extent.length >= 0 &&
                        extent.start <= shape.dim(i) &&
                        extent.length <= shape.dim(i) - extent.start;
    if (!inside) {
      return absl::InvalidArgumentError(
          absl::StrCat("slice ", slice.ToString(), " reaches outside of shape ",
                       shape.ToString()));
    }
    region.start.push_back(extent.start);
    region.shape.push_back(extent.length);
  }
  return region;
}

bool Intersect(const TensorRegion& a, const TensorRegion& b,
               TensorRegion* common) {
  *common = {.shape = Shape::Scalar()};
  for (int i = 0; i < a.shape.rank(); ++i) {
    const int64_t start = std::max(a.start[i], b.start[i]);
    const int64_t end =
        std::min(a.start[i] + a.shape.dim(i), b.start[i] + b.shape.dim(i));
    if (start >= end) return false;
    common->start.push_back(start);
    common->shape.push_back(end - start);
  }
  return true;
}

absl::Status CheckDisjoint(absl::Span<const TensorRegion> regions) {
  if (regions.size() < 2) return absl::OkStatus();
  const bool scalar = regions[0].shape.rank() == 0;
  std::vector<size_t> order(regions.size());
  std::iota(order.begin(), order.end(), 0);
  if (!scalar) {
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      return regions[a].start[0] < regions[b].start[0];
    });
  }
  TensorRegion common;
  for (size_t i = 0; i < order.size(); ++i) {
    const TensorRegion& a = regions[order[i]];
    for (size_t j = i + 1; j < order.size(); ++j) {
      const TensorRegion& b = regions[order[j]];
      if (!scalar && b.start[0] >= a.start[0] + a.shape.dim(0)) break;
      if (Intersect(a, b, &common)) {
        return OverlapError(a, b);
      }
    }
  }
  return absl::OkStatus();
}

absl::Status CheckDisjointFrom(const TensorRegion& region,
                               absl::Span<const TensorRegion> others) {
  TensorRegion common;
  for (const TensorRegion& other : others) {
    if (Intersect(region, other, &common)) return OverlapError(region, other);
  }
  return absl::OkStatus();
}

absl::StatusOr<ShapeAndSlice> ParseShapeAndSlice(absl::string_view text) {
  std::vector<absl::string_view> words = absl::StrSplit(text, ' ');
  const auto in_text = [&](absl::string_view what) {
    return absl::InvalidArgumentError(
        absl::StrCat("shape and slice \"", text, "\": ", what));
  };
  if (words.size() < 2) return in_text("no space between shape and slice");
  const absl::string_view slice_text = words.back();
  words.pop_back();
  std::vector<int64_t> dims(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (!ParseNumber(words[i], &dims[i])) {
      return in_text(absl::StrCat("\"", words[i], "\" is no dimension"));
    }
  }
  ShapeAndSlice result;
  const auto shape = Shape::Make(dims);
  if (!shape.ok()) return in_text(shape.status().message());
  const auto slice = TensorSlice::Parse(slice_text);
  if (!slice.ok()) return in_text(slice.status().message());
  const auto region = RegionOf(*slice, *shape);
  if (!region.ok()) return in_text(region.status().message());
  return ShapeAndSlice{*shape, *slice, *region};
}

std::string SliceKey(absl::string_view name, const TensorSlice& slice) {
  std::string key;
  AppendOrderedNumber(0, &key);
  AppendOrderedString(name, &key);
  AppendOrderedNumber(slice.rank(), &key);
  for (const TensorSlice::Extent& extent : slice.extents) {
    AppendOrderedSigned(extent.start, &key);
    AppendOrderedSigned(extent.length, &key);
  }
  return key;
}

}  // namespace trellis
