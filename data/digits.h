// Handwritten digits drawn by the program: a learning task that needs no files.
//
// An image is one of the ways to write its digit (data/digit_strokes.h), whose
// points are shaken, bent, scaled, sheared, turned and shifted at random, drawn
// with a pen of random width and darkness on paper with noise. Image i of a
// seed is a function of (seed, i) alone, in arithmetic that rounds the same way
// on every machine: the bits do not depend on threads, processors or how many
// images are made.
#ifndef TRELLIS_DATA_DIGITS_H_
#define TRELLIS_DATA_DIGITS_H_

#include <cstdint>

#include "absl/types/span.h"
#include "trellis/data/labeled_images.h"

namespace trellis {

inline constexpr int64_t kDigitSide = 28;  // pixels
inline constexpr int64_t kDigitPixels = kDigitSide * kDigitSide;

// Draws image `index` of the set `seed` and returns its digit, 0 to 9. Each ten
// images from a multiple of ten on show the ten digits, in random order.
//
//   pixels  [28, 28], row-major, as in LabeledImages; all are written
//
// REQUIRES: index >= 0, pixels.size() == kDigitPixels.
int64_t RenderDigit(uint64_t seed, int64_t index, absl::Span<float> pixels);

// Images 0 .. count - 1 of the set `seed`. REQUIRES: count >= 0.
LabeledImages RenderDigits(uint64_t seed, int64_t count);

// The task that the demo learns: 30,000 images to train on and 10,000, of
// another seed, to test. Made in 0.7 s on one core.
//
// The distortions are tuned so that a linear model cannot do it and a small
// network can. Share of the test images that were classified right, by models
// written in NumPy (batches of 100, Adam at 0.001) and scikit-learn:
//   nearest class mean                                        66 %
//   softmax regression, 12 epochs, the best of them           87.3 %
//   softmax regression, L-BFGS, the best of 3 L2 penalties    86.9 %
//   784-256-128-10 with batch norm, 6 epochs, 2 seeds:
//     dropout 0.5                                             97.9, 98.0 %
//     dropout 0.2                                             98.7, 98.7 %
//     the same, rate falling from 0.002 to 0.0001             99.0, 99.2 %
TrainAndTest RenderDigitTask();

}  // namespace trellis

#endif  // TRELLIS_DATA_DIGITS_H_
