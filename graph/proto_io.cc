#include "trellis/graph/proto_io.h"

#include <algorithm>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/unknown_field_set.h"
#include "trellis/base/status_macros.h"
#include "trellis/proto/text.h"

namespace trellis {
namespace {

using ::google::protobuf::Message;
using ::google::protobuf::io::ArrayOutputStream;
using ::google::protobuf::io::CodedInputStream;
using ::google::protobuf::io::CodedOutputStream;

constexpr int kMaxDepth = 100;

}  // namespace

bool LooksLikeText(absl::string_view bytes) {
  return std::none_of(bytes.begin(), bytes.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return (u < 0x20 && (u < '\t' || u > '\r')) || u == 0x7f;
  });
}

absl::Status ParseMessage(absl::string_view bytes, absl::string_view what,
                          Message* message) {
  if (absl::StripAsciiWhitespace(bytes).empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": there are no bytes but blanks"));
  }
  if (!LooksLikeText(bytes)) return ParseBinaryMessage(bytes, what, message);
  if (bytes.size() > std::numeric_limits<int>::max()) {
    return TooLargeMessage(bytes, what);
  }
  const absl::Status parsed = ParseText(bytes, *message);
  if (parsed.ok()) return parsed;
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": the text does not parse: ", parsed.message()));
}

absl::Status ParseBinaryMessage(absl::string_view bytes, absl::string_view what,
                                Message* message) {
  if (bytes.size() > std::numeric_limits<int>::max()) {
    return TooLargeMessage(bytes, what);
  }
  // Without a stream, which would take longer than a small message itself.
  // Nested as deep as a stream allows by default, kMaxDepth.
  if (message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return absl::OkStatus();
  }
  // Once more, to see how far it goes.
  CodedInputStream stream(reinterpret_cast<const uint8_t*>(bytes.data()),
                          static_cast<int>(bytes.size()));
  stream.SetRecursionLimit(kMaxDepth);
  (void)message->ParseFromCodedStream(&stream);
  return DamagedMessage(bytes, what, stream.CurrentPosition());
}

absl::Status TooLargeMessage(absl::string_view bytes, absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": ", bytes.size(),
                   " bytes are more than a message can have (2 GiB)"));
}

absl::Status DamagedMessage(absl::string_view bytes, absl::string_view what,
                            size_t whole) {
  return absl::InvalidArgumentError(absl::StrCat(
      what, ": the ", bytes.size(),
      " bytes are neither text nor a whole binary message; cut off or damaged "
      "after byte ",
      whole));
}

absl::StatusOr<std::string> SerializeMessage(const Message& message) {
  std::string bytes;
  TRELLIS_RETURN_IF_ERROR(AppendMessage(message, &bytes));
  return bytes;
}

absl::Status AppendMessage(const Message& message, std::string* bytes) {
  const size_t begin = bytes->size();
  const size_t end = begin + message.ByteSizeLong();
  if (end > std::numeric_limits<int>::max()) {
    return absl::ResourceExhaustedError(absl::StrCat(
        message.GetTypeName(), " of ", begin > 0 ? "at least " : "", end,
        " bytes is larger than a message can be (2 GiB); keep weights in a "
        "checkpoint"));
  }
  bytes->resize(end);
  ArrayOutputStream stream(bytes->data() + begin,
                           static_cast<int>(end - begin));
  CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  message.SerializeWithCachedSizes(&coded);
  return absl::OkStatus();
}

bool HasUnknownFields(const Message& message) {
  return !message.GetReflection()->GetUnknownFields(message).empty();
}

}  // namespace trellis
