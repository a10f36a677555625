#include "trellis/tests/runtime/stateful_session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "trellis/tests/graph_text.h"
#include "trellis/tests/op_testing.h"
#include "trellis/tests/status_matchers.h"

namespace trellis::testing {

StatefulSession::StatefulSession(absl::string_view graph_text)
    : graph_(std::make_unique<Graph>(AllOps())) {
  EXPECT_THAT(AddNodes(*graph_, graph_text), IsOk());
  MakeSession(*graph_);
}

StatefulSession::StatefulSession(Graph& graph) { MakeSession(graph); }

void StatefulSession::MakeSession(Graph& graph) {
  RegisterCpuDevices(devices_);
  auto made = Session::Make(graph, {kernels_, devices_}, {.threads = 0});
  EXPECT_THAT(made, IsOk());
  session_ = *std::move(made);
}

void StatefulSession::Set(const std::map<std::string, std::string>& values) {
  StoredValues parsed;
  for (const auto& [key, text] : values) {
    const absl::StatusOr<Tensor> tensor = ParseTensor(text);
    ASSERT_THAT(tensor, IsOk());
    parsed[key] = *tensor;
  }
  EXPECT_THAT(session_->resources().Replace(std::move(parsed)), IsOk());
}

std::map<std::string, std::string> StatefulSession::Get() const {
  const absl::StatusOr<StoredValues> values =
      session_->resources().Snapshot([](absl::string_view) { return true; });
  EXPECT_THAT(values, IsOk());
  std::map<std::string, std::string> texts;
  for (const auto& [key, value] : *values) {
    texts[key] =
        absl::StrReplaceAll(value.ToString(1 << 20), {{": ", ":"}, {" ", ","}});
  }
  return texts;
}

}  // namespace trellis::testing
