// Messages as text: .pbtxt files, the `checkpoint` file, what people read.
#ifndef TRELLIS_PROTO_TEXT_H_
#define TRELLIS_PROTO_TEXT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace trellis {

// Replaces `message` by what `text` says. Errors: InvalidArgument with line,
// column and reason if it is not text of this message, has a field that we do
// not know (where text differs from binary), is nested deeper than 100 or is
// larger than 2 GiB.
absl::Status ParseText(absl::string_view text,
                       google::protobuf::Message& message);

// `message` as text, map entries in the order of their keys, so that equal
// messages are equal texts. Unknown fields are printed by number, which
// ParseText does not read: what must survive is kept in binary.
std::string PrintText(const google::protobuf::Message& message);

}  // namespace trellis

#endif  // TRELLIS_PROTO_TEXT_H_
