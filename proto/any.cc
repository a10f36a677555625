#include "trellis/proto/any.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/message.h"

namespace trellis {
namespace {

constexpr char kOurPackage[] = "trellis.proto.";
constexpr char kTensorFlowsPackage[] = "tensorflow.";

}  // namespace

std::string OurTypeName(absl::string_view type_name) {
  if (absl::ConsumePrefix(&type_name, kTensorFlowsPackage)) {
    return absl::StrCat(kOurPackage, type_name);
  }
  return std::string(type_name);
}

void PackAny(const google::protobuf::Message& message,
             google::protobuf::Any& any) {
  const absl::string_view name = message.GetDescriptor()->full_name();
  any.set_type_url(absl::StrCat("type.googleapis.com/", kTensorFlowsPackage,
                                absl::StripPrefix(name, kOurPackage)));
  message.SerializeToString(any.mutable_value());
}

absl::Status UnpackAny(const google::protobuf::Any& any,
                       google::protobuf::Message& message) {
  const std::string& url = any.type_url();
  const std::string& wanted = message.GetDescriptor()->full_name();
  // What stands before the last slash is a place, of no meaning to us.
  if (OurTypeName(url.substr(url.rfind('/') + 1)) != wanted) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Any holds \"", url, "\", expected ", wanted));
  }
  if (!message.ParseFromString(any.value())) {
    return absl::InvalidArgumentError(
        absl::StrCat("an Any of type \"", url, "\" cannot be parsed"));
  }
  return absl::OkStatus();
}

}  // namespace trellis
