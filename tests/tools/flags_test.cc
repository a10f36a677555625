#include "trellis/tools/trellis/flags.h"

#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOkAndHolds;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

absl::StatusOr<Flags> Parse(const std::vector<std::string>& args) {
  static const std::vector<FlagSpec>* const specs = new std::vector<FlagSpec>{
      {"feed", "NAME=FILE", ""}, {"steps", "N", ""}, {"init", "", ""}};
  return Flags::Parse(args, *specs);
}

TEST(FlagsTest, TakesValuesInBothForms) {
  const auto flags =
      Parse({"a.pb", "--feed=x=a.npy", "--feed", "y=b.npy", "--init", "b"});
  ASSERT_TRUE(flags.ok()) << flags.status();
  EXPECT_THAT(flags->args(), ElementsAre("a.pb", "b"));
  EXPECT_THAT(flags->All("feed"), ElementsAre("x=a.npy", "y=b.npy"));
  EXPECT_EQ(flags->Get("feed"), "y=b.npy");
  EXPECT_TRUE(flags->Has("init"));
  EXPECT_FALSE(flags->Has("steps"));
}

TEST(FlagsTest, TwoDashesEndTheFlags) {
  const auto flags = Parse({"--", "--init"});
  ASSERT_TRUE(flags.ok());
  EXPECT_THAT(flags->args(), ElementsAre("--init"));
}

TEST(FlagsTest, RefusesWhatIsNoFlag) {
  EXPECT_THAT(
      Parse({"--stepz=3"}),
      StatusIs(kInvalidArgument, "unknown flag --stepz; did you mean steps?"));
  EXPECT_THAT(Parse({"--steps"}),
              StatusIs(kInvalidArgument, "--steps needs a value: N"));
  EXPECT_THAT(Parse({"--init=yes"}),
              StatusIs(kInvalidArgument, "--init takes no value"));
}

TEST(FlagsTest, IntegersAreCheckedWhereTheyAreRead) {
  EXPECT_THAT(Parse({"--steps=3"})->IntOr("steps", 1, 1), IsOkAndHolds(3));
  EXPECT_THAT(Parse({})->IntOr("steps", 1, 1), IsOkAndHolds(1));
  for (const char* bad : {"", "x", "3x", "0", "99999999999999999999"}) {
    EXPECT_THAT(
        Parse({std::string("--steps=") + bad})->IntOr("steps", 1, 1),
        StatusIs(kInvalidArgument, HasSubstr("an integer of at least 1")))
        << bad;
  }
}

}  // namespace
}  // namespace trellis
