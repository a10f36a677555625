#include "trellis/base/status_macros.h"

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gtest/gtest.h"

namespace trellis {
namespace {

absl::Status Twice(const absl::Status& first, const absl::Status& second) {
  TRELLIS_RETURN_IF_ERROR(first);
  TRELLIS_RETURN_IF_ERROR(second);
  return absl::OkStatus();
}

TEST(StatusMacrosTest, ReturnsTheFirstError) {
  const absl::Status a = absl::NotFoundError("a");
  const absl::Status b = absl::DataLossError("b");
  EXPECT_TRUE(Twice(absl::OkStatus(), absl::OkStatus()).ok());
  EXPECT_EQ(Twice(a, b), a);
  EXPECT_EQ(Twice(absl::OkStatus(), b), b);
}

absl::StatusOr<int> Sum(absl::StatusOr<int> a, absl::StatusOr<int> b) {
  TRELLIS_ASSIGN_OR_RETURN(int sum, a);
  TRELLIS_ASSIGN_OR_RETURN(const int more, b);
  sum += more;
  return sum;
}

TEST(StatusMacrosTest, AssignsValuesAndReturnsErrors) {
  const absl::Status error = absl::NotFoundError("a");
  EXPECT_EQ(*Sum(1, 2), 3);
  EXPECT_EQ(Sum(error, 2).status(), error);
  EXPECT_EQ(Sum(1, error).status(), error);
}

absl::StatusOr<int> Unwrap(absl::StatusOr<std::unique_ptr<int>> in) {
  TRELLIS_ASSIGN_OR_RETURN(const std::unique_ptr<int> out, std::move(in));
  return *out;
}

TEST(StatusMacrosTest, MovesWhatCannotBeCopied) {
  EXPECT_EQ(*Unwrap(std::make_unique<int>(7)), 7);
}

}  // namespace
}  // namespace trellis
