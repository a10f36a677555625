#include "trellis/tests/data/gzip.h"

#include "trellis/base/check.h"
#include "zlib.h"

namespace trellis {

std::vector<uint8_t> Gzip(absl::Span<const uint8_t> bytes) {
  z_stream stream = {};
  TRELLIS_CHECK(deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED,
                             MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::vector<uint8_t> gzip(deflateBound(&stream, bytes.size()));
  stream.next_in = const_cast<uint8_t*>(bytes.data());
  stream.avail_in = bytes.size();
  stream.next_out = gzip.data();
  stream.avail_out = gzip.size();
  TRELLIS_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  gzip.resize(stream.total_out);
  TRELLIS_CHECK(deflateEnd(&stream) == Z_OK);
  return gzip;
}

}  // namespace trellis
