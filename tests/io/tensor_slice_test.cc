#include "trellis/io/tensor_slice.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr absl::StatusCode kInvalidArgument =
    absl::StatusCode::kInvalidArgument;

TensorSlice Slice(absl::string_view text) {
  return TensorSlice::Parse(text).value();
}

std::string KeyInHex(absl::string_view name, const TensorSlice& slice) {
  return absl::BytesToHexString(SliceKey(name, slice));
}

TEST(TensorSliceTest, TextComesBack) {
  for (const std::string text : {"-", "0,1", "0,100:-", "-:-:1,3:4,5", ""}) {
    EXPECT_EQ(Slice(text).ToString(), text);
  }
  EXPECT_EQ(Slice("3,4:-").extents[0], (TensorSlice::Extent{3, 4}));
  EXPECT_EQ(Slice("-:-"), TensorSlice::Whole(2));
}

TEST(TensorSliceTest, KeysHaveTheBytesOfTheFormat) {
  EXPECT_EQ(KeyInHex("foo", Slice("-:-:1,3:4,5")),
            "00666f6f00010104807f807f81838485");
  EXPECT_EQ(KeyInHex("w", Slice("0,100:-")), "00770001010280c064807f");
  EXPECT_EQ(KeyInHex("a", Slice("")), "0061000100");
  EXPECT_EQ(KeyInHex(absl::string_view("a\0b\xff", 4), Slice("0,1")),
            "006100ff62ff00000101018081");
}

TEST(TensorSliceTest, SignedNumbersHaveTheBytesOfTheFormat) {
  const std::vector<std::pair<int64_t, std::string>> table = {
      {0, "80"},
      {-1, "7f"},
      {63, "bf"},
      {64, "c040"},
      {-64, "40"},
      {-65, "3fbf"},
      {8191, "dfff"},
      {8192, "e02000"},
      {(int64_t{1} << 55) - 1, "ff7fffffffffffff"},
      {int64_t{1} << 55, "ff8080000000000000"},
      {int64_t{1} << 62, "ffc04000000000000000"},
      {INT64_MAX, "ffc07fffffffffffffff"},
      {INT64_MIN, "003f8000000000000000"}};
  for (const auto& [value, hex] : table) {
    TensorSlice slice;
    slice.extents.push_back({value, 0});
    EXPECT_EQ(KeyInHex("a", slice), "006100010101" + hex + "80") << value;
  }
}

TEST(TensorSliceTest, KeysSortAsTheirNumbers) {
  std::vector<std::string> keys;
  for (const int64_t start :
       {INT64_MIN, int64_t{-70000}, int64_t{-65}, int64_t{-64}, int64_t{-1},
        int64_t{0}, int64_t{63}, int64_t{64}, int64_t{9000}, INT64_MAX}) {
    TensorSlice slice;
    slice.extents.push_back({start, 1});
    keys.push_back(SliceKey("a", slice));
  }
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  EXPECT_LT(SliceKey("a", Slice("-")), SliceKey("aa", Slice("-")));
  EXPECT_TRUE(IsSliceKey(keys[0]));
  EXPECT_FALSE(IsSliceKey("a"));
  EXPECT_FALSE(IsSliceKey(""));
}

TEST(TensorSliceTest, ShapeAndSlice) {
  const auto parsed = ParseShapeAndSlice("200 3 0,100:-");
  ASSERT_THAT(parsed, IsOk());
  EXPECT_EQ(parsed->full_shape, (Shape{200, 3}));
  EXPECT_EQ(parsed->slice, Slice("0,100:-"));
  EXPECT_EQ(parsed->region.shape, (Shape{100, 3}));
  EXPECT_FALSE(parsed->region.Covers(parsed->full_shape));
  EXPECT_TRUE(ParseShapeAndSlice("4 0,4")->region.Covers(Shape{4}));
}

TEST(TensorSliceTest, MalformedTextIsInvalid) {  // C16
  for (const std::string text :
       {"2", "", "10 10 0,5:", "4 0,99", "-1 -", "4 3,-1", "4 -1,2", "4 0,0",
        "4  -", "4 a", "4 0,1,2", "4 0;1", "4 0", "4 +1,1", "4 -:-", "4 4 -",
        "4 9223372036854775807,1", "4 99999999999999999999,1",
        "9223372036854775807 9223372036854775807 -:-"}) {
    EXPECT_THAT(ParseShapeAndSlice(text),
                StatusIs(kInvalidArgument, HasSubstr("\"" + text + "\"")))
        << text;
  }
}

TEST(TensorSliceTest, RegionsStayInTheirShape) {
  const Shape shape{5, 300};
  EXPECT_THAT(RegionOf(Slice("2,3:-"), shape),
              IsOkAndHolds(TensorRegion{{2, 0}, Shape{3, 300}}));
  EXPECT_THAT(RegionOf(Slice("5,1:-"), shape), StatusIs(kInvalidArgument));
  EXPECT_THAT(RegionOf(Slice("2,4:-"), shape), StatusIs(kInvalidArgument));
  EXPECT_THAT(RegionOf(Slice("-"), shape), StatusIs(kInvalidArgument));
  TensorSlice hostile;
  hostile.extents = {{INT64_MIN, INT64_MIN}, {INT64_MAX, INT64_MAX}};
  EXPECT_THAT(RegionOf(hostile, shape), StatusIs(kInvalidArgument));
}

TEST(TensorSliceTest, Intersection) {
  const TensorRegion a{{0, 0}, Shape{4, 4}}, b{{2, 3}, Shape{4, 4}},
      c{{4, 0}, Shape{1, 4}};
  TensorRegion common;
  ASSERT_TRUE(Intersect(a, b, &common));
  EXPECT_EQ(common, (TensorRegion{{2, 3}, Shape{2, 1}}));
  EXPECT_FALSE(Intersect(a, c, &common));
}

TEST(TensorSliceTest, OverlapIsFoundWhateverTheOrder) {
  std::vector<TensorRegion> regions = {{{0, 0}, Shape{2, 2}},
                                       {{2, 0}, Shape{2, 2}},
                                       {{0, 2}, Shape{2, 2}},
                                       {{2, 2}, Shape{2, 2}}};
  EXPECT_THAT(CheckDisjoint(regions), IsOk());
  EXPECT_THAT(CheckDisjoint({}), IsOk());
  regions.push_back({{3, 3}, Shape{5, 1}});
  for (size_t i = 0; i < regions.size(); ++i) {
    std::rotate(regions.begin(), regions.begin() + 1, regions.end());
    EXPECT_THAT(CheckDisjoint(regions),
                StatusIs(kInvalidArgument, HasSubstr("[5,1] at [3,3]")));
  }
}

}  // namespace
}  // namespace trellis
