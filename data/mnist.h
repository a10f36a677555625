// The MNIST digits, or a set made like them, from the IDX files they come in.
#ifndef TRELLIS_DATA_MNIST_H_
#define TRELLIS_DATA_MNIST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/data/labeled_images.h"

namespace trellis {

// Reads from the directory `dir` the files
//
//   train-images-idx3-ubyte  t10k-images-idx3-ubyte   [count, 28, 28]
//   train-labels-idx1-ubyte  t10k-labels-idx1-ubyte   [count], 0 to 9
//
// each as it is or, if it is not there, with `.gz` at the end of its name.
// Errors, preceded by the file's path: NotFound if there is neither; those of
// ReadIdx; InvalidArgument for another shape or label, for no images, or if
// there are not as many labels as images.
absl::StatusOr<TrainAndTest> LoadMnist(absl::string_view dir);

}  // namespace trellis

#endif  // TRELLIS_DATA_MNIST_H_
