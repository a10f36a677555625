#include "trellis/tools/trellis/steps.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

absl::StatusOr<Tensor> Concatenate(const std::string& name,
                                   const std::vector<Tensor>& parts) {
  std::vector<int64_t> dims(parts[0].shape().dims().begin(),
                            parts[0].shape().dims().end());
  dims[0] = 0;
  for (const Tensor& part : parts) {
    if (part.shape().rank() != static_cast<int>(dims.size()) ||
        !std::equal(dims.begin() + 1, dims.end(),
                    part.shape().dims().begin() + 1)) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, " is ", parts[0].shape().ToString(), " in one step, ",
          part.shape().ToString(), " in another"));
    }
    dims[0] += part.shape().dim(0);
  }
  TRELLIS_ASSIGN_OR_RETURN(const Shape shape, Shape::Make(dims));
  TRELLIS_ASSIGN_OR_RETURN(Tensor whole,
                           Tensor::Allocate(parts[0].dtype(), shape));
  int64_t at = 0;
  for (const Tensor& part : parts) {
    if (part.dtype() == kString) {
      const auto from = part.flat<std::string>();
      std::copy(from.begin(), from.end(),
                whole.flat<std::string>().begin() + at);
    } else if (part.bytes() > 0) {
      std::memcpy(static_cast<char*>(whole.data()) +
                      at * static_cast<int64_t>(DTypeSize(part.dtype())),
                  part.data(), part.bytes());
    }
    at += part.num_elements();
  }
  return whole;
}

}  // namespace

absl::StatusOr<StepFeeds> StepFeeds::Make(const Flags& flags,
                                          std::vector<FedArray> feeds) {
  StepFeeds result;
  for (FedArray& feed : feeds) {
    result.tensors_.push_back(feed.tensor);
    result.values_.push_back(std::move(feed.value));
  }
  TRELLIS_ASSIGN_OR_RETURN(const auto steps, flags.Int("steps", 1));
  TRELLIS_ASSIGN_OR_RETURN(const auto batch, flags.Int("batch", 1));
  TRELLIS_ASSIGN_OR_RETURN(
      const auto seed,
      flags.Int("shuffle", std::numeric_limits<int64_t>::min()));
  result.steps_ = steps.value_or(1);
  if (!batch.has_value()) {
    if (!seed.has_value()) return result;
    return absl::InvalidArgumentError("--shuffle needs --batch N");
  }
  TRELLIS_ASSIGN_OR_RETURN(
      result.batches_,
      RowBatches::Make(std::exchange(result.values_, {}), *batch, seed));
  result.one_epoch_ = !steps.has_value();
  if (result.one_epoch_) result.steps_ = result.batches_->batches_per_epoch();
  return result;
}

const std::vector<Tensor>& StepFeeds::Next() {
  if (batches_.has_value()) {
    values_ = one_epoch_ ? batches_->NextOfEpoch() : batches_->Next();
  }
  return values_;
}

StepResults::StepResults(absl::Span<const NamedTensor> fetches, bool join)
    : kept_(fetches.size()) {
  for (const NamedTensor& fetch : fetches) {
    const Shape& shape = fetch.tensor.shape();
    names_.push_back(fetch.name);
    joined_.push_back(join && shape.rank() >= 1 && shape.dim(0) < 0);
  }
}

void StepResults::Add(absl::Span<Tensor> values) {
  for (size_t f = 0; f < values.size(); ++f) {
    if (!joined_[f]) kept_[f].clear();
    kept_[f].push_back(std::move(values[f]));
  }
}

absl::StatusOr<std::vector<Tensor>> StepResults::Join() const {
  std::vector<Tensor> joined;
  for (size_t f = 0; f < kept_.size(); ++f) {
    if (kept_[f].size() == 1) {
      joined.push_back(kept_[f][0]);
      continue;
    }
    TRELLIS_ASSIGN_OR_RETURN(joined.emplace_back(),
                             Concatenate(names_[f], kept_[f]));
  }
  return joined;
}

absl::StatusOr<std::optional<int64_t>> GlobalStep(const Session& session,
                                                  const MetaGraph& meta) {
  TRELLIS_ASSIGN_OR_RETURN(const auto records,
                           VariablesOf(meta, "global_step"));
  if (records.size() != 1) return std::nullopt;
  TRELLIS_ASSIGN_OR_RETURN(
      const std::vector<Tensor> value,
      session.Run(Feeds{}, Fetches{TensorRef(records[0].snapshot_name)}));
  const DType dtype = value[0].dtype();
  if ((dtype != kInt32 && dtype != kInt64) || value[0].num_elements() != 1) {
    return std::nullopt;
  }
  return IntegersOf(value[0])[0];
}

}  // namespace trellis
