#include "trellis/data/gzip_source.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "trellis/tests/data/gzip.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<uint8_t>;

// Everything in `bytes`, read `piece` bytes at a time.
absl::StatusOr<Bytes> ReadAll(const Bytes& bytes, size_t piece) {
  GzipSource source(bytes);
  Bytes all;
  while (true) {
    Bytes to(piece);
    const absl::StatusOr<size_t> count = source.Read(absl::MakeSpan(to));
    if (!count.ok()) return count.status();
    all.insert(all.end(), to.begin(), to.begin() + *count);
    if (*count < piece) return all;
  }
}

// Compresses a little, so that damage can hit every part of the format.
Bytes SomeBytes() {
  Bytes bytes(1000);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = i * i / 100;
  return bytes;
}

Bytes Concat(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(GzipSourceTest, ReadsTheSamePlainAndCompressedInAnyPieces) {
  const Bytes bytes = SomeBytes();
  for (const size_t piece : {1, 7, 500, 1000, 4096}) {
    for (const Bytes& file : {bytes, Gzip(bytes)}) {
      const absl::StatusOr<Bytes> all = ReadAll(file, piece);
      ASSERT_TRUE(all.ok()) << all.status();
      EXPECT_EQ(*all, bytes);
    }
  }
}

TEST(GzipSourceTest, NothingIsNothing) {
  for (const Bytes& file : {Bytes(), Gzip({})}) {
    const absl::StatusOr<Bytes> all = ReadAll(file, 10);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_TRUE(all->empty());
  }
}

TEST(GzipSourceTest, MembersFollowEachOther) {
  const Bytes a = SomeBytes(), b = {1, 2, 3};
  const absl::StatusOr<Bytes> all =
      ReadAll(Concat(Concat(Gzip(a), Gzip({})), Gzip(b)), 64);
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(*all, Concat(a, b));
}

TEST(GzipSourceTest, WhatFollowsMustBeAMember) {
  const absl::StatusOr<Bytes> all =
      ReadAll(Concat(Gzip(SomeBytes()), {0x1f, 0, 0}), 64);
  EXPECT_EQ(all.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(all.status().message()),
              HasSubstr("3 bytes follow the gzip stream"));
}

TEST(GzipSourceTest, EveryCutIsFound) {
  const Bytes gzip = Gzip(SomeBytes());
  for (size_t size = 2; size < gzip.size(); ++size) {
    const absl::StatusOr<Bytes> all =
        ReadAll(Bytes(gzip.begin(), gzip.begin() + size), 64);
    EXPECT_EQ(all.status().code(), absl::StatusCode::kDataLoss) << size;
    EXPECT_THAT(std::string(all.status().message()), HasSubstr("cut short"));
  }
}

// A damaged bit may sit where the format carries no data (time, system), but it
// never changes what is read.
TEST(GzipSourceTest, NoDamagedBitChangesTheBytes) {
  const Bytes bytes = SomeBytes(), gzip = Gzip(bytes);
  int found = 0;
  for (size_t bit = 16; bit < 8 * gzip.size(); ++bit) {
    Bytes damaged = gzip;
    damaged[bit / 8] ^= 1 << bit % 8;
    const absl::StatusOr<Bytes> all = ReadAll(damaged, 64);
    if (all.ok()) {
      EXPECT_EQ(*all, bytes) << bit;
    } else {
      EXPECT_EQ(all.status().code(), absl::StatusCode::kDataLoss);
      ++found;
    }
  }
  EXPECT_GT(found, 8 * (gzip.size() - 10));  // all but some of the header's
}

}  // namespace
}  // namespace trellis
