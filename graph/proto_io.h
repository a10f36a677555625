// Messages from bytes in either format, and to bytes in the binary one; to text
// see proto/text.h. Internal to the converters of graph/ and io/.
#ifndef TRELLIS_GRAPH_PROTO_IO_H_
#define TRELLIS_GRAPH_PROTO_IO_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace trellis {

// Whether bytes are text rather than a binary message: they hold no control
// characters besides blanks. A binary message with a node or an attribute in it
// always has one, because tags and short lengths are control characters.
bool LooksLikeText(absl::string_view bytes);

// Fills `message` from its binary or text form, told apart by content.
// InvalidArgument, beginning with `what` ("GraphDef"), for bytes that are
// empty, damaged, nested more than 100 messages deep or longer than 2 GiB; for
// text with its line and column. Unknown fields are kept in binary form and an
// error in text.
absl::Status ParseMessage(absl::string_view bytes, absl::string_view what,
                          google::protobuf::Message* message);
// The same of the binary form alone, for which no bytes are an empty message.
absl::Status ParseBinaryMessage(absl::string_view bytes, absl::string_view what,
                                google::protobuf::Message* message);

// The errors of bytes that are larger than a message can be, and of those that
// make sense up to byte `whole` only.
absl::Status TooLargeMessage(absl::string_view bytes, absl::string_view what);
absl::Status DamagedMessage(absl::string_view bytes, absl::string_view what,
                            size_t whole);

// Equal messages give equal bytes. ResourceExhausted above 2 GiB.
absl::StatusOr<std::string> SerializeMessage(
    const google::protobuf::Message& message);
// The same, behind `bytes`, which are then at most 2 GiB in all. Unchanged on
// error.
absl::Status AppendMessage(const google::protobuf::Message& message,
                           std::string* bytes);

// Whether the message itself, not those inside it, has fields that its type
// does not declare.
bool HasUnknownFields(const google::protobuf::Message& message);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_PROTO_IO_H_
