#include "trellis/runtime/compiled_signature.h"

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/log.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

// Where an earlier signature has placed the variable that the node names, as an
// index of `devices`; -1 if none has, or if the node names no variable.
int DeviceOfVariable(const Node& node, const ResourceStore& resources,
                     const DeviceSet& devices) {
  if (!node.schema()->variable) return -1;
  const Resource* resource = resources.Find(VariableKey(node));
  return resource == nullptr ? -1 : devices.Find(resource->device->name());
}

// As a time of RunContext::Now(). A timeout that ends after the clock does is
// none.
absl::StatusOr<int64_t> DeadlineAfter(int64_t timeout_ms) {
  constexpr int64_t kNanoseconds = 1'000'000;  // in a millisecond
  if (timeout_ms < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("timeout_ms is ", timeout_ms, ", must be >= 0"));
  }
  if (timeout_ms == 0) return RunContext::kNoDeadline;
  const int64_t now = RunContext::Now();
  if (timeout_ms > (RunContext::kNoDeadline - now) / kNanoseconds) {
    return RunContext::kNoDeadline;
  }
  return now + timeout_ms * kNanoseconds;
}

bool SameShapes(const Plan& plan, absl::Span<const Tensor> feeds) {
  for (size_t i = 0; i < feeds.size(); ++i) {
    if (!(plan.feed_shapes[i] == feeds[i].shape())) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<CompiledSignature>> CompiledSignature::Make(
    const Session& session, const RunSignature& signature) {
  std::unique_ptr<CompiledSignature> compiled(new CompiledSignature(session));
  // Before they are copied: what is compiled is what the graph keeps.
  session.graph_.FreezeNodes();
  TRELLIS_ASSIGN_OR_RETURN(
      compiled->program_,
      Compile(session.graph_, signature, *session.ops_,
              session.registries_.kernels, session.devices_,
              {.optimize = session.options_.optimize,
               .plan = session.options_.plan,
               .placement = {.allow_soft_placement =
                                 session.options_.allow_soft_placement,
                             .assigned = [&](const Node& node) {
                               return DeviceOfVariable(
                                   node, *session.resources_, session.devices_);
                             }}}));
  const Program& program = *compiled->program_;
  if (session.options_.log_device_placement) {
    TRELLIS_LOG(Info) << PlacementLog(*program.graph, session.devices_,
                                      program.placement);
  }
  for (const ProgramVariable& variable : program.variables.variables) {
    const int device = program.placement.device[variable.node->id()];
    // Counters are small and the host's, whatever draws from them.
    const bool counter = variable.node->schema()->random;
    TRELLIS_ASSIGN_OR_RETURN(
        Resource * resource,
        session.resources_->FindOrAdd(
            variable.key, variable.dtype, variable.shape,
            session.devices_.device(counter ? 0 : device)));
    compiled->resources_.push_back(resource);
  }
  return compiled;
}

absl::Status CompiledSignature::CheckFeeds(
    absl::Span<const Tensor> feeds) const {
  if (feeds.size() != program_->feeds.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the signature has ", program_->feeds.size(),
                     " feeds, got ", feeds.size(), " tensors"));
  }
  for (size_t i = 0; i < feeds.size(); ++i) {
    const Node& node = *program_->feeds[i];
    if (feeds[i].dtype() != node.output_dtype(0) ||
        !feeds[i].shape().CompatibleWith(node.output_shape(0))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "feed ", i, " (", node.name(), ") is ", DTypeName(feeds[i].dtype()),
          feeds[i].shape().ToString(), ", must be ",
          DTypeName(node.output_dtype(0)), node.output_shape(0).ToString()));
    }
  }
  return absl::OkStatus();
}

absl::Status CompiledSignature::CheckShapes(
    absl::Span<const Shape> shapes) const {
  for (size_t i = 0; i < shapes.size(); ++i) {
    const Node& node = *program_->feeds[i];
    if (!shapes[i].fully_defined() ||
        !shapes[i].CompatibleWith(node.output_shape(0))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "feed ", i, " (", node.name(), ") is to be ", shapes[i].ToString(),
          ", must be a fully known shape that fits ",
          node.output_shape(0).ToString()));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<RunnablePlan>> CompiledSignature::NewPlan(
    absl::Span<const Shape> shapes) const {
  TRELLIS_ASSIGN_OR_RETURN(std::unique_ptr<Plan> plan,
                           MakePlan(*program_, shapes));
  return std::make_unique<RunnablePlan>(std::move(plan), resources_,
                                        session_.options_.hogwild);
}

absl::StatusOr<RunnablePlan*> CompiledSignature::FindPlan(
    absl::Span<const Tensor> feeds) {
  {
    MutexLock lock(mutex_);
    for (const auto& plan : plans_) {
      if (SameShapes(plan->plan(), feeds)) return plan.get();
    }
    if (dynamic_plan_ != nullptr) return dynamic_plan_.get();
  }
  std::vector<Shape> shapes;
  for (const Tensor& feed : feeds) shapes.push_back(feed.shape());
  return FindPlan(shapes);
}

absl::StatusOr<RunnablePlan*> CompiledSignature::FindPlan(
    absl::Span<const Shape> shapes) {
  TRELLIS_RETURN_IF_ERROR(CheckShapes(shapes));
  // Planning under the lock: a second run of the same shapes waits for the plan
  // instead of making it again.
  MutexLock lock(mutex_);
  for (const auto& plan : plans_) {
    if (plan->plan().feed_shapes == shapes) return plan.get();
  }
  if (static_cast<int>(plans_.size()) < Session::kMaxPlans) {
    TRELLIS_ASSIGN_OR_RETURN(plans_.emplace_back(), NewPlan(shapes));
    return plans_.back().get();
  }
  if (dynamic_plan_ == nullptr) {
    std::vector<Shape> declared;
    for (const Node* feed : program_->feeds) {
      declared.push_back(feed->output_shape(0));
    }
    TRELLIS_ASSIGN_OR_RETURN(dynamic_plan_, NewPlan(declared));
    TRELLIS_LOG(Info) << "a signature has seen more than " << Session::kMaxPlans
                      << " shapes; further ones run its dynamic plan";
  }
  return dynamic_plan_.get();
}

absl::Status CompiledSignature::Run(absl::Span<const Tensor> feeds,
                                    std::vector<Tensor>* results,
                                    const RunOptions& options,
                                    std::vector<StepTime>* times) {
  TRELLIS_RETURN_IF_ERROR(CheckFeeds(feeds));
  TRELLIS_ASSIGN_OR_RETURN(const int64_t deadline,
                           DeadlineAfter(options.timeout_ms));
  TRELLIS_ASSIGN_OR_RETURN(RunnablePlan * plan, FindPlan(feeds));
  const ExecuteOptions execute{
      .cancelled = options.cancelled, .deadline = deadline, .times = times};
  return plan->Run(feeds, results, session_.cache_->pools, *session_.team_,
                   execute);
}

absl::Status CompiledSignature::Prepare(absl::Span<const Shape> shapes,
                                        int concurrent_runs) {
  TRELLIS_ASSIGN_OR_RETURN(RunnablePlan * plan, FindPlan(shapes));
  return plan->Reserve(concurrent_runs, session_.cache_->pools);
}

int CompiledSignature::num_plans() const {
  MutexLock lock(mutex_);
  return static_cast<int>(plans_.size());
}

bool CompiledSignature::has_dynamic_plan() const {
  MutexLock lock(mutex_);
  return dynamic_plan_ != nullptr;
}

}  // namespace trellis
