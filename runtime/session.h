// A session compiles what is asked of it, runs it, and keeps the variables.
//
//   TRELLIS_ASSIGN_OR_RETURN(auto session, NewSession(graph, {.threads = 2}));
//   TRELLIS_RETURN_IF_ERROR(session->Run(init));
//   TRELLIS_ASSIGN_OR_RETURN(auto r, session->Run({{x, images}}, {loss, acc},
//                                                 {train}));
//
// Thread-safe: any number of threads may call Run at once. Runs that write a
// variable exclude others that touch it; all else is concurrent. The graph must
// outlive the session; nodes added to it later are seen by later runs (and a
// graph that keeps growing between runs is warned of, once), nodes that were
// there when a session compiled can no longer be changed.
#ifndef TRELLIS_RUNTIME_SESSION_H_
#define TRELLIS_RUNTIME_SESSION_H_

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "trellis/base/name.h"
#include "trellis/base/team.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/tensor.h"
#include "trellis/runtime/device.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/resource_store.h"

namespace trellis {

struct Plan;
struct Program;
class CompiledSignature;

// A tensor or node of the graph, or its name ("conv1/Relu:0", "train").
struct TensorRef {
  TensorRef(Output output) : output(output) {}
  TensorRef(Name name) : name(name.str()) {}
  TensorRef(const char* name) : name(name) {}
  TensorRef(const std::string& name) : name(name) {}

  Output output;
  std::string name;
};

struct TargetRef {
  TargetRef(Node* node) : node(node) {}
  TargetRef(Output output) : node(output.node) {}
  TargetRef(Name name) : name(name.str()) {}
  TargetRef(const char* name) : name(name) {}
  TargetRef(const std::string& name) : name(name) {}

  Node* node = nullptr;
  std::string name;
};

using Feeds = std::vector<std::pair<TensorRef, Tensor>>;
using Fetches = std::vector<TensorRef>;
using Targets = std::vector<TargetRef>;

struct SessionOptions {
  // Threads that compute, the caller's included; 0: the caller's alone and none
  // is made; -1: one per processor.
  int threads = -1;
  // Shared by several sessions; overrides `threads`.
  std::shared_ptr<Team> team = nullptr;
  // Devices by type, at most: {{"CPU", 2}, {"GPU", 1}}. What is not named: one
  // CPU, and no GPU but those of `gpu.visible`: a session uses GPUs when it is
  // told to, as long as only some ops have kernels for them.
  std::map<std::string, int> device_count = {};
  // Which GPUs, and how much of their memory.
  GpuOptions gpu = {};
  // Where a device request cannot be met, take another device (R5.16).
  bool allow_soft_placement = false;
  // Log one line per placed node (R5.22), through base/log.h.
  bool log_device_placement = false;
  // Fold constants, merge duplicates, compute in place. Off: for comparison.
  bool optimize = true;
  // Decide shapes, offsets and kernels once per shape. Off: every step decides
  // anew; the reference in tests.
  bool plan = true;
  // Variables (keys) that runs may write while others touch them: what a run or
  // a snapshot sees of them then is a mixture of updates, and updates get lost.
  // Their first values and restores still come alone. No effect on variables of
  // strings or of a shape that is not fixed, and for runs that change the
  // shape.
  std::vector<std::string> hogwild = {};
};

struct RunOptions {
  // >= 0; 0: none. Past it the run stops with DeadlineExceeded, also while it
  // waits for a variable; the session stays usable, and updates that were made
  // stay made (R4.25, R4.39).
  int64_t timeout_ms = 0;
  // Set by another thread to stop the run with Cancelled.
  const std::atomic<bool>* cancelled = nullptr;
};

struct PrepareOptions {
  // Runs of the signature that will be in progress at once, in as many threads;
  // each gets its memory now. >= 1.
  int concurrent_runs = 1;
};

// What one step of a profiled run was and took.
struct StepProfile {
  std::string op;
  std::string node;
  std::string device;
  int64_t nanoseconds = 0;
};

// A signature compiled once, to be run often: no look-ups, and with results
// that are reused no allocations, but when more runs are in progress at once
// than ever before: see Session::Prepare. Thread-safe. The session must outlive
// it.
class Callable {
 public:
  Callable() = default;

  // Feeds in the order of the signature. `results` gets one tensor per fetch; a
  // tensor that is already there is written again if nothing else shares it and
  // dtype and shape fit.
  absl::Status Run(absl::Span<const Tensor> feeds, std::vector<Tensor>* results,
                   const RunOptions& options = {}) const;

 private:
  friend class Session;
  std::shared_ptr<CompiledSignature> signature_;
};

class Session {
 public:
  // What a program has linked in. All outlive the session.
  struct Registries {
    const KernelRegistry& kernels;
    const DeviceRegistry& devices;
  };

  // The graph's error, if it has one; NotFound without a CPU device.
  static absl::StatusOr<std::unique_ptr<Session>> Make(
      Graph& graph, const Registries& registries, SessionOptions options = {});
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Results in the order of the fetches. InvalidArgument for feeds that do not
  // fit, placeholders that are not fed and negative timeouts, NotFound for
  // names, FailedPrecondition for variables without a value (all of them, with
  // their initializers); a kernel's error with its node.
  absl::StatusOr<std::vector<Tensor>> Run(const Feeds& feeds,
                                          const Fetches& fetches,
                                          const Targets& targets = {},
                                          const RunOptions& options = {}) const;
  absl::Status Run(const Feeds& feeds, const Fetches& fetches,
                   const Targets& targets, const RunOptions& options,
                   std::vector<Tensor>* results) const;
  // One fetch, one tensor.
  absl::StatusOr<Tensor> Run(const Feeds& feeds, Output fetch,
                             const Targets& targets = {},
                             const RunOptions& options = {}) const;
  absl::StatusOr<Tensor> Run(Output fetch) const { return Run({}, fetch); }
  // Targets only.
  absl::Status Run(const Feeds& feeds, Node* target,
                   const RunOptions& options = {}) const;
  absl::Status Run(Node* target) const { return Run({}, target); }

  absl::StatusOr<Callable> MakeCallable(const std::vector<TensorRef>& feeds,
                                        const Fetches& fetches,
                                        const Targets& targets = {}) const;
  // Compiles, plans and takes memory for these feed shapes, so that the first
  // run is like any other. A callable of this signature, in
  // `options.concurrent_runs` threads at once, then allocates nothing but the
  // results that it cannot reuse, as long as the plan has no dynamic step and
  // neither Trim nor runs of other signatures take the memory away.
  // InvalidArgument for concurrent_runs < 1 and for shapes that are not fully
  // known or do not fit; else as Run.
  absl::Status Prepare(const std::vector<std::pair<TensorRef, Shape>>& feeds,
                       const Fetches& fetches, const Targets& targets = {},
                       const PrepareOptions& options = {}) const;

  // One run with a clock read around each step; results are dropped.
  absl::StatusOr<std::vector<StepProfile>> Profile(
      const Feeds& feeds, const Fetches& fetches,
      const Targets& targets = {}) const;

  // The plan for these feed shapes, as text. Errors as Prepare.
  absl::StatusOr<std::string> DescribePlan(
      const std::vector<std::pair<TensorRef, Shape>>& feeds,
      const Fetches& fetches, const Targets& targets = {}) const;
  // Where the nodes that the signature needs are, and why: a line each.
  absl::StatusOr<std::string> DescribePlacement(
      const std::vector<TensorRef>& feeds, const Fetches& fetches,
      const Targets& targets = {}) const;

  struct Report {
    int signatures = 0;      // that are kept; kMaxSignatures at most
    int plans = 0;           // for exact shapes
    int dynamic_plans = 0;   // for signatures with more than kMaxPlans shapes
    size_t arena_bytes = 0;  // free blocks of all devices
  };
  Report report() const;
  // Gives memory that no run uses back.
  void Trim();

  Graph& graph() const { return graph_; }
  ResourceStore& resources() const { return *resources_; }
  const DeviceSet& devices() const { return devices_; }

  // A signature with more shapes than this runs them with its dynamic plan.
  static constexpr int kMaxPlans = 8;
  // Of more signatures those used last are kept, and those of callables.
  static constexpr int kMaxSignatures = 256;

 private:
  friend class Callable;
  friend class CompiledSignature;

  Session(Graph& graph, const Registries& registries, SessionOptions options,
          DeviceSet devices);

  absl::StatusOr<Output> Resolve(const TensorRef& ref) const;
  absl::StatusOr<std::shared_ptr<CompiledSignature>> FindOrCompile(
      const std::vector<TensorRef>& feeds, const Fetches& fetches,
      const Targets& targets) const;

  Graph& graph_;
  const Registries registries_;
  const SessionOptions options_;
  DeviceSet devices_;
  std::shared_ptr<Team> team_;
  std::unique_ptr<OpRegistry> ops_;  // the graph's and the compiler's own
  std::unique_ptr<ResourceStore> resources_;
  struct Cache;
  std::unique_ptr<Cache> cache_;
};

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_SESSION_H_
