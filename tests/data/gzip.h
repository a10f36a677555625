// Makes gzip files for tests.
#ifndef TRELLIS_TESTS_DATA_GZIP_H_
#define TRELLIS_TESTS_DATA_GZIP_H_

#include <cstdint>
#include <vector>

#include "absl/types/span.h"

namespace trellis {

// `bytes` as one member of a gzip file.
std::vector<uint8_t> Gzip(absl::Span<const uint8_t> bytes);

}  // namespace trellis

#endif  // TRELLIS_TESTS_DATA_GZIP_H_
