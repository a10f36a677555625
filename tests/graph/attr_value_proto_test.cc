#include "trellis/graph/attr_value_proto.h"

#include <string>

#include "absl/strings/escaping.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

std::string Hex(const AttrValue& value) {
  proto::AttrValue message;
  AttrValueToProto(value, &message);
  return absl::BytesToHexString(message.SerializeAsString());
}

// The bytes that TensorFlow writes for these.
TEST(AttrValueProtoTest, WritesTensorFlowsBytes) {
  EXPECT_EQ(Hex(false), "2800");
  EXPECT_EQ(Hex(0), "1800");
  EXPECT_EQ(Hex(AttrList()), "0a00");
  EXPECT_EQ(Hex(std::vector<int64_t>{1, -2}), "0a0d1a0b01feffffffffffffffff01");
  EXPECT_EQ(Hex(std::vector<DType>{kFloat32, kInt32}), "0a0432020103");
  EXPECT_EQ(Hex(kFloat32), "3001");
  EXPECT_EQ(Hex(Shape::Unknown()), "3a021801");
  EXPECT_EQ(Hex(Shape::Scalar()), "3a00");
  EXPECT_EQ(Hex(Shape{-1}), "3a0d120b08ffffffffffffffffff01");
  EXPECT_EQ(Hex(AttrValue()), "");
}

TEST(AttrValueProtoTest, EveryKindSurvives) {
  AttrList tensors, functions, bools;
  tensors.tensor = {Tensor::Scalar(1.0f), Tensor::Of<int32_t>({1, 2})};
  bools.b = {true, false};
  const FunctionRef function{
      .name = "f",
      .attrs = {{"T", kInt32}, {"g", FunctionRef{.name = "inner"}}}};
  functions.func = {function, {.name = "h"}};
  const AttrValue values[] = {
      AttrValue(),
      AttrValue(std::string("a\0\xff", 3)),
      AttrValue(int64_t{-5}),
      AttrValue(0.25f),
      AttrValue(true),
      AttrValue(kHalf),
      AttrValue(Shape{2, -1}),
      AttrValue(Tensor::Of<std::string>({"x", ""})),
      AttrValue(function),
      AttrValue(AttrPlaceholder{"T"}),
      AttrValue(AttrList()),
      AttrValue(std::vector<std::string>{"a", ""}),
      AttrValue(std::vector<int64_t>{0, -1}),
      AttrValue(std::vector<float>{0, 1.5}),
      AttrValue(std::vector<DType>{kFloat32, kString}),
      AttrValue(std::vector<Shape>{Shape::Unknown(), {1}}),
      AttrValue(bools),
      AttrValue(tensors),
      AttrValue(functions),
  };
  for (const AttrValue& value : values) {
    proto::AttrValue message;
    AttrValueToProto(value, &message);
    DecodeState state;
    const auto back = AttrValueFromProto(message, state);
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(*back, value) << value.ToString() << " " << back->ToString();
    EXPECT_TRUE(state.exact);
  }
}

TEST(AttrValueProtoTest, ListsHoldOneKind) {
  proto::AttrValue message;
  message.mutable_list()->add_i(1);
  message.mutable_list()->add_s("a");
  DecodeState state;
  EXPECT_THAT(
      AttrValueFromProto(message, state),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("several kinds")));
}

TEST(AttrValueProtoTest, ForeignTypesAreKeptAndImpossibleOnesRefused) {
  proto::AttrValue message;
  DecodeState state;
  message.set_type(static_cast<proto::DataType>(29));  // int4
  const auto int4 = AttrValueFromProto(message, state);
  ASSERT_THAT(int4, IsOk());
  EXPECT_EQ(Hex(*int4), "301d");
  message.set_type(static_cast<proto::DataType>(1000));
  EXPECT_THAT(AttrValueFromProto(message, state),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1000")));
}

TEST(AttrValueProtoTest, UnknownFieldsAreNoticedAtAnyDepth) {
  proto::AttrValue message;
  auto* func = message.mutable_list()->add_func();
  func->set_name("f");
  func->GetReflection()->MutableUnknownFields(func)->AddVarint(99, 1);
  DecodeState state;
  EXPECT_THAT(AttrValueFromProto(message, state), IsOk());
  EXPECT_FALSE(state.exact);
}

}  // namespace
}  // namespace trellis
