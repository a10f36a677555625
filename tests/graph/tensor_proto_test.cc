#include "trellis/graph/tensor_proto.h"

#include <limits>
#include <string>

#include "google/protobuf/text_format.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;
constexpr auto kUnimplemented = absl::StatusCode::kUnimplemented;

proto::TensorProto Message(const std::string& text) {
  proto::TensorProto message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message))
      << text;
  return message;
}

absl::StatusOr<Tensor> Decode(const std::string& text) {
  DecodeState state;
  return TensorFromProto(Message(text), state);
}

// The message that a tensor is written as, in text on one line.
std::string Encoded(const Tensor& tensor) {
  proto::TensorProto message;
  TensorToProto(tensor, &message);
  return message.ShortDebugString();
}

std::string Shape2(int rows) {
  return "tensor_shape { dim { size: " + std::to_string(rows) + " } } ";
}

struct FormCase {
  const char* name;
  const char* message;
  const char* value;
};

class TensorFormTest : public ::testing::TestWithParam<FormCase> {};

TEST_P(TensorFormTest, Decodes) {
  const auto tensor = Decode(GetParam().message);
  ASSERT_THAT(tensor, IsOk());
  EXPECT_EQ(tensor->ToString(), GetParam().value);
}

INSTANTIATE_TEST_SUITE_P(
    All, TensorFormTest,
    ::testing::Values(
        FormCase{"NoShapeIsAScalar", "dtype: DT_FLOAT float_val: 2.5",
                 "float32[]: 2.5"},
        FormCase{"AsManyAsElements",
                 "dtype: DT_DOUBLE tensor_shape { dim { size: 2 } } "
                 "double_val: 1 double_val: 2",
                 "float64[2]: 1 2"},
        FormCase{"LastOneRepeats",
                 "dtype: DT_INT64 tensor_shape { dim { size: 4 } } "
                 "int64_val: 1 int64_val: -7",
                 "int64[4]: 1 -7 -7 -7"},
        FormCase{"NoneIsZeros",
                 "dtype: DT_INT32 tensor_shape { dim { size: 3 } }",
                 "int32[3]: 0 0 0"},
        FormCase{"NoneIsFalse",
                 "dtype: DT_BOOL tensor_shape { dim { size: 2 } }",
                 "bool[2]: false false"},
        FormCase{"NoneIsEmptyStrings",
                 "dtype: DT_STRING tensor_shape { dim { size: 2 } }",
                 "string[2]: \"\" \"\""},
        FormCase{"SurplusIsDropped",
                 "dtype: DT_INT32 tensor_shape { dim { size: 1 } } "
                 "int_val: 1 int_val: 2",
                 "int32[1]: 1"},
        FormCase{"ListOfAnotherTypeIsNotLookedAt",
                 "dtype: DT_FLOAT tensor_shape { dim { size: 2 } } int_val: 7",
                 "float32[2]: 0 0"},
        FormCase{"ContentWins",
                 "dtype: DT_INT16 tensor_shape { dim { size: 2 } } "
                 "tensor_content: '\\001\\000\\377\\377' int_val: 7",
                 "int16[2]: 1 -1"},
        FormCase{"NarrowTypesAreCut",
                 "dtype: DT_UINT8 tensor_shape { dim { size: 2 } } "
                 "int_val: 258 int_val: -1",
                 "uint8[2]: 2 255"},
        FormCase{"Unsigned64",
                 "dtype: DT_UINT64 uint64_val: 18446744073709551615",
                 "uint64[]: 18446744073709551615"},
        FormCase{"StringContent",
                 "dtype: DT_STRING tensor_shape { dim { size: 2 } } "
                 "tensor_content: '\\000\\003abc'",
                 "string[2]: \"\" \"abc\""},
        FormCase{"EmptyLooksAtNothing",
                 "dtype: DT_FLOAT tensor_shape { dim { size: 0 } } "
                 "float_val: 1",
                 "float32[0]:"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TensorProtoTest, HalfAndComplexKeepTheirBits) {
  const auto half = Decode("dtype: DT_HALF half_val: 15360");  // 1.0
  ASSERT_THAT(half, IsOk());
  EXPECT_EQ(*static_cast<const uint16_t*>(half->data()), 0x3c00);
  EXPECT_THAT(Encoded(*half), HasSubstr("half_val: 15360"));

  const auto complex = Decode(
      "dtype: DT_COMPLEX64 tensor_shape { dim { size: 3 } } scomplex_val: 1 "
      "scomplex_val: 2 scomplex_val: 3");
  ASSERT_THAT(complex, IsOk());
  const float* parts = static_cast<const float*>(complex->data());
  EXPECT_THAT(absl::MakeConstSpan(parts, 6), ElementsAre(1, 2, 1, 2, 1, 2));
}

struct MalformedCase {
  const char* name;
  const char* message;
  absl::StatusCode code;
  const char* what;
};

class MalformedTensorTest : public ::testing::TestWithParam<MalformedCase> {};

TEST_P(MalformedTensorTest, IsAnError) {
  EXPECT_THAT(Decode(GetParam().message),
              StatusIs(GetParam().code, HasSubstr(GetParam().what)));
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedTensorTest,
    ::testing::Values(
        MalformedCase{"A01",
                      "dtype: DT_FLOAT tensor_shape { dim { size: 4294967296 } "
                      "dim { size: 4294967296 } dim { size: 2 } }",
                      kInvalidArgument, "than memory can hold"},
        MalformedCase{"A02",
                      "dtype: DT_DOUBLE tensor_shape { dim { size: "
                      "2305843009213693952 } }",
                      kInvalidArgument, "than memory can hold"},
        MalformedCase{"A03",
                      "dtype: DT_FLOAT tensor_shape { dim { size: 0 } dim { "
                      "size: 4611686018427387904 } dim { size: "
                      "4611686018427387904 } }",
                      kInvalidArgument, "than memory can hold"},
        MalformedCase{"A04",
                      "dtype: DT_FLOAT tensor_shape { dim { size: -2 } }",
                      kInvalidArgument, "negative"},
        MalformedCase{"A07NoDtype", "float_val: 1", kInvalidArgument,
                      "no dtype"},
        MalformedCase{"A07Unknown", "dtype: 99", kInvalidArgument, "99"},
        MalformedCase{"A07Negative", "dtype: -1", kInvalidArgument, "-1"},
        MalformedCase{"A07Huge", "dtype: 2147483647", kInvalidArgument,
                      "2147483647"},
        MalformedCase{"A07Reference", "dtype: DT_FLOAT_REF float_val: 1",
                      kInvalidArgument, "reference"},
        MalformedCase{"A08Resource", "dtype: DT_RESOURCE", kUnimplemented,
                      "resource"},
        MalformedCase{"A08Variant", "dtype: DT_VARIANT", kUnimplemented,
                      "variant"},
        MalformedCase{"NewerType", "dtype: 24", kUnimplemented, "dtype(24)"},
        MalformedCase{"A09Short",
                      "dtype: DT_FLOAT tensor_shape { dim { size: 2 } } "
                      "tensor_content: '\\000\\000\\000\\000'",
                      kInvalidArgument, "float32[2] needs 8"},
        MalformedCase{"A09NoMultiple",
                      "dtype: DT_FLOAT tensor_content: '\\000\\000\\000'",
                      kInvalidArgument, "has 3 bytes"},
        MalformedCase{"A09Long",
                      "dtype: DT_INT8 tensor_shape { dim { size: 2 } } "
                      "tensor_content: 'abc'",
                      kInvalidArgument, "has 3 bytes"},
        MalformedCase{"A12UnknownRank",
                      "dtype: DT_FLOAT tensor_shape { unknown_rank: true }",
                      kInvalidArgument, "must be known"},
        MalformedCase{"A12UnknownDim",
                      "dtype: DT_FLOAT tensor_shape { dim { size: -1 } }",
                      kInvalidArgument, "must be known"},
        MalformedCase{"A13",
                      "dtype: DT_BOOL tensor_shape { dim { size: 2 } } "
                      "tensor_content: '\\001\\002'",
                      kInvalidArgument, "must be 0 or 1"},
        MalformedCase{"A14PastTheEnd",
                      "dtype: DT_STRING tensor_shape { dim { size: 2 } } "
                      "tensor_content: '\\001\\003ab'",
                      kInvalidArgument, "string 1"},
        MalformedCase{"A14NoLengths",
                      "dtype: DT_STRING tensor_shape { dim { size: 1 } } "
                      "tensor_content: '\\377'",
                      kInvalidArgument, "length 0"},
        MalformedCase{"A14Leftover",
                      "dtype: DT_STRING tensor_shape { dim { size: 1 } } "
                      "tensor_content: '\\001ab'",
                      kInvalidArgument, "follow"},
        MalformedCase{"A14ManyStrings",
                      "dtype: DT_STRING tensor_shape { dim { size: "
                      "70368744177664 } } tensor_content: '\\001a'",
                      kInvalidArgument, "strings has 2 bytes"},
        MalformedCase{"A15",
                      "dtype: DT_FLOAT tensor_shape { dim { size: 2147483648 "
                      "} } float_val: 1",
                      kInvalidArgument, "limit"},
        MalformedCase{"RankWithDimensions",
                      "dtype: DT_FLOAT tensor_shape { unknown_rank: true dim { "
                      "size: 1 } }",
                      kInvalidArgument, "unknown rank has 1"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(TensorProtoTest, A05RankHasALimit) {
  proto::TensorProto message = Message("dtype: DT_FLOAT float_val: 1");
  for (int i = 0; i < 255; ++i) {
    message.mutable_tensor_shape()->add_dim()->set_size(1);
  }
  DecodeState state;
  EXPECT_THAT(TensorFromProto(message, state),
              StatusIs(kInvalidArgument, HasSubstr("at most 254")));
  message.mutable_tensor_shape()->mutable_dim()->RemoveLast();
  EXPECT_THAT(TensorFromProto(message, state), IsOk());
}

TEST(TensorProtoTest, TheLimitIsSharedByAllTensorsOfAnImport) {
  const auto fill = Message("dtype: DT_INT8 " + Shape2(60));
  DecodeState state{.expandable_bytes = 100};
  EXPECT_THAT(TensorFromProto(fill, state), IsOk());
  EXPECT_EQ(state.expandable_bytes, 40);
  EXPECT_THAT(TensorFromProto(fill, state), StatusIs(kInvalidArgument));
  // What the file holds is free.
  EXPECT_THAT(TensorFromProto(Message("dtype: DT_INT8 " + Shape2(2) +
                                      "tensor_content: 'ab'"),
                              state),
              IsOk());
  EXPECT_EQ(state.expandable_bytes, 40);
}

TEST(TensorProtoTest, WritesWhatTensorFlowWrites) {
  EXPECT_EQ(Encoded(Tensor::Scalar(2.5f)),
            "dtype: DT_FLOAT tensor_shape { } float_val: 2.5");
  EXPECT_EQ(Encoded(Tensor::Scalar(0.0f)),
            "dtype: DT_FLOAT tensor_shape { } float_val: 0");
  EXPECT_EQ(Encoded(Tensor::Of<int32_t>({1, 2})),
            "dtype: DT_INT32 tensor_shape { dim { size: 2 } } tensor_content: "
            "\"\\001\\000\\000\\000\\002\\000\\000\\000\"");
  EXPECT_EQ(Encoded(Tensor::Of<int64_t>({7})),
            "dtype: DT_INT64 tensor_shape { dim { size: 1 } } int64_val: 7");
  EXPECT_EQ(Encoded(Tensor::Of<bool>({true, false})),
            "dtype: DT_BOOL tensor_shape { dim { size: 2 } } bool_val: true "
            "bool_val: false");
  EXPECT_EQ(Encoded(Tensor::Of<uint16_t>({1, 2})),
            "dtype: DT_UINT16 tensor_shape { dim { size: 2 } } int_val: 1 "
            "int_val: 2");
  EXPECT_EQ(Encoded(Tensor::Of<std::string>({"a", ""})),
            "dtype: DT_STRING tensor_shape { dim { size: 2 } } string_val: "
            "\"a\" string_val: \"\"");
  EXPECT_EQ(Encoded(Tensor(kFloat32, {0, 3})),
            "dtype: DT_FLOAT tensor_shape { dim { } dim { size: 3 } }");
}

TEST(TensorProtoTest, ManyEqualElementsAreWrittenOnce) {
  Tensor ones(kFloat32, {64});
  for (float& one : ones.flat<float>()) one = 1;
  EXPECT_EQ(Encoded(ones),
            "dtype: DT_FLOAT tensor_shape { dim { size: 64 } } float_val: 1");
  // Zeros of both signs are equal but not the same.
  ones.flat<float>()[3] = -0.0f;
  EXPECT_THAT(Encoded(ones), HasSubstr("tensor_content"));
}

TEST(TensorProtoTest, EveryNumberTypeSurvives) {
  for (DType dtype : (kNumberTypes | DTypeSet{kBool}).types()) {
    for (const Shape& shape :
         {Shape{}, Shape::Scalar(), Shape{3}, Shape{0}, Shape{100}}) {
      if (!shape.known_rank()) continue;
      Tensor tensor(dtype, shape);
      char* bytes = static_cast<char*>(tensor.data());
      for (size_t i = 0; i < tensor.bytes(); ++i) {
        bytes[i] = static_cast<char>(dtype == kBool ? i % 2 : 37 * i + 1);
      }
      proto::TensorProto message;
      TensorToProto(tensor, &message);
      DecodeState state;
      const auto back = TensorFromProto(message, state);
      ASSERT_THAT(back, IsOk());
      EXPECT_TRUE(back->SameAs(tensor)) << tensor.ToString();
      EXPECT_TRUE(state.exact);
    }
  }
}

TEST(ShapeProtoTest, UnknownThingsSurvive) {
  for (const Shape& shape :
       {Shape::Unknown(), Shape::Scalar(), Shape{2, -1}, Shape{0}}) {
    proto::TensorShapeProto message;
    ShapeToProto(shape, &message);
    DecodeState state;
    const auto back = ShapeFromProto(message, state);
    ASSERT_THAT(back, IsOk());
    EXPECT_EQ(*back, shape);
    EXPECT_TRUE(state.exact);
  }
}

TEST(ShapeProtoTest, ANamedDimensionIsNotExact) {
  proto::TensorShapeProto message;
  message.add_dim()->set_name("batch");
  DecodeState state;
  EXPECT_THAT(ShapeFromProto(message, state), IsOk());
  EXPECT_FALSE(state.exact);
}

}  // namespace
}  // namespace trellis
