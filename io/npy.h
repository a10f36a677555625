// NumPy's files of one array, .npy, of format versions 1 to 3:
//
//   0   "\x93NUMPY"
//   6   major and minor version, a byte each
//   8   length of the header: 2 bytes, from version 2 on 4; little-endian
//   ..  header: a Python dictionary of 'descr' (element type), 'fortran_order'
//       and 'shape', filled up with spaces, and a line break
//   ..  elements, in row-major order or, with fortran_order, column-major
//
//   'b' 'i' 'u' 'f' 'c'   bool, int, uint, float (half to double), complex
//   'S'                   strings of at most that many bytes, filled up with
//                         zero bytes
//   'U'                   text in UTF-32, which is read as UTF-8
//
// Either byte order is read, little-endian is written.
#ifndef TRELLIS_IO_NPY_H_
#define TRELLIS_IO_NPY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/tensor.h"

namespace trellis {

// The array of a whole .npy file; the elements are copied. InvalidArgument if
// it is none, or holds what no tensor can (Python objects, records, dates);
// DataLoss if it is longer or shorter than its header says. Memory is taken
// only for elements that are there.
absl::StatusOr<Tensor> ParseNpy(absl::string_view bytes);

// The file of a tensor; strings become 'S' of the longest. InvalidArgument for
// types that NumPy lacks, and for a string that ends with a zero byte, which
// would get lost.
absl::StatusOr<std::string> SerializeNpy(const Tensor& tensor);

}  // namespace trellis

#endif  // TRELLIS_IO_NPY_H_
