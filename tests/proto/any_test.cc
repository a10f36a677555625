#include "trellis/proto/any.h"

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/any.pb.h"
#include "gtest/gtest.h"
#include "trellis/proto/meta_graph.pb.h"

namespace trellis {
namespace {

proto::AssetFileDef Asset() {
  proto::AssetFileDef asset;
  asset.set_filename("vocab.txt");
  return asset;
}

TEST(AnyTest, WritesTensorFlowsTypeNames) {
  google::protobuf::Any any;
  PackAny(Asset(), any);
  EXPECT_EQ(any.type_url(), "type.googleapis.com/tensorflow.AssetFileDef");
  EXPECT_EQ(any.value(), Asset().SerializeAsString());
}

TEST(AnyTest, ReadsTensorFlowsTypeNamesAndOurs) {
  for (const char* url : {"type.googleapis.com/tensorflow.AssetFileDef",
                          "type.googleapis.com/trellis.proto.AssetFileDef",
                          "example.com/types/tensorflow.AssetFileDef",
                          "tensorflow.AssetFileDef"}) {
    google::protobuf::Any any;
    any.set_type_url(url);
    any.set_value(Asset().SerializeAsString());
    proto::AssetFileDef asset;
    asset.mutable_tensor_info()->set_name("of an earlier value");
    const absl::Status status = UnpackAny(any, asset);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(asset.SerializeAsString(), any.value());
  }
}

TEST(AnyTest, OtherTypesAndBadBytesAreErrors) {
  google::protobuf::Any any;
  PackAny(Asset(), any);
  proto::SignatureDef signature;
  EXPECT_EQ(UnpackAny(any, signature),
            absl::InvalidArgumentError(
                "an Any holds \"type.googleapis.com/tensorflow.AssetFileDef\", "
                "expected trellis.proto.SignatureDef"));
  any.set_value("\x0a\x7f");  // a field longer than what is left
  proto::AssetFileDef asset;
  EXPECT_EQ(UnpackAny(any, asset).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(UnpackAny(google::protobuf::Any(), asset).code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trellis
