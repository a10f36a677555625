// A signature inside a session: its Program, and its Plans by feed shapes.
#ifndef TRELLIS_RUNTIME_COMPILED_SIGNATURE_H_
#define TRELLIS_RUNTIME_COMPILED_SIGNATURE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/base/mutex.h"
#include "trellis/runtime/arena_pool.h"
#include "trellis/runtime/executor.h"
#include "trellis/runtime/graph_growth.h"
#include "trellis/runtime/plan.h"
#include "trellis/runtime/program.h"
#include "trellis/runtime/resource_store.h"
#include "trellis/runtime/session.h"
#include "trellis/runtime/signature_cache.h"

namespace trellis {

// A plan that a session can run: with its resources, and run states to lease.
// Thread-safe.
class RunnablePlan {
 public:
  RunnablePlan(std::unique_ptr<Plan> plan,
               const std::vector<Resource*>& resources,
               const std::vector<std::string>& hogwild);

  const Plan& plan() const { return *plan_; }

  // Makes what this many runs at once need besides the plan: run states, and
  // blocks in the pools. `pools` by device.
  absl::Status Reserve(int runs,
                       absl::Span<const std::unique_ptr<ArenaPool>> pools);

  // One run. `pools` by device.
  absl::Status Run(absl::Span<const Tensor> feeds, std::vector<Tensor>* results,
                   absl::Span<const std::unique_ptr<ArenaPool>> pools,
                   Team& team, const ExecuteOptions& options);

 private:
  struct Entry {
    Resource* resource;
    bool exclusive;
    bool needs_value;
    // Written under shared admission, once it has a value.
    bool hogwild;

    bool Exclusive(bool as_hogwild) const {
      return exclusive && !(as_hogwild && hogwild);
    }
  };
  struct BaseOf {
    uint32_t base;
    int index;
  };

  std::unique_ptr<RunState> Lease();
  void Return(std::unique_ptr<RunState> state);
  // Can runs of this plan write the variable beside others that touch it: is
  // its buffer, once there, the same for good?
  bool KeepsItsMemory(int variable) const;
  // Admission to all variables, or, with an error, to none. Is it shared where
  // hogwild variables are written? Not before all of them have a value: the
  // first is given alone.
  absl::StatusOr<bool> Enter(const ExecuteOptions& options) const;
  absl::Status EnterAs(bool hogwild, const ExecuteOptions& options) const;
  static void Leave(absl::Span<const Entry> entries, bool hogwild);
  // Whom the run needs and who has no value. REQUIRES: admitted.
  std::vector<const Resource*> Uninitialized() const;
  // Takes the lock of the user's graph.
  absl::Status UninitializedError(
      absl::Span<const Resource* const> missing) const;
  absl::Status AllocateVariables() const;
  absl::Status AdmitAndRun(RunState& state, absl::Span<const Tensor> feeds,
                           std::vector<Tensor>* results, Team& team,
                           const ExecuteOptions& options);
  absl::Status RunAdmitted(RunState& state, absl::Span<const Tensor> feeds,
                           std::vector<Tensor>* results, Team& team,
                           const ExecuteOptions& options);
  absl::Status BindResults(RunState& state, std::vector<Tensor>* results) const;
  void TakeOwnedResults(RunState& state, std::vector<Tensor>* results) const;

  const std::unique_ptr<Plan> plan_;
  std::vector<VariableState*> variable_states_;  // by program variable
  std::vector<Entry> entries_;                   // by resource id
  // Bases to fill in for each run.
  std::vector<BaseOf> arenas_, variables_, feeds_, fetches_;
  std::vector<Resource*> resources_;  // by program variable
  bool has_owned_ = false;
  bool has_hogwild_ = false;
  Mutex mutex_;
  // Guarded by mutex_. There is room in free_ for all run states.
  int num_states_ = 0;
  std::vector<std::unique_ptr<RunState>> free_;
};

class CompiledSignature {
 public:
  // Freezes the graph's nodes; holds its lock only while it copies what it
  // needs. REQUIRES: nobody else calls it for this session.
  static absl::StatusOr<std::unique_ptr<CompiledSignature>> Make(
      const Session& session, const RunSignature& signature);

  const Program& program() const { return *program_; }

  // Checks dtypes and shapes of the feeds against the graph.
  absl::Status CheckFeeds(absl::Span<const Tensor> feeds) const;
  // The plan for these feed shapes, made if need be; past kMaxPlans shapes the
  // dynamic plan. InvalidArgument for shapes that no feed can have.
  absl::StatusOr<RunnablePlan*> FindPlan(absl::Span<const Tensor> feeds);
  absl::StatusOr<RunnablePlan*> FindPlan(absl::Span<const Shape> shapes);

  absl::Status Run(absl::Span<const Tensor> feeds, std::vector<Tensor>* results,
                   const RunOptions& options, std::vector<StepTime>* times);
  // Makes the plan for these feed shapes and what that many runs of it need.
  absl::Status Prepare(absl::Span<const Shape> shapes, int concurrent_runs);

  int num_plans() const;
  bool has_dynamic_plan() const;

 private:
  explicit CompiledSignature(const Session& session) : session_(session) {}
  // One shape per feed, fully known, that the graph allows.
  absl::Status CheckShapes(absl::Span<const Shape> shapes) const;
  absl::StatusOr<std::unique_ptr<RunnablePlan>> NewPlan(
      absl::Span<const Shape> shapes) const;

  const Session& session_;
  std::unique_ptr<Program> program_;
  std::vector<Resource*> resources_;  // by program variable
  mutable Mutex mutex_;
  std::vector<std::unique_ptr<RunnablePlan>> plans_;  // guarded by mutex_
  std::unique_ptr<RunnablePlan> dynamic_plan_;        // guarded by mutex_
};

struct Session::Cache {
  // By device: the memory of runs.
  std::vector<std::unique_ptr<ArenaPool>> pools;
  SignatureCache signatures{kMaxSignatures};
  Mutex compiling;  // held by who compiles
  GraphGrowth growth;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILED_SIGNATURE_H_
