#include "trellis/io/npz.h"

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/io/zip.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

// What NumPy 1.18 wrote: feeds.npz stored, expected.npz deflated.
constexpr absl::string_view kGoldens =
    "tests/golden/training/ref_float32_adam/";

absl::StatusOr<std::string> Golden(absl::string_view name) {
  return ReadWholeFile(PosixFileSystem::Get(), absl::StrCat(kGoldens, name));
}

TEST(NpzTest, ReadsStoredAndDeflatedMembers) {
  const auto stored = Golden("feeds.npz");
  ASSERT_THAT(stored, IsOk());
  const auto feeds = ParseNpz(*stored);
  ASSERT_THAT(feeds, IsOk());
  ASSERT_EQ(feeds->size(), 2u);
  EXPECT_EQ(feeds->at("x").dtype(), kFloat32);
  EXPECT_EQ(feeds->at("x").shape(), Shape({160, 20}));
  EXPECT_EQ(feeds->at("labels").dtype(), kInt64);

  const auto deflated = Golden("expected.npz");
  ASSERT_THAT(deflated, IsOk());
  const auto expected = ParseNpz(*deflated);
  ASSERT_THAT(expected, IsOk());
  EXPECT_EQ(expected->at("loss").shape(), Shape({10}));
  EXPECT_EQ(expected->at("step0/beta1_power").scalar<float>(), 0.9f);
}

TEST(NpzTest, WhatIsWrittenComesBack) {
  const NamedArrays arrays = {{"fc1/weights", Tensor::Of<float>({1, 2})},
                              {"names", Tensor::Of<std::string>({"a", "bc"})},
                              {"step", Tensor::Scalar(int64_t{3})}};
  const auto file = SerializeNpz(arrays);
  ASSERT_THAT(file, IsOk());
  const auto again = ParseNpz(*file);
  ASSERT_THAT(again, IsOk());
  ASSERT_EQ(again->size(), arrays.size());
  for (const auto& [name, tensor] : arrays) {
    EXPECT_TRUE(again->at(name).SameAs(tensor)) << name;
  }
}

TEST(NpzTest, AnyChangedByteOfAMemberIsNoticed) {
  const auto file = SerializeNpz({{"a", Tensor::Of<float>({1, 2})}});
  ASSERT_THAT(file, IsOk());
  const size_t begin = file->find("\x93NUMPY"), end = file->rfind("PK\x01\x02");
  ASSERT_LT(begin, end);
  for (size_t at = begin; at < end; ++at) {
    std::string damaged = *file;
    damaged[at] ^= 0x10;
    EXPECT_THAT(ParseNpz(damaged),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checksum")))
        << at;
  }
}

TEST(NpzTest, EveryPrefixOfAnArchiveIsAnError) {
  const auto file = SerializeNpz({{"a", Tensor::Of<float>({1, 2})}});
  ASSERT_THAT(file, IsOk());
  for (size_t n = 0; n < file->size(); ++n) {
    EXPECT_FALSE(ParseNpz(absl::string_view(*file).substr(0, n)).ok()) << n;
  }
}

TEST(NpzTest, MembersAreArraysWithNamesOfTheirOwn) {
  auto zip = SerializeZip({ZipMember{"readme.txt", "x"}});
  ASSERT_THAT(zip, IsOk());
  EXPECT_THAT(ParseNpz(*zip), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("readme.txt")));
  zip = SerializeZip({ZipMember{"a.npy", "x"}});
  ASSERT_THAT(zip, IsOk());
  EXPECT_THAT(ParseNpz(*zip), StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("a.npy: not a .npy file")));
}

TEST(ZipTest, AMemberThatClaimsMoreThanItCanHoldIsDamage) {
  auto zip = SerializeZip({ZipMember{"a", "0123456789"}});
  ASSERT_THAT(zip, IsOk());
  const size_t central = zip->rfind("PK\x01\x02");
  (*zip)[central + 10] = 8;     // deflated
  (*zip)[central + 27] = 0x70;  // to 1.8 GB
  EXPECT_THAT(ParseZip(*zip), StatusIs(absl::StatusCode::kDataLoss,
                                       HasSubstr("larger than it can be")));
}

TEST(ZipTest, FindsTheEndBeforeAComment) {
  auto zip = SerializeZip({ZipMember{"a", "0123456789"}});
  ASSERT_THAT(zip, IsOk());
  (*zip)[zip->size() - 2] = 5;
  zip->append("notes");
  const auto members = ParseZip(*zip);
  ASSERT_THAT(members, IsOk());
  EXPECT_EQ(members->at(0).data, "0123456789");
}

}  // namespace
}  // namespace trellis
