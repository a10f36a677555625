#include "trellis/graph/input.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

std::string Text(const Input& input, DType dtype) {
  const auto tensor = input.ToTensor(dtype);
  return tensor.ok() ? tensor->ToString() : tensor.status().ToString();
}

TEST(InputTest, NumbersTakeTheTypeAskedFor) {
  EXPECT_EQ(Text(3, kFloat32), Tensor::Scalar(3.f).ToString());
  EXPECT_EQ(Text(3, kInt64), Tensor::Scalar(int64_t{3}).ToString());
  EXPECT_EQ(Text(0.5f, kFloat64), Tensor::Scalar(0.5).ToString());
  EXPECT_EQ(Text(true, kBool), Tensor::Scalar(true).ToString());
}

TEST(InputTest, DefaultTypes) {
  EXPECT_EQ(Input(3).default_dtype(), kInt32);
  EXPECT_EQ(Input(int64_t{1} << 40).default_dtype(), kInt64);
  EXPECT_EQ(Input(3.0).default_dtype(), kFloat32);
  EXPECT_EQ(Input(true).default_dtype(), kBool);
  EXPECT_EQ(Input("text").default_dtype(), kString);
  EXPECT_EQ(Input({1, 2.5}).default_dtype(), kFloat32);
}

TEST(InputTest, FractionsAreNoIntegersAndNumbersNoBools) {
  EXPECT_FALSE(Input(0.5).ConvertsTo(kInt32));
  EXPECT_FALSE(Input(1).ConvertsTo(kBool));
  EXPECT_FALSE(Input(true).ConvertsTo(kFloat32));
  EXPECT_THAT(Input(300).ToTensor(kInt8),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("300")));
  EXPECT_THAT(Input(-1).ToTensor(kUint64),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("-1")));
}

TEST(InputTest, NestedBracesAreTensors) {
  EXPECT_EQ(Text({{1, 2}, {3, 4}}, kInt32),
            Tensor::FromSpan<int32_t>({1, 2, 3, 4}, {2, 2}).ToString());
  EXPECT_EQ(Text({1, 2.5}, kFloat32), Tensor::Of<float>({1, 2.5}).ToString());
  EXPECT_EQ(Text({"a", "b"}, kString),
            Tensor::Of<std::string>({"a", "b"}).ToString());
  EXPECT_EQ(Input({}).ToTensor(kInt32)->shape(), Shape{0});
}

TEST(InputTest, UnevenBracesAreAnError) {
  EXPECT_THAT(
      Input({{1, 2}, {3}}).ToTensor(kInt32),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("[2] and [1]")));
  EXPECT_THAT(Input({1, true}).ToTensor(kInt32),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("bools")));
}

TEST(InputTest, VectorsAndTensors) {
  EXPECT_EQ(Text(std::vector<int64_t>{2, 3}, kInt32),
            Tensor::Of<int32_t>({2, 3}).ToString());
  const Input tensor = Tensor::Of<double>({1});
  EXPECT_EQ(tensor.dtype(), kFloat64);
  EXPECT_FALSE(tensor.ConvertsTo(kFloat32));
}

}  // namespace
}  // namespace trellis
