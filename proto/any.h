// google.protobuf.Any names the type of what it holds. In files these are
// TensorFlow's names, `type.googleapis.com/tensorflow.AssetFileDef`: so they
// are written, and they are read as well as our own.
#ifndef TRELLIS_PROTO_ANY_H_
#define TRELLIS_PROTO_ANY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace google::protobuf {
class Any;
class Message;
}  // namespace google::protobuf

namespace trellis {

// "trellis.proto.X" for "tensorflow.X"; any other name unchanged.
std::string OurTypeName(absl::string_view type_name);

// Puts `message`, one of package trellis.proto, into `any`.
void PackAny(const google::protobuf::Message& message,
             google::protobuf::Any& any);

// Replaces `message` by what `any` holds. Errors: InvalidArgument if that is of
// another type or cannot be parsed.
absl::Status UnpackAny(const google::protobuf::Any& any,
                       google::protobuf::Message& message);

}  // namespace trellis

#endif  // TRELLIS_PROTO_ANY_H_
