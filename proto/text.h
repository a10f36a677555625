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

// Replaces `message` by what `text` says. An Any may be spelled out, under
// TensorFlow's name of its type or ours. Errors: InvalidArgument with line,
// column and reason, "line 2, column 6: ...", if it is not text of this
// message, has a field that we do not know (where text differs from binary), is
// nested deeper than 100 or is larger than 2 GiB.
absl::Status ParseText(absl::string_view text,
                       google::protobuf::Message& message);

// `message` as TensorFlow's readers take it, map entries in the order of their
// keys, so that equal messages are equal texts. An Any is its type and bytes,
// as a reader may not have the type. Unknown fields, which those readers
// refuse, are left out: what must survive is kept in binary.
std::string PrintText(const google::protobuf::Message& message);

}  // namespace trellis

#endif  // TRELLIS_PROTO_TEXT_H_
