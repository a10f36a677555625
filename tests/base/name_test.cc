#include "trellis/base/name.h"

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

std::string Echo(Name name) { return name.str(); }

TEST(NameTest, TakesEveryKindOfString) {
  EXPECT_EQ(Echo("conv1/Relu"), "conv1/Relu");
  EXPECT_EQ(Echo(std::string("conv1/Relu")), "conv1/Relu");
  EXPECT_EQ(Echo(std::string_view("conv1/Relu")), "conv1/Relu");
  EXPECT_EQ(Echo(absl::string_view("conv1/Relu")), "conv1/Relu");
  EXPECT_EQ(Echo(Name()), "");
}

TEST(NameTest, IsReadAsAViewOrAString) {
  const Name name("x:0");
  const absl::string_view view = name;
  EXPECT_EQ(view, "x:0");
  EXPECT_EQ(name.view(), "x:0");
  EXPECT_EQ(std::string(name), "x:0");
  EXPECT_EQ(absl::StrCat("^", name.view()), "^x:0");
  EXPECT_FALSE(name.empty());
  EXPECT_TRUE(Name("").empty());
}

TEST(NameTest, BorrowsItsCharacters) {
  const std::string owner = "a name longer than a string holds in itself";
  EXPECT_EQ(Name(owner).view().data(), owner.data());
}

TEST(NameTest, KeepsZeroBytes) {
  EXPECT_EQ(Name(absl::string_view("a\0b", 3)).view().size(), 3);
}

TEST(NameTest, NullIsNotAName) {
  EXPECT_FALSE((std::is_convertible_v<std::nullptr_t, Name>));
  EXPECT_FALSE((std::is_convertible_v<int, Name>));
}

}  // namespace
}  // namespace trellis
