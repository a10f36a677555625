// IDX files, the format of the MNIST digits: an array of bytes and its shape.
//
//   0, 0       two zero bytes
//   type       one byte, 8: elements are unsigned bytes
//   rank       one byte
//   shape      rank numbers of four bytes, the most significant first
//   elements   row-major, up to the end of the file
//
// A file may be compressed with gzip; its first bytes tell.
// Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten
// digits", the section on the file formats.
#ifndef TRELLIS_DATA_IDX_H_
#define TRELLIS_DATA_IDX_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace trellis {

// bytes.size() is the product of the shape, and no element of it is negative.
struct IdxArray {
  std::vector<int64_t> shape;
  std::vector<uint8_t> bytes;
};

struct IdxLimits {
  int64_t max_elements = int64_t{1} << 30;
  int64_t max_rank = 8;
};

// The array in the contents of a file. Memory stays within a small multiple of
// what the contents hold, whatever their header says.
// Errors: InvalidArgument if this is not an IDX file; Unimplemented for
// elements that are not unsigned bytes; ResourceExhausted beyond `limits`;
// DataLoss if the contents are cut short, go on after the last element, or fail
// gzip's checks.
absl::StatusOr<IdxArray> ParseIdx(absl::Span<const uint8_t> contents,
                                  const IdxLimits& limits = {});

// The array in the file `path`. Errors: those of ParseIdx and of the system
// (NotFound if there is no such file), preceded by the path.
absl::StatusOr<IdxArray> ReadIdx(absl::string_view path,
                                 const IdxLimits& limits = {});

}  // namespace trellis

#endif  // TRELLIS_DATA_IDX_H_
