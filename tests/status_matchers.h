// Matchers for absl::Status and absl::StatusOr:
//
//   EXPECT_THAT(file->Close(), IsOk());
//   EXPECT_THAT(Parse("7"), IsOkAndHolds(7));
//   EXPECT_THAT(Parse("x"), StatusIs(absl::StatusCode::kInvalidArgument,
//                                    HasSubstr("\"x\"")));
#ifndef TRELLIS_TESTS_STATUS_MATCHERS_H_
#define TRELLIS_TESTS_STATUS_MATCHERS_H_

#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace trellis::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

MATCHER(IsOk, negation ? "is an error" : "is OK") {
  const absl::Status& status = StatusOf(arg);
  if (!status.ok()) *result_listener << status;
  return status.ok();
}

MATCHER_P(IsOkAndHolds, value_matcher, "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << arg.status();
    return false;
  }
  using Value = typename std::decay_t<decltype(arg)>::value_type;
  return ::testing::ExplainMatchResult(
      ::testing::SafeMatcherCast<const Value&>(value_matcher), *arg,
      result_listener);
}

MATCHER_P2(StatusIs, code, message_matcher, "is that error") {
  const absl::Status& status = StatusOf(arg);
  *result_listener << status;
  return status.code() == code &&
         ::testing::ExplainMatchResult(
             message_matcher, std::string(status.message()), result_listener);
}

inline auto StatusIs(absl::StatusCode code) {
  return StatusIs(code, ::testing::_);
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_STATUS_MATCHERS_H_
