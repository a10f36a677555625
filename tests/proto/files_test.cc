// Files that TensorFlow wrote, and what must survive a round trip.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/message.h"
#include "gtest/gtest.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/proto/meta_graph.pb.h"
#include "trellis/proto/saved_model.pb.h"
#include "trellis/proto/tensor_bundle.pb.h"
#include "trellis/proto/text.h"

namespace trellis {
namespace {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using ::google::protobuf::Reflection;
using ::testing::IsEmpty;

class FilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const char* folder = std::getenv("TRELLIS_TEST_DATA");
    if (!folder) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
    folder_ = absl::StrCat(folder, "/tf_files/");
  }

  std::string Read(const std::string& name) {
    std::ifstream file(folder_ + name, std::ios::binary);
    EXPECT_TRUE(file) << "cannot read " << folder_ << name;
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
  }

 private:
  std::string folder_;
};

// The same for equal messages: map entries are sorted.
std::string Bytes(const Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// The messages in `message`, itself included, that have unknown fields.
void FindUnknown(const Message& message, std::vector<std::string>& found) {
  const Reflection* reflection = message.GetReflection();
  if (!reflection->GetUnknownFields(message).empty()) {
    found.push_back(message.GetDescriptor()->full_name());
  }
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      FindUnknown(reflection->GetMessage(message, field), found);
      continue;
    }
    for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
      FindUnknown(reflection->GetRepeatedMessage(message, field, i), found);
    }
  }
}

// Parses `bytes`, checks that we know all of it and that it can be written and
// read again without a change.
template <typename T>
T ParseWhole(const std::string& bytes) {
  T message;
  EXPECT_TRUE(message.ParseFromString(bytes));
  EXPECT_GT(message.ByteSizeLong(), 0);
  std::vector<std::string> unknown;
  FindUnknown(message, unknown);
  EXPECT_THAT(unknown, IsEmpty());
  T again;
  EXPECT_TRUE(again.ParseFromString(Bytes(message)));
  EXPECT_EQ(Bytes(message), Bytes(again));
  // The order of map entries aside, all files are in canonical form.
  EXPECT_EQ(message.ByteSizeLong(), bytes.size());
  return message;
}

// Checks that `text` says the same as `message`, and that so does what we
// print.
template <typename T>
void ExpectSameAsText(const T& message, const std::string& text) {
  for (const std::string& version : {text, PrintText(message)}) {
    T parsed;
    const absl::Status status = ParseText(version, parsed);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(Bytes(parsed), Bytes(message));
  }
}

TEST_F(FilesTest, GraphsAreTheSameInBinaryAndText) {
  ExpectSameAsText(ParseWhole<proto::GraphDef>(Read("graphs/attrs.pb")),
                   Read("graphs/attrs.pbtxt"));
}

TEST_F(FilesTest, MetaGraphsAreTheSameInBinaryAndText) {
  ExpectSameAsText(ParseWhole<proto::MetaGraphDef>(Read("graphs/train.meta")),
                   Read("graphs/train.meta.pbtxt"));
}

TEST_F(FilesTest, SaversMetaGraphsHaveNoUnknownFields) {
  for (const char* name :
       {"saver_v2_ref/model.ckpt-12.meta", "v1_plain/model.ckpt-5.meta",
        "saver_v2_resource_sharded/model.ckpt-5.meta"}) {
    EXPECT_TRUE(ParseWhole<proto::MetaGraphDef>(Read(name)).has_saver_def());
  }
}

TEST_F(FilesTest, SavedModelsHaveNoUnknownFields) {
  const auto tf1 =
      ParseWhole<proto::SavedModel>(Read("saved_model_tf1/saved_model.pb"));
  EXPECT_EQ(tf1.meta_graphs_size(), 2);
  const auto tf2 =
      ParseWhole<proto::SavedModel>(Read("saved_model_tf2/saved_model.pb"));
  EXPECT_TRUE(tf2.meta_graphs(0).has_object_graph_def());
  proto::SavedModel text;
  const absl::Status status =
      ParseText(Read("saved_model_tf1_fields/saved_model.pbtxt"), text);
  EXPECT_TRUE(status.ok()) << status;
}

TEST(WireTest, BytesAreTensorFlows) {
  proto::AttrValue attr;
  attr.set_b(false);  // a member of a oneof is written though it is a default
  EXPECT_EQ(attr.SerializeAsString(), std::string("\x28\x00", 2));
  attr.mutable_list();
  EXPECT_EQ(attr.SerializeAsString(), std::string("\x0a\x00", 2));
  attr.mutable_shape();
  EXPECT_EQ(attr.SerializeAsString(), std::string("\x3a\x00", 2));
  attr.mutable_list()->add_i(1);
  attr.mutable_list()->add_i(2);  // packed
  EXPECT_EQ(attr.SerializeAsString(), "\x0a\x04\x1a\x02\x01\x02");

  proto::BundleHeaderProto header;
  header.set_num_shards(1);
  header.set_endianness(proto::BundleHeaderProto::LITTLE);
  header.mutable_version()->set_producer(1);
  EXPECT_EQ(header.SerializeAsString(), "\x08\x01\x1a\x02\x08\x01");
}

TEST(WireTest, UnpackedListsAreReadToo) {
  proto::AttrValue attr;
  ASSERT_TRUE(attr.ParseFromString("\x0a\x06\x18\x01\x1a\x02\x02\x03"));
  EXPECT_THAT(attr.list().i(), testing::ElementsAre(1, 2, 3));
}

TEST(WireTest, UnknownFieldsSurvive) {
  // Field 100, a varint, in a node: a later TensorFlow's.
  const std::string graph("\x0a\x06\x0a\x01x\xa0\x06\x07", 8);
  proto::GraphDef parsed;
  ASSERT_TRUE(parsed.ParseFromString(graph));
  EXPECT_EQ(parsed.node(0).name(), "x");
  EXPECT_EQ(parsed.SerializeAsString(), graph);
}

}  // namespace
}  // namespace trellis
