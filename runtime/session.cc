#include "trellis/runtime/session.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/compiled_signature.h"

namespace trellis {
namespace {

std::vector<TensorRef> FeedKeys(const Feeds& feeds) {
  std::vector<TensorRef> keys;
  for (const auto& [key, value] : feeds) keys.push_back(key);
  return keys;
}

std::vector<Tensor> FeedValues(const Feeds& feeds) {
  std::vector<Tensor> values;
  for (const auto& [key, value] : feeds) values.push_back(value);
  return values;
}

std::vector<TensorRef> ShapeKeys(
    const std::vector<std::pair<TensorRef, Shape>>& feeds) {
  std::vector<TensorRef> keys;
  for (const auto& [key, shape] : feeds) keys.push_back(key);
  return keys;
}

std::vector<Shape> FeedShapes(
    const std::vector<std::pair<TensorRef, Shape>>& feeds) {
  std::vector<Shape> shapes;
  for (const auto& [key, shape] : feeds) shapes.push_back(shape);
  return shapes;
}

}  // namespace

absl::Status Callable::Run(absl::Span<const Tensor> feeds,
                           std::vector<Tensor>* results,
                           const RunOptions& options) const {
  if (signature_ == nullptr) {
    return absl::FailedPreconditionError(
        "this Callable was not made by Session::MakeCallable");
  }
  return signature_->Run(feeds, results, options, nullptr);
}

absl::StatusOr<std::unique_ptr<Session>> Session::Make(
    Graph& graph, const Registries& registries, SessionOptions options) {
  TRELLIS_RETURN_IF_ERROR(graph.status());
  TRELLIS_ASSIGN_OR_RETURN(
      DeviceSet devices,
      DeviceSet::Make(registries.devices, options.device_count, options.gpu));
  return std::unique_ptr<Session>(
      new Session(graph, registries, std::move(options), std::move(devices)));
}

Session::Session(Graph& graph, const Registries& registries,
                 SessionOptions options, DeviceSet devices)
    : graph_(graph),
      registries_(registries),
      options_(std::move(options)),
      devices_(std::move(devices)),
      team_(options_.team),
      ops_(std::make_unique<OpRegistry>(&graph.ops())),
      resources_(std::make_unique<ResourceStore>()),
      cache_(std::make_unique<Cache>()) {
  RegisterInternalOps(*ops_);
  if (team_ == nullptr) {
    const int threads =
        options_.threads >= 0
            ? options_.threads
            : static_cast<int>(std::thread::hardware_concurrency());
    team_ = std::make_shared<Team>(threads);
  }
  for (int d = 0; d < devices_.size(); ++d) {
    cache_->pools.push_back(std::make_unique<ArenaPool>(devices_.device(d)));
  }
}

Session::~Session() = default;

absl::StatusOr<Output> Session::Resolve(const TensorRef& ref) const {
  if (!ref.output) return graph_.FindOutput(ref.name);
  if (&ref.output.node->graph() != &graph_) {
    return absl::InvalidArgumentError(absl::StrCat(
        ref.output.name(), " is no element of this session's graph"));
  }
  if (ref.output.node == graph_.error_node()) return graph_.status();
  if (ref.output.index >= ref.output.node->num_outputs()) {
    return absl::InvalidArgumentError(
        absl::StrCat(ref.output.node->DebugName(), " has no output ",
                     ref.output.index, "; ask for it as a target"));
  }
  return ref.output;
}

absl::StatusOr<std::shared_ptr<CompiledSignature>> Session::FindOrCompile(
    const std::vector<TensorRef>& feeds, const Fetches& fetches,
    const Targets& targets) const {
  int num_nodes = 0;
  {
    std::lock_guard lock(graph_.mutex());
    TRELLIS_RETURN_IF_ERROR(graph_.status());
    num_nodes = graph_.id_limit();
  }
  cache_->growth.Saw(num_nodes);
  RunSignature signature;
  std::vector<int> key;  // counts, then node ids and output indices
  const auto add = [&key](Output o) {
    key.push_back(o.node->id());
    key.push_back(o.index);
  };
  for (const TensorRef& feed : feeds) {
    TRELLIS_ASSIGN_OR_RETURN(const Output output, Resolve(feed));
    if (std::find(signature.feeds.begin(), signature.feeds.end(), output) !=
        signature.feeds.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat(output.name(), " is fed twice"));
    }
    signature.feeds.push_back(output);
    add(output);
  }
  key.push_back(-1);
  for (const TensorRef& fetch : fetches) {
    TRELLIS_ASSIGN_OR_RETURN(const Output output, Resolve(fetch));
    signature.fetches.push_back(output);
    add(output);
  }
  key.push_back(-1);
  for (const TargetRef& target : targets) {
    Node* node = target.node;
    if (node == nullptr) {
      node = graph_.FindNode(target.name);
      if (node == nullptr) {
        return absl::NotFoundError(absl::StrCat("the graph has no node \"",
                                                target.name,
                                                "\", asked for as a target"));
      }
    }
    if (&node->graph() != &graph_) {
      return absl::InvalidArgumentError(
          absl::StrCat(node->name(), " is no element of this session's graph"));
    }
    signature.targets.push_back(node);
    key.push_back(node->id());
  }

  if (std::shared_ptr<CompiledSignature> found = cache_->signatures.Find(key)) {
    return found;
  }
  // One at a time: who wants the same signature waits for it, and where a
  // variable is placed is known before the next signature uses it.
  MutexLock lock(cache_->compiling);
  if (std::shared_ptr<CompiledSignature> found = cache_->signatures.Find(key)) {
    return found;
  }
  TRELLIS_ASSIGN_OR_RETURN(std::shared_ptr<CompiledSignature> compiled,
                           CompiledSignature::Make(*this, signature));
  cache_->signatures.Add(std::move(key), compiled);
  return compiled;
}

absl::Status Session::Run(const Feeds& feeds, const Fetches& fetches,
                          const Targets& targets, const RunOptions& options,
                          std::vector<Tensor>* results) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<CompiledSignature> signature,
                           FindOrCompile(FeedKeys(feeds), fetches, targets));
  return signature->Run(FeedValues(feeds), results, options, nullptr);
}

absl::StatusOr<std::vector<Tensor>> Session::Run(
    const Feeds& feeds, const Fetches& fetches, const Targets& targets,
    const RunOptions& options) const {
  std::vector<Tensor> results;
  TRELLIS_RETURN_IF_ERROR(Run(feeds, fetches, targets, options, &results));
  return results;
}

absl::StatusOr<Tensor> Session::Run(const Feeds& feeds, Output fetch,
                                    const Targets& targets,
                                    const RunOptions& options) const {
  std::vector<Tensor> results;
  TRELLIS_RETURN_IF_ERROR(
      Run(feeds, Fetches{fetch}, targets, options, &results));
  return std::move(results[0]);
}

absl::Status Session::Run(const Feeds& feeds, Node* target,
                          const RunOptions& options) const {
  std::vector<Tensor> results;
  return Run(feeds, Fetches{}, Targets{target}, options, &results);
}

absl::StatusOr<Callable> Session::MakeCallable(
    const std::vector<TensorRef>& feeds, const Fetches& fetches,
    const Targets& targets) const {
  Callable callable;
  TRELLIS_ASSIGN_OR_RETURN(callable.signature_,
                           FindOrCompile(feeds, fetches, targets));
  return callable;
}

absl::Status Session::Prepare(
    const std::vector<std::pair<TensorRef, Shape>>& feeds,
    const Fetches& fetches, const Targets& targets,
    const PrepareOptions& options) const {
  if (options.concurrent_runs < 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        "concurrent_runs is ", options.concurrent_runs, ", must be >= 1"));
  }
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<CompiledSignature> signature,
                           FindOrCompile(ShapeKeys(feeds), fetches, targets));
  return signature->Prepare(FeedShapes(feeds), options.concurrent_runs);
}

absl::StatusOr<std::vector<StepProfile>> Session::Profile(
    const Feeds& feeds, const Fetches& fetches, const Targets& targets) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<CompiledSignature> signature,
                           FindOrCompile(FeedKeys(feeds), fetches, targets));
  const std::vector<Tensor> values = FeedValues(feeds);
  std::vector<Tensor> results;
  std::vector<StepTime> times;
  TRELLIS_RETURN_IF_ERROR(signature->Run(values, &results, {}, &times));
  TRELLIS_ASSIGN_OR_RETURN(RunnablePlan * plan, signature->FindPlan(values));
  std::vector<StepProfile> profile;
  for (size_t s = 0; s < times.size(); ++s) {
    const Node& node = *plan->plan().steps[s].node;
    const int device = signature->program().placement.device[node.id()];
    profile.push_back({.op = node.op(),
                       .node = node.name(),
                       .device = devices_.device(device).name(),
                       .nanoseconds = times[s].end - times[s].start});
  }
  return profile;
}

absl::StatusOr<std::string> Session::DescribePlan(
    const std::vector<std::pair<TensorRef, Shape>>& feeds,
    const Fetches& fetches, const Targets& targets) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<CompiledSignature> signature,
                           FindOrCompile(ShapeKeys(feeds), fetches, targets));
  TRELLIS_ASSIGN_OR_RETURN(RunnablePlan * plan,
                           signature->FindPlan(FeedShapes(feeds)));
  return PlanText(plan->plan());
}

absl::StatusOr<std::string> Session::DescribePlacement(
    const std::vector<TensorRef>& feeds, const Fetches& fetches,
    const Targets& targets) const {
  TRELLIS_ASSIGN_OR_RETURN(const std::shared_ptr<CompiledSignature> signature,
                           FindOrCompile(feeds, fetches, targets));
  const Program& program = signature->program();
  std::string out;
  for (const Node* node : program.graph->nodes()) {
    absl::StrAppend(
        &out, node->name(), ": (", node->op(), ") asked ",
        node->device().empty() ? "nothing" : node->device(), ", given ",
        devices_.device(program.placement.device[node->id()]).name(), ": ",
        program.placement.why[node->id()], "\n");
  }
  return out;
}

Session::Report Session::report() const {
  Report report;
  for (const auto& signature : cache_->signatures.signatures()) {
    ++report.signatures;
    report.plans += signature->num_plans();
    report.dynamic_plans += signature->has_dynamic_plan() ? 1 : 0;
  }
  for (const auto& pool : cache_->pools) {
    report.arena_bytes += pool->free_bytes();
  }
  return report;
}

void Session::Trim() {
  for (const auto& pool : cache_->pools) pool->Trim();
  for (int d = 0; d < devices_.size(); ++d) devices_.device(d).Trim();
}

}  // namespace trellis
