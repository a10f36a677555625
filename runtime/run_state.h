// What one run needs besides its plan: addresses, memory, streams. Leased from
// the plan's free list, so that N concurrent runs have N of them and the steady
// state allocates nothing. Used by one thread at a time.
#ifndef TRELLIS_RUNTIME_RUN_STATE_H_
#define TRELLIS_RUNTIME_RUN_STATE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/kernel/stream.h"
#include "trellis/runtime/kernel/variable_state.h"
#include "trellis/runtime/plan.h"
#include "trellis/runtime/prepared_node.h"

namespace trellis {

// The kernels that one dynamic step has prepared, most recent first.
struct DynamicCache {
  struct Entry {
    std::vector<Shape> shapes;   // of the inputs
    std::vector<Tensor> values;  // of the inputs that were looked at
    PreparedNode prepared;
  };
  std::vector<std::unique_ptr<Entry>> entries;
  std::shared_ptr<Buffer> scratch;  // enough for any of them
};

class RunState {
 public:
  // `variables` by index of the program's table; they outlive the state.
  RunState(const Plan& plan, absl::Span<VariableState* const> variables);

  const Plan& plan() const { return plan_; }
  RunTables tables() {
    return {data_.data(), variables_.data(), owned_.data()};
  }

  // By index of Plan::bases.
  std::vector<char*>& data() { return data_; }
  std::vector<VariableState*>& variables() { return variables_; }
  std::vector<Tensor>& owned() { return owned_; }
  // By index of Plan::stream_devices.
  std::vector<std::unique_ptr<Stream>>& streams() { return streams_; }
  // Points that copy steps recorded and wait steps wait for.
  std::vector<uint64_t>& points() { return points_; }
  // By DynamicStep::index.
  std::vector<DynamicCache>& caches() { return caches_; }

  // The feeds of the run in progress.
  absl::Span<const Tensor> feeds;

 private:
  const Plan& plan_;
  std::vector<char*> data_;
  std::vector<VariableState*> variables_;
  std::vector<Tensor> owned_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<uint64_t> points_;
  std::vector<DynamicCache> caches_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_RUN_STATE_H_
