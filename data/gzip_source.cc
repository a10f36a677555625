#include "trellis/data/gzip_source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "zlib.h"

namespace trellis {
namespace {

constexpr int kGzipOnly = 16;       // added to the window bits: zlib's manual
constexpr size_t kMost = 1u << 30;  // zlib counts in unsigned int

bool IsGzip(absl::Span<const uint8_t> bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1f && bytes[1] == 0x8b;
}

}  // namespace

GzipSource::GzipSource(absl::Span<const uint8_t> bytes) : rest_(bytes) {
  if (!IsGzip(bytes)) return;
  stream_ = std::make_unique<z_stream>();
  TRELLIS_CHECK(inflateInit2(stream_.get(), MAX_WBITS + kGzipOnly) == Z_OK);
  in_member_ = true;
}

GzipSource::~GzipSource() {
  if (stream_ != nullptr) inflateEnd(stream_.get());
}

absl::StatusOr<size_t> GzipSource::Read(absl::Span<uint8_t> to) {
  if (stream_ != nullptr) return Inflate(to);
  const size_t count = std::min(to.size(), rest_.size());
  std::copy_n(rest_.begin(), count, to.begin());
  rest_.remove_prefix(count);
  return count;
}

absl::StatusOr<size_t> GzipSource::Inflate(absl::Span<uint8_t> to) {
  size_t filled = 0;
  while (filled < to.size()) {
    if (!in_member_) {
      if (rest_.empty()) break;
      TRELLIS_RETURN_IF_ERROR(BeginMember());
    }
    const size_t in = std::min(rest_.size(), kMost);
    const size_t out = std::min(to.size() - filled, kMost);
    // zlib does not write to its input; its interface only forgets to say so.
    stream_->next_in = const_cast<uint8_t*>(rest_.data());
    stream_->avail_in = static_cast<unsigned>(in);
    stream_->next_out = to.data() + filled;
    stream_->avail_out = static_cast<unsigned>(out);
    const int result = inflate(stream_.get(), Z_NO_FLUSH);
    rest_.remove_prefix(in - stream_->avail_in);
    filled += out - stream_->avail_out;
    if (result == Z_STREAM_END) {
      in_member_ = false;
    } else if (result == Z_BUF_ERROR ||
               (result == Z_OK && rest_.empty() && stream_->avail_out > 0)) {
      return absl::DataLossError("the gzip stream is cut short");
    } else if (result != Z_OK) {
      return absl::DataLossError(absl::StrCat(
          "the gzip stream is damaged: ",
          stream_->msg == nullptr ? zError(result) : stream_->msg));
    }
  }
  return filled;
}

absl::Status GzipSource::BeginMember() {
  if (!IsGzip(rest_)) {
    return absl::DataLossError(
        absl::StrCat(rest_.size(), " bytes follow the gzip stream"));
  }
  TRELLIS_CHECK(inflateReset(stream_.get()) == Z_OK);
  in_member_ = true;
  return absl::OkStatus();
}

}  // namespace trellis
