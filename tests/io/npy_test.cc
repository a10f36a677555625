#include "trellis/io/npy.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

// A file of format version 1 with this dictionary and these elements.
std::string File(absl::string_view dictionary, absl::string_view elements) {
  std::string file("\x93NUMPY\x01\x00", 8);
  file += static_cast<char>(dictionary.size());
  file += '\0';
  return absl::StrCat(file, dictionary, elements);
}

std::string Dictionary(absl::string_view descr, absl::string_view shape,
                       absl::string_view fortran_order = "False") {
  return absl::StrCat("{'descr': '", descr,
                      "', 'fortran_order': ", fortran_order,
                      ", 'shape': ", shape, ", }   \n");
}

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()),
                     values.size() * sizeof(T));
}

TEST(NpyTest, EveryTypeComesBack) {
  Tensor half(kHalf, {2});
  static_cast<uint16_t*>(half.data())[0] = 0x3C00;
  static_cast<uint16_t*>(half.data())[1] = 0xC000;
  Tensor complex(kComplex64, {1});
  static_cast<float*>(complex.data())[0] = 1.5f;
  static_cast<float*>(complex.data())[1] = -2.0f;
  const Tensor tensors[] = {
      Tensor::Of<float>({1.5f, -2}),
      Tensor::Of<double>({1.5, -2}),
      Tensor::Of<bool>({true, false}),
      Tensor::Of<int8_t>({1, -2}),
      Tensor::Of<int16_t>({1, -2}),
      Tensor::Of<int32_t>({1, -2}),
      Tensor::Of<int64_t>({1, -2}),
      Tensor::Of<uint8_t>({1, 255}),
      Tensor::Of<uint16_t>({1, 65535}),
      Tensor::Of<uint32_t>({1, 4000000000}),
      Tensor::Of<uint64_t>({1, 18000000000000000000u}),
      Tensor::Of<std::string>({"", "ab", std::string("a\0b", 3)}),
      half,
      complex,
      Tensor::Scalar(int64_t{7}),
      Tensor(kFloat32, {0, 3}),
      Tensor::Of<float>({1, 2, 3, 4, 5, 6}).Reshaped({2, 1, 3}),
  };
  for (const Tensor& tensor : tensors) {
    const auto file = SerializeNpy(tensor);
    ASSERT_THAT(file, IsOk()) << tensor.ToString();
    const auto again = ParseNpy(*file);
    ASSERT_THAT(again, IsOk()) << tensor.ToString();
    EXPECT_TRUE(again->SameAs(tensor)) << again->ToString();
  }
}

TEST(NpyTest, WritesWhatNumPyWrites) {
  const auto file = SerializeNpy(Tensor::Of<float>({1, 2}));
  ASSERT_THAT(file, IsOk());
  ASSERT_EQ(file->size(), 128u + 8u);
  EXPECT_EQ(file->substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_EQ(file->substr(8, 2), std::string("\x76\x00", 2));
  EXPECT_EQ(file->substr(10, 58),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } ");
  EXPECT_EQ((*file)[127], '\n');
  const auto scalar = SerializeNpy(Tensor::Scalar(1.0));
  ASSERT_THAT(scalar, IsOk());
  EXPECT_THAT(*scalar, HasSubstr("'shape': (), }"));
}

TEST(NpyTest, ReadsColumnMajorBigEndianAndUnicode) {
  auto t = ParseNpy(File(Dictionary("<i4", "(2, 3)", "True"),
                         Bytes<int32_t>({1, 4, 2, 5, 3, 6})));
  ASSERT_THAT(t, IsOk());
  EXPECT_THAT(t->flat<int32_t>(), ElementsAre(1, 2, 3, 4, 5, 6));

  t = ParseNpy(File(Dictionary(">i2", "(2,)"), std::string("\0\1\1\0", 4)));
  ASSERT_THAT(t, IsOk());
  EXPECT_THAT(t->flat<int16_t>(), ElementsAre(1, 256));

  t = ParseNpy(File(Dictionary("<U3", "(2,)"),
                    Bytes<uint32_t>({'a', 0xE9, 0x1F600, 0x20AC, 0, 0})));
  ASSERT_THAT(t, IsOk());
  EXPECT_THAT(t->flat<std::string>(),
              ElementsAre("a\xC3\xA9\xF0\x9F\x98\x80", "\xE2\x82\xAC"));
}

TEST(NpyTest, ReadsVersionTwoAndLongIntegersOfPython2) {
  const std::string dictionary =
      "{\"descr\": \"|u1\", \"shape\": (3L,), \"fortran_order\": False}\n";
  std::string file("\x93NUMPY\x02\x00", 8);
  file += static_cast<char>(dictionary.size());
  file += std::string(3, '\0');
  const auto t = ParseNpy(absl::StrCat(file, dictionary, "abc"));
  ASSERT_THAT(t, IsOk());
  EXPECT_THAT(t->flat<uint8_t>(), ElementsAre('a', 'b', 'c'));
}

TEST(NpyTest, RefusesWhatIsNoArrayOfNumbersOrStrings) {
  for (const char* descr : {"|O", "|V8", "<M8[ns]", "<f3", "<f16", "x", ""}) {
    EXPECT_THAT(ParseNpy(File(Dictionary(descr, "(1,)"), "12345678")),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << descr;
  }
  EXPECT_THAT(ParseNpy("PK"), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("not a .npy file")));
  EXPECT_THAT(ParseNpy(File("{'descr': '<f4'}", "1234")),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("key is missing")));
  EXPECT_THAT(ParseNpy(File("{'descr': [('x', '<f4')]}", "1234")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NpyTest, SizesMustFitBeforeMemoryIsTaken) {
  EXPECT_THAT(ParseNpy(File(Dictionary("<f4", "(2,)"), "1234")),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("need 8")));
  EXPECT_THAT(ParseNpy(File(Dictionary("<f4", "(1,)"), "12345678")),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ParseNpy(File(Dictionary("<f4", "(70368744177664,)"), "1")),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(ParseNpy(File(Dictionary("<f4", "(4611686018427387904,)"), "1")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseNpy(File(Dictionary("|S0", "(1000000000000,)"), "")),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(ParseNpy(File(Dictionary("<f4", "(99999999999999999999,)"), "1")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NpyTest, EveryPrefixOfAFileIsAnError) {
  const auto file = SerializeNpy(Tensor::Of<int32_t>({1, 2, 3}));
  ASSERT_THAT(file, IsOk());
  for (size_t n = 0; n < file->size(); ++n) {
    EXPECT_FALSE(ParseNpy(absl::string_view(*file).substr(0, n)).ok()) << n;
  }
}

TEST(NpyTest, RefusesToLoseAZeroByte) {
  EXPECT_THAT(SerializeNpy(Tensor::Scalar(std::string("a\0", 2))),
              StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(SerializeNpy(Tensor(kBfloat16, {1})),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("NumPy has no type bfloat16")));
}

}  // namespace
}  // namespace trellis
