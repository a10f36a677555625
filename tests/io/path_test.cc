#include "trellis/io/path.h"

#include <optional>

#include "gtest/gtest.h"

namespace trellis {
namespace {

TEST(PathTest, JoinPath) {
  EXPECT_EQ(JoinPath("a", "b"), "a/b");
  EXPECT_EQ(JoinPath("a/", "b"), "a/b");
  EXPECT_EQ(JoinPath("/", "b"), "/b");
  EXPECT_EQ(JoinPath("", "b"), "b");
  EXPECT_EQ(JoinPath("a", ""), "a");
  EXPECT_EQ(JoinPath("a", "/b"), "/b");
}

TEST(PathTest, DirName) {
  EXPECT_EQ(DirName("a/b"), "a");
  EXPECT_EQ(DirName("a/b/c"), "a/b");
  EXPECT_EQ(DirName("a//b"), "a");
  EXPECT_EQ(DirName("a/"), ".");
  EXPECT_EQ(DirName("b"), ".");
  EXPECT_EQ(DirName("."), ".");
  EXPECT_EQ(DirName(""), ".");
  EXPECT_EQ(DirName("/b"), "/");
  EXPECT_EQ(DirName("/b/"), "/");
  EXPECT_EQ(DirName("/"), "/");
}

TEST(PathTest, BaseName) {
  EXPECT_EQ(BaseName("a/b"), "b");
  EXPECT_EQ(BaseName("b"), "b");
  EXPECT_EQ(BaseName("a/"), "");
}

TEST(PathTest, RelativePath) {
  EXPECT_EQ(RelativePath("a/b/c", "a/b"), "c");
  EXPECT_EQ(RelativePath("a/c", "a/b"), "../c");
  EXPECT_EQ(RelativePath("/a/b", "/a"), "b");
  EXPECT_EQ(RelativePath("/a/b", "/"), "a/b");
  EXPECT_EQ(RelativePath("./a//b/", "a/x/.."), "b");
  EXPECT_EQ(RelativePath("m", "."), "m");
  EXPECT_EQ(RelativePath("m", ""), "m");
  EXPECT_EQ(RelativePath("a", "a"), ".");
  EXPECT_EQ(RelativePath("../a/b", "../a"), "b");
  EXPECT_EQ(RelativePath("/../a", "/"), "a");
  EXPECT_EQ(RelativePath("a", "../b"), std::nullopt);
}

TEST(PathTest, IsAbsolutePath) {
  EXPECT_TRUE(IsAbsolutePath("/a"));
  EXPECT_FALSE(IsAbsolutePath("a"));
  EXPECT_FALSE(IsAbsolutePath(""));
}

}  // namespace
}  // namespace trellis
