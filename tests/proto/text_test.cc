#include "trellis/proto/text.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/proto/meta_graph.pb.h"

namespace trellis {
namespace {

TEST(TextTest, PrintsWhatItReads) {
  const std::string text = R"(node {
  name: "x"
  op: "Placeholder"
  attr {
    key: "dtype"
    value {
      type: DT_FLOAT
    }
  }
  attr {
    key: "shape"
    value {
      shape {
        unknown_rank: true
      }
    }
  }
}
)";
  proto::GraphDef graph;
  graph.add_node()->set_name("an earlier value");
  const absl::Status status = ParseText(text, graph);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(graph.node(0).attr().at("dtype").type(), proto::DT_FLOAT);
  EXPECT_EQ(PrintText(graph), text);
}

TEST(TextTest, AnyMayBeSpelledOutUnderTensorFlowsName) {
  const std::string text = R"(any_list {
  value {
    [type.googleapis.com/tensorflow.AssetFileDef] {
      filename: "vocab.txt"
    }
  }
}
)";
  proto::CollectionDef collection;
  absl::Status status = ParseText(text, collection);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(collection.any_list().value(0).type_url(),
            "type.googleapis.com/tensorflow.AssetFileDef");
  const std::string printed = R"(any_list {
  value {
    type_url: "type.googleapis.com/tensorflow.AssetFileDef"
    value: "\022\tvocab.txt"
  }
}
)";
  EXPECT_EQ(PrintText(collection), printed);
  proto::CollectionDef read;
  status = ParseText(printed, read);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(read.SerializeAsString(), collection.SerializeAsString());
}

TEST(TextTest, UnknownFieldsAreNotPrinted) {
  proto::CollectionDef collection;
  ASSERT_TRUE(collection.ParseFromString("\xf8\x3f\x01"));  // field 1023 is 1
  EXPECT_EQ(PrintText(collection), "");
}

TEST(TextTest, ErrorsTellThePlace) {
  proto::GraphDef graph;
  EXPECT_EQ(ParseText("node {\n  nme: \"x\"\n}", graph),
            absl::InvalidArgumentError(
                "line 2, column 6: Message type "
                "\"trellis.proto.NodeDef\" has no field named \"nme\"."));
  EXPECT_FALSE(ParseText("node {", graph).ok());
  EXPECT_FALSE(ParseText(absl::string_view("\0", 1), graph).ok());
  EXPECT_TRUE(ParseText("", graph).ok());
}

TEST(TextTest, DeepNestingIsAnErrorAndNoCrash) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "list_value { values { ";
  proto::StructuredValue value;
  const absl::Status status = ParseText(text, value);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "too deep")) << status;
}

}  // namespace
}  // namespace trellis
