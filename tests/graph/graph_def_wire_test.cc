#include "trellis/graph/graph_def_wire.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "trellis/graph/graph_def.h"
#include "trellis/tests/graph/test_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

proto::GraphDef Def(const char* text) {
  proto::GraphDef def;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &def));
  return def;
}

constexpr char kGraph[] = R"(
  node { name: 'x' op: 'Placeholder' device: '/cpu:0'
         attr { key: 'dtype' value { type: DT_FLOAT } } }
  node { name: 'y' op: 'Neg' input: 'x' input: '^x'
         attr { key: 'T' value { type: DT_FLOAT } } }
  library { function { signature { name: 'f' } } }
  versions { producer: 134 })";

TEST(SplitGraphDef, TellsNodesFromTheRest) {
  const proto::GraphDef def = Def(kGraph);
  const std::string bytes = def.SerializeAsString();
  const auto parts = SplitGraphDef(bytes);
  ASSERT_THAT(parts, IsOk());
  EXPECT_THAT(parts->nodes, ElementsAre(def.node(0).SerializeAsString(),
                                        def.node(1).SerializeAsString()));
  proto::GraphDef rest = def;
  rest.clear_node();
  EXPECT_EQ(parts->rest.SerializeAsString(), rest.SerializeAsString());
}

TEST(SplitGraphDef, TakesFieldsInAnyOrderAndUnknownOnes) {
  proto::GraphDef def = Def("versions { producer: 9 }");
  std::string bytes = def.SerializeAsString();
  bytes += Def("node { name: 'a' op: 'A' }").SerializeAsString();
  // Field 1, but a varint; field 99, a group with a field inside.
  bytes += std::string("\x08\x07", 2);
  bytes += std::string("\x9b\x06\x08\x01\x9c\x06", 6);
  bytes += Def("versions { min_consumer: 3 }").SerializeAsString();
  const auto parts = SplitGraphDef(bytes);
  ASSERT_THAT(parts, IsOk());
  EXPECT_EQ(parts->nodes.size(), 1);
  EXPECT_EQ(parts->rest.versions().producer(), 9);
  EXPECT_EQ(parts->rest.versions().min_consumer(), 3);
  EXPECT_EQ(
      parts->rest.GetReflection()->GetUnknownFields(parts->rest).field_count(),
      2);
}

TEST(SplitGraphDef, OfNoBytesIsEmpty) {
  const auto parts = SplitGraphDef("");
  ASSERT_THAT(parts, IsOk());
  EXPECT_TRUE(parts->nodes.empty());
}

TEST(SplitGraphDef, SaysHowFarTheBytesAreWhole) {
  const std::string node =
      Def("node { name: 'a' op: 'A' }").SerializeAsString();
  EXPECT_THAT(SplitGraphDef(node + "\x0a\x7f"),
              StatusIs(kInvalidArgument,
                       HasSubstr(absl::StrCat("after byte ", node.size()))));
  for (const char* damage : {"\x0f", "\x02\x01", "\x9c\x06", "\x0a\xff",
                             "\x0a\xff\xff\xff\xff\xff\x01"}) {
    EXPECT_THAT(SplitGraphDef(node + damage), StatusIs(kInvalidArgument));
  }
}

TEST(ReadNodeHead, ReadsWhatOrderNeeds) {
  const std::string bytes = Def(kGraph).node(1).SerializeAsString();
  NodeHead head;
  std::vector<absl::string_view> inputs = {"stale"};
  ASSERT_THAT(ReadNodeHead(bytes, &head, &inputs), IsOk());
  EXPECT_EQ(head.name, "y");
  EXPECT_EQ(head.op, "Neg");
  EXPECT_THAT(inputs, ElementsAre("x", "^x"));
  proto::NodeDef rest;
  ASSERT_TRUE(rest.ParseFromString(std::string(head.rest)));
  EXPECT_EQ(rest.name(), "");
  EXPECT_EQ(rest.attr().at("T").type(), proto::DT_FLOAT);
}

TEST(ReadNodeHead, TakesTheLastOfAFieldAndAnyOrder) {
  const std::string device =
      Def("node { device: '/cpu:1' }").node(0).SerializeAsString();
  const std::string first =
      Def("node { name: 'a' op: 'A' }").node(0).SerializeAsString();
  const std::string second =
      Def("node { name: 'b' input: 'c' }").node(0).SerializeAsString();
  const std::string bytes = first + device + second;
  NodeHead head;
  std::vector<absl::string_view> inputs;
  ASSERT_THAT(ReadNodeHead(bytes, &head, &inputs), IsOk());
  EXPECT_EQ(head.name, "b");
  EXPECT_EQ(head.op, "A");
  EXPECT_THAT(inputs, ElementsAre("c"));
  EXPECT_EQ(head.rest, device + second);
}

// B14: the message type would take the last one.
TEST(ImportGraphDef, RefusesAnAttributeGivenTwice) {
  OpRegistry ops;
  testing::RegisterTestOps(ops);
  const std::string x = Def(kGraph).node(0).SerializeAsString();
  proto::NodeDef again = Def(R"(
    node { attr { key: 'dtype' value { type: DT_INT32 } } })")
                             .node(0);
  const std::string node = x + again.SerializeAsString();
  const std::string bytes =
      absl::StrCat("\n", std::string(1, static_cast<char>(node.size())), node);
  EXPECT_THAT(ImportGraphDef(bytes, ops),
              StatusIs(kInvalidArgument,
                       HasSubstr("x (Placeholder): an attribute is given")));
}

// What the message type refuses, import refuses; and the other way round,
// wherever a file that is cut off still is a graph.
TEST(ImportGraphDef, AgreesWithTheMessageTypeOnDamage) {
  OpRegistry ops;
  testing::RegisterTestOps(ops);
  const std::string whole = Def(kGraph).SerializeAsString();
  int taken = 0;
  for (size_t size = 1; size <= whole.size(); ++size) {
    const std::string bytes = whole.substr(0, size);
    const auto graph = ImportGraphDef(bytes, ops);
    const bool is_message = proto::GraphDef().ParseFromString(bytes);
    EXPECT_EQ(graph.ok(), is_message) << size << ": " << graph.status();
    taken += graph.ok();
  }
  // After each node, the library and the versions.
  EXPECT_EQ(taken, 4);
  for (size_t i = 0; i < whole.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string bytes = whole;
      bytes[i] ^= static_cast<char>(1 << bit);
      if (!proto::GraphDef().ParseFromString(bytes)) {
        EXPECT_FALSE(ImportGraphDef(bytes, ops).ok()) << i << " " << bit;
      }
    }
  }
}

}  // namespace
}  // namespace trellis
