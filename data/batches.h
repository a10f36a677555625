// Examples in random order, epoch after epoch, to be resumed at any point.
#ifndef TRELLIS_DATA_BATCHES_H_
#define TRELLIS_DATA_BATCHES_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "trellis/data/labeled_images.h"

namespace trellis {

// Where a reader stands: all that is needed to go on from there.
struct BatchesState {
  uint64_t seed = 0;
  int64_t count = 0;   // examples in the set
  int64_t epoch = 0;   // times that the set was read to its end
  int64_t offset = 0;  // examples read in this epoch, 0 .. count - 1

  bool operator==(const BatchesState&) const = default;
};

// Reads a set without end. In each epoch every example comes once, in an order
// that depends on (seed, epoch, count) only and is the same on every machine.
// Batches do not care where epochs end: one that the epoch has too few examples
// for goes on with the first of the next, so that all have the size asked for
// and nothing is left out.
//
// One thread at a time. Borrows the set, which must not change meanwhile.
class Batches {
 public:
  // REQUIRES: images.count > 0.
  Batches(const LabeledImages& images, uint64_t seed);

  // Copies the next n = labels.size() examples, which may be more than an
  // epoch.
  //
  //   pixels  [n, height * width]
  //   labels  [n]
  //
  // REQUIRES: pixels.size() == n * images.image_size().
  void Next(absl::Span<float> pixels, absl::Span<int64_t> labels);

  const BatchesState& state() const { return state_; }

  // Goes where `state` was taken; the batches from here on are those that
  // followed there. Errors, with nothing changed: InvalidArgument if the state
  // is of a set with another count, or no state of a reader.
  absl::Status Restore(const BatchesState& state);

 private:
  void Shuffle();

  const LabeledImages& images_;
  BatchesState state_;
  std::vector<int64_t> order_;  // this epoch's
};

}  // namespace trellis

#endif  // TRELLIS_DATA_BATCHES_H_
