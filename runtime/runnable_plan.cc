#include <algorithm>
#include <chrono>
#include <mutex>

#include "absl/container/inlined_vector.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compiled_signature.h"

namespace trellis {
namespace {

// The node that gives the variable its first value, by the graph's structure: a
// consumer that writes it without reading it.
std::string InitializerOf(const Node& variable) {
  std::lock_guard lock(variable.graph().mutex());
  for (const Node::Consumer& use : variable.consumers()) {
    const OpSchema* schema = use.node->schema();
    if (schema == nullptr || use.input < 0) continue;
    for (size_t a = 0; a < schema->inputs.size(); ++a) {
      if (schema->inputs[a].effect == Effect::kWrite &&
          use.node->InputRange(static_cast<int>(a)).first == use.input) {
        return use.node->name();
      }
    }
  }
  return "";
}

bool CanReuse(const Tensor& result, DType dtype, const Shape& shape) {
  return result.dtype() == dtype && result.shape() == shape &&
         result.buffer().use_count() == 1;
}

}  // namespace

RunnablePlan::RunnablePlan(std::unique_ptr<Plan> plan,
                           const std::vector<Resource*>& resources,
                           const std::vector<std::string>& hogwild)
    : plan_(std::move(plan)), resources_(resources) {
  for (Resource* resource : resources) {
    variable_states_.push_back(&resource->state);
  }
  for (const PlanVariable& v : plan_->variables) {
    const bool declared =
        std::find(hogwild.begin(), hogwild.end(), resources[v.variable]->key) !=
        hogwild.end();
    entries_.push_back(
        {.resource = resources[v.variable],
         .exclusive = v.exclusive,
         .needs_value = v.needs_value,
         .hogwild = declared && v.exclusive && KeepsItsMemory(v.variable)});
    has_hogwild_ = has_hogwild_ || entries_.back().hogwild;
  }
  std::sort(entries_.begin(), entries_.end(),
            [](const Entry& a, const Entry& b) {
              return a.resource->id < b.resource->id;
            });
  for (uint32_t b = 0; b < plan_->bases.size(); ++b) {
    const PlanBase& base = plan_->bases[b];
    switch (base.kind) {
      case PlanBase::Kind::kArena:
        arenas_.push_back({b, base.index});
        break;
      case PlanBase::Kind::kVariable:
        variables_.push_back({b, base.index});
        break;
      case PlanBase::Kind::kFeed:
        feeds_.push_back({b, base.index});
        break;
      case PlanBase::Kind::kFetch:
        fetches_.push_back({b, base.index});
        break;
      case PlanBase::Kind::kOwned:
        has_owned_ = true;
        break;
      case PlanBase::Kind::kConstant:
        break;
    }
  }
}

std::unique_ptr<RunState> RunnablePlan::Lease() {
  {
    MutexLock lock(mutex_);
    if (!free_.empty()) {
      std::unique_ptr<RunState> state = std::move(free_.back());
      free_.pop_back();
      return state;
    }
    free_.reserve(++num_states_);
  }
  return std::make_unique<RunState>(*plan_, absl::MakeSpan(variable_states_));
}

void RunnablePlan::Return(std::unique_ptr<RunState> state) {
  MutexLock lock(mutex_);
  free_.push_back(std::move(state));
}

absl::Status RunnablePlan::Reserve(
    int runs, absl::Span<const std::unique_ptr<ArenaPool>> pools) {
  std::vector<std::unique_ptr<RunState>> states;
  while (static_cast<int>(states.size()) < runs) states.push_back(Lease());
  for (std::unique_ptr<RunState>& state : states) Return(std::move(state));
  for (const BaseOf& arena : arenas_) {
    TRELLIS_RETURN_IF_ERROR(
        pools[arena.index]->Reserve(runs, plan_->arena_bytes[arena.index]));
  }
  return absl::OkStatus();
}

bool RunnablePlan::KeepsItsMemory(int variable) const {
  const Resource& resource = *resources_[variable];
  if (!resource.shape.fully_defined() || DTypeSize(resource.dtype) == 0) {
    return false;
  }
  const Program& program = *plan_->program;
  for (const Node* node : program.order) {
    for (const VariableUse& use : program.variables.uses[node->id()]) {
      // A reference goes on with the shape that the write has left.
      if (use.variable == variable && Writes(use.effect) &&
          node->num_outputs() > 0 && IsRef(node->output_dtype(0)) &&
          !(node->output_shape(0) == resource.shape)) {
        return false;
      }
    }
  }
  return true;
}

absl::StatusOr<bool> RunnablePlan::Enter(const ExecuteOptions& options) const {
  if (has_hogwild_) {
    TRELLIS_RETURN_IF_ERROR(EnterAs(/*hogwild=*/true, options));
    const bool ready =
        std::all_of(entries_.begin(), entries_.end(), [](const Entry& e) {
          const VariableState& state = e.resource->state;
          return !e.hogwild || (state.initialized &&
                                state.value.shape() == e.resource->shape);
        });
    if (ready) return true;
    Leave(entries_, /*hogwild=*/true);
  }
  TRELLIS_RETURN_IF_ERROR(EnterAs(/*hogwild=*/false, options));
  return false;
}

absl::Status RunnablePlan::EnterAs(bool hogwild,
                                   const ExecuteOptions& options) const {
  const Admission::Limits limits{
      .deadline = std::chrono::steady_clock::time_point(
          std::chrono::nanoseconds(options.deadline)),
      .cancelled = options.cancelled};
  for (size_t e = 0; e < entries_.size(); ++e) {
    Resource& resource = *entries_[e].resource;
    if (resource.admission.Enter(entries_[e].Exclusive(hogwild), limits)) {
      continue;
    }
    Leave(absl::MakeSpan(entries_).first(e), hogwild);
    const std::string where =
        absl::StrCat(" while it waited for variable ", resource.key);
    return options.cancelled != nullptr && *options.cancelled
               ? absl::CancelledError(
                     absl::StrCat("the run was cancelled", where))
               : absl::DeadlineExceededError(
                     absl::StrCat("the run passed its deadline", where));
  }
  return absl::OkStatus();
}

void RunnablePlan::Leave(absl::Span<const Entry> entries, bool hogwild) {
  for (const Entry& e : entries) {
    e.resource->admission.Leave(e.Exclusive(hogwild));
  }
}

std::vector<const Resource*> RunnablePlan::Uninitialized() const {
  std::vector<const Resource*> missing;
  for (const Entry& entry : entries_) {
    if (entry.needs_value && !entry.resource->state.initialized) {
      missing.push_back(entry.resource);
    }
  }
  return missing;
}

absl::Status RunnablePlan::UninitializedError(
    absl::Span<const Resource* const> missing) const {
  std::string names;
  for (const Resource* resource : missing) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", resource->key);
    for (size_t v = 0; v < resources_.size(); ++v) {
      if (resources_[v] != resource) continue;
      // The copy has only the nodes that run; the initializer rarely does.
      const std::string initializer =
          InitializerOf(*plan_->program->variables.variables[v].original);
      if (!initializer.empty()) {
        absl::StrAppend(&names, " (initializer ", initializer, ")");
      }
    }
  }
  return absl::FailedPreconditionError(
      absl::StrCat("variables without a value: ", names,
                   "; run their initializers or restore a checkpoint first"));
}

absl::Status RunnablePlan::AllocateVariables() const {
  for (const Entry& entry : entries_) {
    Resource& resource = *entry.resource;
    if (!entry.exclusive || resource.state.value.valid() ||
        !resource.shape.fully_defined() || DTypeSize(resource.dtype) == 0) {
      continue;
    }
    const size_t bytes =
        DTypeSize(resource.dtype) * resource.shape.num_elements();
    TRELLIS_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer,
                             resource.device->Allocate(bytes, resource.key));
    resource.state.value =
        Tensor(resource.dtype, resource.shape, std::move(buffer));
  }
  return absl::OkStatus();
}

absl::Status RunnablePlan::BindResults(RunState& state,
                                       std::vector<Tensor>* results) const {
  results->resize(plan_->fetches.size());
  for (const BaseOf& fetch : fetches_) {
    const PlanFetch& wanted = plan_->fetches[fetch.index];
    Tensor& result = (*results)[fetch.index];
    if (!CanReuse(result, wanted.dtype, wanted.shape)) {
      TRELLIS_ASSIGN_OR_RETURN(result,
                               Tensor::Allocate(wanted.dtype, wanted.shape));
    }
    state.data()[fetch.base] = static_cast<char*>(result.data());
  }
  return absl::OkStatus();
}

void RunnablePlan::TakeOwnedResults(RunState& state,
                                    std::vector<Tensor>* results) const {
  for (size_t f = 0; f < plan_->fetches.size(); ++f) {
    const int base = plan_->fetches[f].owned_base;
    if (base >= 0) (*results)[f] = state.owned()[base];
  }
  for (Tensor& tensor : state.owned()) tensor = Tensor();
  for (size_t f = 0; f < plan_->fetches.size(); ++f) {
    Tensor& result = (*results)[f];
    // Fetched twice, or seen through two shapes: each gets its own.
    if (plan_->fetches[f].owned_base >= 0 && result.buffer().use_count() > 1) {
      result = result.Clone();
    }
  }
}

absl::Status RunnablePlan::RunAdmitted(RunState& state,
                                       absl::Span<const Tensor> feeds,
                                       std::vector<Tensor>* results, Team& team,
                                       const ExecuteOptions& options) {
  TRELLIS_RETURN_IF_ERROR(AllocateVariables());
  for (const BaseOf& v : variables_) {
    state.data()[v.base] =
        static_cast<char*>(resources_[v.index]->state.value.data());
  }
  for (const BaseOf& feed : feeds_) {
    state.data()[feed.base] = static_cast<char*>(feeds[feed.index].data());
  }
  state.feeds = feeds;
  return Execute(state, team, options);
}

absl::Status RunnablePlan::AdmitAndRun(RunState& state,
                                       absl::Span<const Tensor> feeds,
                                       std::vector<Tensor>* results, Team& team,
                                       const ExecuteOptions& options) {
  TRELLIS_ASSIGN_OR_RETURN(const bool hogwild, Enter(options));
  const std::vector<const Resource*> missing = Uninitialized();
  absl::Status status;
  if (missing.empty()) {
    status = RunAdmitted(state, feeds, results, team, options);
  }
  Leave(entries_, hogwild);
  // Names are looked up in the graph, whose lock others hold while they
  // compile: nobody is to wait for that at a variable.
  return missing.empty() ? status : UninitializedError(missing);
}

absl::Status RunnablePlan::Run(
    absl::Span<const Tensor> feeds, std::vector<Tensor>* results,
    absl::Span<const std::unique_ptr<ArenaPool>> pools, Team& team,
    const ExecuteOptions& options) {
  std::unique_ptr<RunState> state = Lease();
  absl::Status status = BindResults(*state, results);
  // One arena per device, and few devices.
  absl::InlinedVector<std::pair<int, std::shared_ptr<Buffer>>, 4> arenas;
  for (const BaseOf& arena : arenas_) {
    if (!status.ok()) break;
    absl::StatusOr<std::shared_ptr<Buffer>> block =
        pools[arena.index]->Lease(plan_->arena_bytes[arena.index]);
    if (!block.ok()) {
      status = std::move(block).status();
      break;
    }
    state->data()[arena.base] = static_cast<char*>((*block)->data());
    arenas.emplace_back(arena.index, *std::move(block));
  }
  if (status.ok()) {
    status = AdmitAndRun(*state, feeds, results, team, options);
  }
  if (has_owned_) {
    if (status.ok()) {
      TakeOwnedResults(*state, results);
    } else {
      for (Tensor& tensor : state->owned()) tensor = Tensor();
    }
  }
  state->feeds = {};
  for (auto& [device, block] : arenas) pools[device]->Return(std::move(block));
  Return(std::move(state));
  return status;
}

}  // namespace trellis
