// A session for tests of what is kept in it: values are set and looked at
// without running anything, so it has no kernels.
#ifndef TRELLIS_TESTS_RUNTIME_STATEFUL_SESSION_H_
#define TRELLIS_TESTS_RUNTIME_STATEFUL_SESSION_H_

#include <map>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "trellis/graph/graph.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/session.h"

namespace trellis::testing {

class StatefulSession {
 public:
  // A graph as AddNodes takes it.
  explicit StatefulSession(absl::string_view graph_text);
  // On a graph that outlives this.
  explicit StatefulSession(Graph& graph);

  // Values by key, as ParseTensor takes them: {{"v", "float32[2]:1,2"}}.
  void Set(const std::map<std::string, std::string>& values);
  // What Set would be given.
  std::map<std::string, std::string> Get() const;

  Graph& graph() { return session_->graph(); }
  Session& session() { return *session_; }
  Device& cpu() { return session_->devices().device(0); }

 private:
  void MakeSession(Graph& graph);

  DeviceRegistry devices_;
  KernelRegistry kernels_;
  std::unique_ptr<Graph> graph_;
  std::unique_ptr<Session> session_;
};

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_RUNTIME_STATEFUL_SESSION_H_
