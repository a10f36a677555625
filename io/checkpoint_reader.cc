#include "trellis/io/checkpoint_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Copies `n` elements that lie side by side.
void CopyRun(const Tensor& from, int64_t from_index, Tensor& to,
             int64_t to_index, int64_t n) {
  if (from.dtype() == kString) {
    const auto source = from.flat<std::string>().subspan(from_index, n);
    std::copy(source.begin(), source.end(),
              to.flat<std::string>().begin() + to_index);
    return;
  }
  const size_t size = DTypeSize(from.dtype());
  std::memcpy(static_cast<char*>(to.data()) + to_index * size,
              static_cast<const char*>(from.data()) + from_index * size,
              n * size);
}

// Copies the elements of `common` from one tensor to another, given the
// regions of the full tensor that the two hold.
// REQUIRES: `common` is not empty and lies in both regions.
void CopyRegion(const TensorRegion& common, const Tensor& from,
                const TensorRegion& from_region, Tensor& to,
                const TensorRegion& to_region) {
  const int rank = common.shape.rank();
  if (rank == 0) return CopyRun(from, 0, to, 0, 1);
  // Position of the current run inside `common`; its last element stays 0.
  absl::InlinedVector<int64_t, 4> at(rank, 0);
  const auto index_in = [&](const TensorRegion& region) {
    int64_t index = 0;
    for (int i = 0; i < rank; ++i) {
      index = index * region.shape.dim(i) + common.start[i] + at[i] -
              region.start[i];
    }
    return index;
  };
  for (;;) {
    CopyRun(from, index_in(from_region), to, index_in(to_region),
            common.shape.dim(rank - 1));
    int i = rank - 2;
    while (i >= 0 && ++at[i] == common.shape.dim(i)) at[i--] = 0;
    if (i < 0) return;
  }
}

}  // namespace

absl::StatusOr<Tensor> CheckpointReader::Read(absl::string_view name) const {
  const CheckpointTensor* tensor = Find(name);
  return ReadSlice(name, TensorSlice::Whole(tensor ? tensor->shape.rank() : 0));
}

absl::StatusOr<Tensor> CheckpointReader::ReadSlice(
    absl::string_view name, const TensorSlice& slice) const {
  const CheckpointTensor* tensor = Find(name);
  if (tensor == nullptr) {
    return absl::NotFoundError(
        absl::StrCat(prefix(), ": no tensor \"", name, "\" in the checkpoint"));
  }
  absl::StatusOr<Tensor> result = Assemble(name, *tensor, slice);
  if (result.ok()) return result;
  return absl::Status(result.status().code(),
                      absl::StrCat(prefix(), ": tensor \"", name,
                                   "\": ", result.status().message()));
}

absl::StatusOr<Tensor> CheckpointReader::Assemble(
    absl::string_view name, const CheckpointTensor& tensor,
    const TensorSlice& slice) const {
  TRELLIS_ASSIGN_OR_RETURN(const TensorRegion wanted,
                           RegionOf(slice, tensor.shape));
  std::vector<TensorRegion> parts;
  if (tensor.slices.empty()) {
    TRELLIS_ASSIGN_OR_RETURN(
        TensorRegion whole,
        RegionOf(TensorSlice::Whole(tensor.shape.rank()), tensor.shape));
    parts.push_back(std::move(whole));
  }
  for (const TensorSlice& stored : tensor.slices) {
    TRELLIS_ASSIGN_OR_RETURN(TensorRegion region,
                             RegionOf(stored, tensor.shape));
    parts.push_back(std::move(region));
  }
  // The parts are disjoint, so they cover what is wanted if their shares in it
  // add up.
  int64_t missing = wanted.shape.num_elements();
  TensorRegion common;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == wanted) return ReadPart(name, tensor, i);
    if (Intersect(parts[i], wanted, &common)) {
      missing -= common.shape.num_elements();
    }
  }
  if (missing != 0) {
    return absl::DataLossError(absl::StrCat("the stored slices lack ", missing,
                                            " of ", wanted.shape.num_elements(),
                                            " elements"));
  }
  TRELLIS_ASSIGN_OR_RETURN(Tensor result,
                           Tensor::Allocate(tensor.dtype, wanted.shape));
  for (size_t i = 0; i < parts.size(); ++i) {
    if (!Intersect(parts[i], wanted, &common)) continue;
    TRELLIS_ASSIGN_OR_RETURN(const Tensor part, ReadPart(name, tensor, i));
    CopyRegion(common, part, parts[i], result, wanted);
  }
  return result;
}

}  // namespace trellis
