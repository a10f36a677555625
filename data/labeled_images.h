// Grey images with a class each: what the digit sets of this room are.
#ifndef TRELLIS_DATA_LABELED_IMAGES_H_
#define TRELLIS_DATA_LABELED_IMAGES_H_

#include <cstdint>
#include <vector>

namespace trellis {

// A plain value; any number of threads may read one.
//
//   pixels  [count, height * width], row-major, 0 (paper) to 1 (ink), each a
//           multiple of 1/255
//   labels  [count], the class of each image
struct LabeledImages {
  int64_t count = 0;
  int64_t height = 28;
  int64_t width = 28;
  std::vector<float> pixels;
  std::vector<int64_t> labels;

  int64_t image_size() const { return height * width; }
};

// A set to learn from and a set, disjoint from it, to be judged by.
struct TrainAndTest {
  LabeledImages train;
  LabeledImages test;
};

// The value in `LabeledImages::pixels` of a grey level in a file.
inline float PixelFromByte(uint8_t level) {
  return static_cast<float>(level) / 255.0f;
}

}  // namespace trellis

#endif  // TRELLIS_DATA_LABELED_IMAGES_H_
