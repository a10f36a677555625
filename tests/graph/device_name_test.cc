#include "trellis/graph/device_name.h"

#include <string>

#include "gtest/gtest.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

std::string Canonical(absl::string_view text) {
  const auto name = DeviceName::Parse(text);
  return name.ok() ? name->ToString() : "error";
}

TEST(DeviceNameTest, FormsAreMadeCanonical) {  // R1.53, R1.54
  EXPECT_EQ(Canonical("/cpu:0"), "/device:CPU:0");
  EXPECT_EQ(Canonical("/Gpu:1"), "/device:GPU:1");
  EXPECT_EQ(Canonical("/gpu"), "/device:GPU:*");
  EXPECT_EQ(Canonical("cpu:0"), "/device:CPU:0");
  EXPECT_EQ(Canonical("//cpu:0"), "/device:CPU:0");
  EXPECT_EQ(Canonical("/device:cpu:0"), "/device:CPU:0");
  EXPECT_EQ(Canonical("/device:Gpu:1"), "/device:Gpu:1");
  EXPECT_EQ(Canonical("/device:GPU:*"), "/device:GPU:*");
  EXPECT_EQ(Canonical("/task:3/job:q"), "/job:q/task:3");
  EXPECT_EQ(Canonical("/job:a/replica:1/task:2/device:TPU:3"),
            "/job:a/replica:1/task:2/device:TPU:3");
  EXPECT_EQ(Canonical(""), "");
}

TEST(DeviceNameTest, ErrorsNameThePart) {
  const auto refuses = [](absl::string_view text, absl::string_view part) {
    EXPECT_THAT(DeviceName::Parse(text),
                StatusIs(absl::StatusCode::kInvalidArgument,
                         HasSubstr(std::string(part))));
  };
  refuses("/cpu:0/gpu:0", "gpu:0");
  refuses("/foo:1", "foo:1");
  refuses("/cpu:x", "\"x\"");
  refuses("/device:CPU", "device:CPU");
  refuses("/task:-1", "-1");
}

TEST(DeviceNameTest, InnerFieldsWin) {  // E1.8: the index is inherited
  DeviceName inner = *DeviceName::Parse("/cpu");
  inner.FillFrom(*DeviceName::Parse("/job:ps/gpu:3"));
  EXPECT_EQ(inner.ToString(), "/job:ps/device:CPU:3");
}

TEST(DeviceNameTest, CompatibleUnlessAFieldDiffers) {
  const DeviceName gpu = *DeviceName::Parse("/gpu:0");
  EXPECT_TRUE(gpu.CompatibleWith(*DeviceName::Parse("/job:a")));
  EXPECT_TRUE(gpu.CompatibleWith(*DeviceName::Parse("/gpu")));
  EXPECT_FALSE(gpu.CompatibleWith(*DeviceName::Parse("/gpu:1")));
}

}  // namespace
}  // namespace trellis
