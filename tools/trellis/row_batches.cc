#include "trellis/tools/trellis/row_batches.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/data/split_mix.h"

namespace trellis {
namespace {

// The rows of `array` with these numbers, in this order.
Tensor TakeRows(const Tensor& array, absl::Span<const int64_t> rows) {
  Shape shape = array.shape();
  const int64_t row_elements =
      shape.dim(0) == 0 ? 0 : array.num_elements() / shape.dim(0);
  shape.set_dim(0, static_cast<int64_t>(rows.size()));
  Tensor taken(array.dtype(), shape);
  for (size_t r = 0; r < rows.size(); ++r) {
    const int64_t from = rows[r] * row_elements;
    const auto to = static_cast<int64_t>(r) * row_elements;
    if (array.dtype() == kString) {
      const auto source = array.flat<std::string>().subspan(from, row_elements);
      std::copy(source.begin(), source.end(),
                taken.flat<std::string>().begin() + to);
    } else if (row_elements > 0) {
      const auto size = static_cast<int64_t>(DTypeSize(array.dtype()));
      std::memcpy(static_cast<char*>(taken.data()) + to * size,
                  static_cast<const char*>(array.data()) + from * size,
                  row_elements * size);
    }
  }
  return taken;
}

}  // namespace

absl::StatusOr<RowBatches> RowBatches::Make(std::vector<Tensor> arrays,
                                            int64_t batch,
                                            std::optional<int64_t> seed) {
  int64_t rows = -1;
  for (const Tensor& array : arrays) {
    if (array.shape().rank() == 0) continue;
    const int64_t n = array.shape().dim(0);
    if (rows >= 0 && n != rows) {
      return absl::InvalidArgumentError(
          absl::StrCat("fed arrays have ", rows, " and ", n,
                       " rows; --batch needs equally "
                       "many"));
    }
    rows = n;
  }
  if (rows <= 0) {
    return absl::InvalidArgumentError(
        "--batch needs a fed array with rows to cut");
  }
  if (batch > rows) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--batch is ", batch, ", the fed arrays have ", rows, " rows"));
  }
  return RowBatches(std::move(arrays), rows, batch, seed);
}

RowBatches::RowBatches(std::vector<Tensor> arrays, int64_t rows, int64_t batch,
                       std::optional<int64_t> seed)
    : arrays_(std::move(arrays)), rows_(rows), batch_(batch), seed_(seed) {
  BeginEpoch();
}

void RowBatches::BeginEpoch() {
  order_.resize(rows_);
  std::iota(order_.begin(), order_.end(), int64_t{0});
  offset_ = 0;
  if (!seed_.has_value()) return;
  SplitMix64 random(static_cast<uint64_t>(*seed_),
                    static_cast<uint64_t>(epoch_));
  for (int64_t i = rows_ - 1; i > 0; --i) {
    std::swap(order_[i], order_[random.Below(i + 1)]);
  }
}

std::vector<Tensor> RowBatches::NextOfEpoch() {
  return Take(std::min(batch_, rows_ - offset_));
}

std::vector<Tensor> RowBatches::Take(int64_t count) {
  std::vector<int64_t> wanted;
  wanted.reserve(count);
  while (static_cast<int64_t>(wanted.size()) < count) {
    wanted.push_back(order_[offset_++]);
    if (offset_ == rows_) {
      ++epoch_;
      BeginEpoch();
    }
  }
  std::vector<Tensor> batch;
  for (const Tensor& array : arrays_) {
    batch.push_back(array.shape().rank() == 0 ? array
                                              : TakeRows(array, wanted));
  }
  return batch;
}

}  // namespace trellis
