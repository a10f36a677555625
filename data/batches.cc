#include "trellis/data/batches.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/data/split_mix.h"

namespace trellis {

Batches::Batches(const LabeledImages& images, uint64_t seed)
    : images_(images),
      state_{.seed = seed, .count = images.count},
      order_(images.count) {
  TRELLIS_CHECK(images.count > 0) << images.count;
  Shuffle();
}

void Batches::Next(absl::Span<float> pixels, absl::Span<int64_t> labels) {
  const int64_t size = images_.image_size();
  TRELLIS_CHECK(pixels.size() == labels.size() * size)
      << pixels.size() << " pixels, " << labels.size() << " labels";
  for (size_t i = 0; i < labels.size(); ++i) {
    const int64_t example = order_[state_.offset];
    labels[i] = images_.labels[example];
    std::copy_n(images_.pixels.begin() + example * size, size,
                pixels.begin() + i * size);
    if (++state_.offset == state_.count) {
      state_.offset = 0;
      ++state_.epoch;
      Shuffle();
    }
  }
}

absl::Status Batches::Restore(const BatchesState& state) {
  if (state.count != images_.count) {
    return absl::InvalidArgumentError(
        absl::StrCat("the saved position is in a set of ", state.count,
                     " examples, this one has ", images_.count));
  }
  if (state.epoch < 0 || state.offset < 0 || state.offset >= state.count) {
    return absl::InvalidArgumentError(absl::StrCat(
        "no position in a set of ", state.count, " examples: epoch ",
        state.epoch, ", offset ", state.offset));
  }
  state_ = state;
  Shuffle();
  return absl::OkStatus();
}

// Fisher and Yates, inside out: the order does not depend on the one before.
void Batches::Shuffle() {
  SplitMix64 random(state_.seed, state_.epoch);
  for (int64_t i = 0; i < state_.count; ++i) {
    const int64_t j = random.Below(i + 1);
    order_[i] = order_[j];
    order_[j] = i;
  }
}

}  // namespace trellis
