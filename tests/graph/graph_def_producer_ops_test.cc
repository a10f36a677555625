#include "trellis/graph/graph_def_producer_ops.h"

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kOps[] = R"(
  op { name: 'Widget'
       output_arg { name: 'a' type: DT_INT32 }
       output_arg { name: 'b' type_attr: 'T' number_attr: 'N' }
       output_arg { name: 'c' type_list_attr: 'types' }
       output_arg { name: 'd' type: DT_FLOAT is_ref: true }
       attr { name: 'speed' type: 'int' default_value { i: 3 } }
       attr { name: 'T' type: 'type' } })";

class ProducerOpsTest : public ::testing::Test {
 protected:
  ProducerOpsTest() : graph_(none_) {
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(kOps, &messages_));
    library_.add_function()->mutable_signature()->set_name("f");
    auto* result =
        library_.mutable_function(0)->mutable_signature()->add_output_arg();
    result->set_type(proto::DT_BOOL);
  }

  const Node& Make(const char* op, AttrMap attrs) {
    return *graph_.AddNode(
        {.name = graph_.UniqueName("n"), .op = op, .attrs = std::move(attrs)});
  }

  const OpRegistry none_;
  Graph graph_;
  proto::OpList messages_;
  proto::FunctionDefLibrary library_;
};

TEST_F(ProducerOpsTest, KnowDefaults) {
  const ProducerOps ops(messages_, library_);
  EXPECT_TRUE(ops.IsDefault("Widget", "speed", AttrValue(int64_t{3})));
  EXPECT_FALSE(ops.IsDefault("Widget", "speed", AttrValue(int64_t{4})));
  EXPECT_FALSE(ops.IsDefault("Widget", "T", AttrValue(kFloat32)));
  EXPECT_FALSE(ops.IsDefault("Widget", "color", AttrValue(int64_t{3})));
  EXPECT_FALSE(ops.IsDefault("Gadget", "speed", AttrValue(int64_t{3})));
}

TEST_F(ProducerOpsTest, GiveOutputsTheirTypes) {
  const ProducerOps ops(messages_, library_);
  const Node& whole =
      Make("Widget", {{"T", AttrValue(kFloat64)},
                      {"N", AttrValue(int64_t{2})},
                      {"types", AttrValue(std::vector<DType>{kBool})}});
  EXPECT_THAT(
      ops.OutputTypes(whole, 100),
      ElementsAre(kInt32, kFloat64, kFloat64, kBool, MakeRef(kFloat32)));
  EXPECT_THAT(ops.OutputTypes(Make("f", {}), 100), ElementsAre(kBool));
  EXPECT_THAT(ops.OutputTypes(Make("Gadget", {}), 100), IsEmpty());
}

TEST_F(ProducerOpsTest, StopWhereAttributesDoNotSay) {
  const ProducerOps ops(messages_, library_);
  const Node& without_number = Make("Widget", {{"T", AttrValue(kFloat64)}});
  EXPECT_THAT(ops.OutputTypes(without_number, 100), ElementsAre(kInt32));
  for (int64_t number : {int64_t{-1}, int64_t{101}, int64_t{1} << 40}) {
    const Node& node =
        Make("Widget", {{"T", AttrValue(kFloat64)}, {"N", AttrValue(number)}});
    EXPECT_THAT(ops.OutputTypes(node, 100), ElementsAre(kInt32)) << number;
  }
}

TEST_F(ProducerOpsTest, StopWhereThereAreTooManyInAll) {
  const ProducerOps ops(messages_, library_);
  const Node& node =
      Make("Widget", {{"T", AttrValue(kFloat64)},
                      {"N", AttrValue(int64_t{2})},
                      {"types", AttrValue(std::vector<DType>(8, kBool))}});
  EXPECT_EQ(ops.OutputTypes(node, 12).size(), 12);
  EXPECT_EQ(ops.OutputTypes(node, 11).size(), 11);
  EXPECT_THAT(ops.OutputTypes(node, 10),
              ElementsAre(kInt32, kFloat64, kFloat64));
}

}  // namespace
}  // namespace trellis
