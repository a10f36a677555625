// How the ten digits are written: the pen's path for several hands each.
#ifndef TRELLIS_DATA_DIGIT_STROKES_H_
#define TRELLIS_DATA_DIGIT_STROKES_H_

#include <cstdint>

#include "absl/types/span.h"

namespace trellis {

// A place on the sheet: x grows to the right, y downwards; a digit fills about
// 20..80 by 5..95.
struct PenPoint {
  int8_t x;
  int8_t y;

  bool operator==(const PenPoint&) const = default;
};

// One movement of the pen: a smooth curve through the points in order. A point
// given twice is a corner, where the curve may break.
using PenStroke = absl::Span<const PenPoint>;

// No stroke has more points.
inline constexpr int kMaxPenPoints = 12;

// One way to write a digit.
struct PenStyle {
  PenStroke first;
  PenStroke second;  // empty if one stroke does it
};

// The ways to write `digit`, at least three, in constant memory.
// REQUIRES: 0 <= digit <= 9.
absl::Span<const PenStyle> PenStyles(int digit);

}  // namespace trellis

#endif  // TRELLIS_DATA_DIGIT_STROKES_H_
