#include "trellis/runtime/plan.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/arena_planner.h"
#include "trellis/runtime/compile/insert_copies.h"
#include "trellis/runtime/compile/internal_ops.h"
#include "trellis/runtime/copy_kernels.h"
#include "trellis/runtime/dynamic_step.h"
#include "trellis/runtime/evaluate.h"
#include "trellis/runtime/plan_facts.h"
#include "trellis/runtime/plan_uses.h"

namespace trellis {
namespace {

// Bytes with one lifetime: in an arena, or in a result buffer.
struct Root {
  size_t bytes = 0;
  int device = 0;
  int first = 0, last = 0;  // steps
  int dies_at = 0;          // position in the order of its last use
  int fetch = -1;           // its memory is this result
  int point = -1;           // arrives from a device: wait for this point first
};

// Where a value is.
struct Location {
  int base = -1;  // constant, variable, feed, owned
  int root = -1;
  bool owned = false;
  bool valid() const { return base >= 0 || root >= 0; }
};

class PlanBuilder {
 public:
  PlanBuilder(const Program& program, PlanFacts facts, Plan* plan)
      : program_(program),
        facts_(std::move(facts)),
        uses_(program, facts_),
        plan_(*plan),
        locations_(program.graph->id_limit()) {}

  absl::Status Run() {
    plan_.variables = uses_.variables();
    plan_.fetches.resize(program_.fetches.size());
    for (Node* node : program_.order) {
      if (!uses_.live(*node)) continue;
      locations_[node->id()].resize(node->num_outputs());
      const absl::Status status = Emit(*node);
      if (!status.ok()) return status;
    }
    LayOut();
    return absl::OkStatus();
  }

 private:
  // ---- analysis

  bool Planned() const { return program_.options.plan; }

  bool IsHost(int device) const {
    return program_.devices->device(device).is_host();
  }
  int DeviceOf(const Node& node) const {
    return program_.placement.device[node.id()];
  }
  int MemoryOfOutput(Output o) const {
    return MemoryOf(o, program_.placement, *program_.devices,
                    *program_.kernels);
  }

  static bool HasNoStep(const Node& node) {
    return node.schema()->variable || node.op() == kFeedOp ||
           node.op() == kTargetOp ||
           (node.num_inputs() == 0 && node.num_outputs() == 0 &&
            !node.schema()->stateful);
  }

  static Output Self(const Node& node, int i) {
    return {const_cast<Node*>(&node), i};
  }

  // ---- where things are

  int AddBase(PlanBase::Kind kind, int index) {
    plan_.bases.push_back({.kind = kind, .index = index});
    return static_cast<int>(plan_.bases.size()) - 1;
  }

  int VariableBase(int variable) {
    const auto [it, added] = variable_bases_.try_emplace(variable, -1);
    if (added) it->second = AddBase(PlanBase::Kind::kVariable, variable);
    return it->second;
  }

  absl::StatusOr<int> ConstantBase(Output o) {
    const Tensor& value = facts_.value(o);
    const int device = MemoryOfOutput(o);
    Tensor there = value;
    if (!IsHost(device)) {
      Device& d = program_.devices->device(device);
      TRELLIS_ASSIGN_OR_RETURN(std::shared_ptr<Buffer> buffer,
                               d.Allocate(value.bytes(), o.node->name()));
      const std::unique_ptr<Stream> stream = d.NewStream();
      TRELLIS_RETURN_IF_ERROR(d.CopyFromHost(*stream, -1, buffer->data(),
                                             value.data(), value.bytes()));
      TRELLIS_RETURN_IF_ERROR(stream->WaitFor(stream->Record()));
      there = Tensor(value.dtype(), value.shape(), std::move(buffer));
    }
    plan_.constants.push_back(std::move(there));
    return AddBase(PlanBase::Kind::kConstant,
                   static_cast<int>(plan_.constants.size()) - 1);
  }

  Location NewRoot(size_t bytes, int device, int dies_at) {
    const int step = NextStep();
    roots_.push_back({.bytes = bytes,
                      .device = device,
                      .first = step,
                      .last = step,
                      .dies_at = dies_at});
    return {.root = static_cast<int>(roots_.size()) - 1};
  }

  Location NewOwned() {
    return {.base = AddBase(PlanBase::Kind::kOwned, 0), .owned = true};
  }

  Location& LocationOf(Output o) { return locations_[o.node->id()][o.index]; }

  // Where a consumer finds the value; constants get a base when first used.
  absl::StatusOr<Location> Find(Output o) {
    const int variable = program_.variables.ReferentOf(o);
    if (variable >= 0) return Location{.base = VariableBase(variable)};
    std::vector<Location>& locations = locations_[o.node->id()];
    if (locations.empty()) locations.resize(o.node->num_outputs());
    Location& place = locations[o.index];
    if (!place.valid() && facts_.value(o).valid()) {
      TRELLIS_ASSIGN_OR_RETURN(place.base, ConstantBase(o));
    }
    TRELLIS_CHECK(place.valid()) << o.name() << " is nowhere";
    return place;
  }

  size_t BytesOf(Output o) const {
    return DTypeSize(o.dtype()) * facts_.shape(o).num_elements();
  }

  // ---- steps

  int NextStep() const { return static_cast<int>(plan_.steps.size()); }

  int StreamOf(int device) {
    std::vector<int>& devices = plan_.stream_devices;
    const auto it = std::find(devices.begin(), devices.end(), device);
    if (it != devices.end()) return static_cast<int>(it - devices.begin());
    devices.push_back(device);
    return static_cast<int>(devices.size()) - 1;
  }

  // What arrives in the host's memory from a device must have arrived before
  // the host reads it: in a step of its own, or for a device's kernel.
  void WaitFor(const std::vector<Location>& inputs, const Node& node) {
    for (const Location& input : inputs) {
      if (input.root < 0 || roots_[input.root].point < 0) continue;
      Root& root = roots_[input.root];
      AddStep(std::make_unique<WaitForPoint>(root.point), "wait", node, {}, {},
              StreamOf(point_devices_[root.point]));
      root.point = -1;
    }
  }

  void AddStep(std::unique_ptr<Kernel> kernel, const char* kind,
               const Node& node, const std::vector<Location>& inputs,
               const std::vector<Location>& outputs, int stream,
               Location scratch = {}) {
    Step step{
        .kernel = kernel.get(), .stream = stream, .node = &node, .kind = kind};
    step.operands.num_inputs = static_cast<int>(inputs.size());
    const int index = NextStep();
    first_operand_.push_back(static_cast<int>(operands_.size()));
    for (const std::vector<Location>* locations : {&inputs, &outputs}) {
      for (const Location& place : *locations) {
        operands_.push_back(place);
        if (place.root >= 0) {
          roots_[place.root].last = std::max(roots_[place.root].last, index);
        }
      }
    }
    scratches_.push_back(scratch);
    int random = -1;
    for (const VariableUse& use : program_.variables.uses[node.id()]) {
      if (use.input < 0) random = VariableBase(use.variable);
    }
    randoms_.push_back(random);
    plan_.kernels.push_back(std::move(kernel));
    plan_.steps.push_back(step);
  }

  absl::Status Emit(Node& node) {
    if (node.op() == kFeedOp) {
      LocationOf(node.output()).base = AddBase(
          PlanBase::Kind::kFeed, static_cast<int>(node.attr<int64_t>("index")));
      return absl::OkStatus();
    }
    if (HasNoStep(node) || facts_.IsConstant(node)) return absl::OkStatus();
    if (node.op() == kFetchOp) return EmitFetch(node);
    if (node.op() == kCopyOp) return EmitCopy(node);
    if (uses_.IsView(node)) return EmitView(node);
    return EmitKernel(node);
  }

  // A view of a value, or a read of a variable: no step, unless what it shows
  // would change while it is still looked at.
  absl::Status EmitView(Node& node) {
    const Output input =
        node.input(node.InputRange(node.schema()->view_of).first);
    TRELLIS_ASSIGN_OR_RETURN(const Location source, Find(input));
    if (source.owned) return EmitKernel(node);
    const bool variable = source.base >= 0 && plan_.bases[source.base].kind ==
                                                  PlanBase::Kind::kVariable;
    if (!variable ||
        !uses_.IsWritten(plan_.bases[source.base].index, uses_.position(node),
                         uses_.last_use(node.output()))) {
      LocationOf(node.output()) = source;
      return absl::OkStatus();
    }
    const int device = DeviceOf(node);
    const size_t bytes = BytesOf(node.output());
    const Location copy = NewRoot(bytes, device, uses_.last_use(node.output()));
    LocationOf(node.output()) = copy;
    if (IsHost(device)) {
      AddStep(std::make_unique<HostCopy>(bytes), "read", node, {source}, {copy},
              -1);
    } else {
      AddStep(std::make_unique<CopyOnDevice>(program_.devices->device(device),
                                             bytes),
              "read", node, {source}, {copy}, StreamOf(device));
    }
    return absl::OkStatus();
  }

  absl::Status EmitFetch(Node& node) {
    const Output value = node.input(0);
    const int index = static_cast<int>(node.attr<int64_t>("index"));
    TRELLIS_ASSIGN_OR_RETURN(const Location source, Find(value));
    PlanFetch& fetch = plan_.fetches[index];
    fetch.dtype = BaseType(value.dtype());
    fetch.shape = facts_.shape(value);
    if (source.owned) {
      fetch.owned_base = source.base;
      return absl::OkStatus();
    }
    if (source.root >= 0 && roots_[source.root].fetch < 0 &&
        IsHost(roots_[source.root].device)) {
      // Its producer writes straight into the result.
      roots_[source.root].fetch = index;
      return absl::OkStatus();
    }
    if (!fetch.shape.fully_defined() || fetch.dtype == kString) {
      const Location owned = NewOwned();
      fetch.owned_base = owned.base;
      return AddDynamic(node, DynamicStep::Action::kView, nullptr, {owned});
    }
    const Location result = NewRoot(BytesOf(value), 0, PlanUses::kForever);
    roots_[result.root].fetch = index;
    WaitFor({source}, node);
    AddStep(std::make_unique<HostCopy>(BytesOf(value)), "fetch", node, {source},
            {result}, -1);
    return absl::OkStatus();
  }

  absl::Status EmitCopy(Node& node) {
    const Output value = node.input(0);
    TRELLIS_ASSIGN_OR_RETURN(const Location source, Find(value));
    const int from = MemoryOfOutput(value), to = DeviceOf(node);
    const size_t bytes = BytesOf(value);
    if (source.owned || !facts_.shape(value).fully_defined()) {
      LocationOf(node.output()) = NewOwned();
      const auto action = !IsHost(to)     ? DynamicStep::Action::kFromHost
                          : !IsHost(from) ? DynamicStep::Action::kToHost
                                          : DynamicStep::Action::kView;
      return AddDynamic(node, action, nullptr, {LocationOf(node.output())});
    }
    if (IsHost(from)) WaitFor({source}, node);
    const Location copy = NewRoot(bytes, to, uses_.last_use(node.output()));
    LocationOf(node.output()) = copy;
    if (IsHost(from) && IsHost(to)) {
      AddStep(std::make_unique<HostCopy>(bytes), "copy", node, {source}, {copy},
              -1);
    } else if (IsHost(from)) {
      AddStep(
          std::make_unique<CopyFromHost>(program_.devices->device(to), bytes),
          "to device", node, {source}, {copy}, StreamOf(to));
    } else {
      const int point = plan_.num_points++;
      point_devices_.push_back(from);
      roots_[copy.root].point = point;
      AddStep(std::make_unique<CopyToHost>(program_.devices->device(from),
                                           bytes, point),
              "to host", node, {source}, {copy}, StreamOf(from));
    }
    return absl::OkStatus();
  }

  absl::Status EmitKernel(Node& node) {
    const int device = DeviceOf(node);
    const KernelEntry* entry =
        program_.kernels->Find(node, program_.devices->device(device).type());
    const bool view = node.schema()->view_of >= 0;
    if (entry == nullptr && !view) {
      return AtNode(node, absl::UnimplementedError(absl::StrCat(
                              "no kernel for it on ",
                              program_.devices->device(device).name())));
    }
    if (!IsPlannable(node, entry) || (view && entry == nullptr)) {
      std::vector<Location> outputs;
      for (Location& place : locations_[node.id()]) {
        place = NewOwned();
        outputs.push_back(place);
      }
      return AddDynamic(
          node,
          view ? DynamicStep::Action::kView : DynamicStep::Action::kKernel,
          entry, outputs);
    }
    std::vector<Location> inputs;
    for (Output input : node.inputs()) {
      TRELLIS_ASSIGN_OR_RETURN(inputs.emplace_back(), Find(input));
    }
    NodeShapes shapes;
    for (int i = 0; i < node.num_outputs(); ++i) {
      shapes.shapes.push_back(facts_.shape(node.output(i)));
    }
    TRELLIS_ASSIGN_OR_RETURN(
        PreparedNode prepared,
        PrepareNode(node, *entry, facts_.InputsOf(node), std::move(shapes)));
    WaitFor(inputs, node);

    std::vector<Location> outputs;
    for (int i = 0; i < node.num_outputs(); ++i) {
      const Output output = node.output(i);
      if (program_.variables.ReferentOf(output) >= 0) {
        outputs.push_back(*Find(output));
        continue;
      }
      Location place = i == 0 ? InPlace(node, inputs) : Location{};
      if (!place.valid()) {
        place = NewRoot(BytesOf(output), MemoryOfOutput(output),
                        uses_.last_use(output));
      }
      LocationOf(output) = place;
      outputs.push_back(place);
    }
    Location scratch;
    if (prepared.scratch_bytes > 0) {
      scratch = NewRoot(prepared.scratch_bytes, device, uses_.position(node));
    }
    AddStep(std::move(prepared.kernel), "kernel", node, inputs, outputs,
            IsHost(device) ? -1 : StreamOf(device), scratch);
    return absl::OkStatus();
  }

  bool IsPlannable(const Node& node, const KernelEntry* entry) const {
    if (!Planned() || entry == nullptr) return false;
    for (int i = 0; i < node.num_outputs(); ++i) {
      const Output output = Self(node, i);
      if (program_.variables.ReferentOf(output) >= 0) continue;
      if (!facts_.shape(output).fully_defined() ||
          DTypeSize(output.dtype()) == 0) {
        return false;
      }
    }
    const std::vector<bool> values =
        InputMask(node, entry->options.value_inputs);
    for (int i = 0; i < node.num_inputs(); ++i) {
      const Output input = node.input(i);
      if (values[i] && !facts_.value(input).valid()) return false;
      const int variable = program_.variables.ReferentOf(input);
      const Shape& shape = variable >= 0
                               ? program_.variables.variables[variable].shape
                               : facts_.shape(input);
      if (!shape.fully_defined()) return false;
    }
    return true;
  }

  // The memory of an input that nobody needs after this step, if output 0 may
  // have it.
  Location InPlace(Node& node, const std::vector<Location>& inputs) {
    if (!program_.options.optimize) return {};
    const Output output = node.output();
    for (int arg : node.schema()->in_place) {
      const int i = node.InputRange(arg).first;
      const Location& input = inputs[i];
      if (input.root < 0) continue;
      Root& root = roots_[input.root];
      if (root.dies_at != uses_.position(node) || root.fetch >= 0 ||
          root.bytes != BytesOf(output) ||
          root.device != MemoryOfOutput(output) ||
          !(facts_.shape(node.input(i)) == facts_.shape(output)) ||
          DTypeSize(node.input(i).dtype()) != DTypeSize(output.dtype())) {
        continue;
      }
      // Another input in the same memory must be read element by element, too.
      bool safe = true;
      for (int j = 0; j < node.num_inputs(); ++j) {
        if (j != i && inputs[j].root == input.root &&
            !(facts_.shape(node.input(j)) == facts_.shape(output))) {
          safe = false;
        }
      }
      if (!safe) continue;
      root.dies_at = uses_.last_use(node.output());
      return input;
    }
    return {};
  }

  absl::Status AddDynamic(Node& node, DynamicStep::Action action,
                          const KernelEntry* entry,
                          const std::vector<Location>& outputs) {
    std::vector<Location> inputs;
    std::vector<DynamicStep::Input> sources;
    for (Output input : node.inputs()) {
      TRELLIS_ASSIGN_OR_RETURN(const Location place, Find(input));
      inputs.push_back(place);
      sources.push_back(SourceOf(input, place));
    }
    std::vector<bool> host_outputs(node.num_outputs());
    const int device = action == DynamicStep::Action::kToHost
                           ? MemoryOfOutput(node.input(0))
                           : DeviceOf(node);
    for (int i = 0; i < node.num_outputs(); ++i) {
      host_outputs[i] = IsHost(MemoryOfOutput(node.output(i)));
    }
    WaitFor(inputs, node);
    AddStep(std::make_unique<DynamicStep>(
                node, plan_.num_dynamic++, action, entry,
                program_.devices->device(device), std::move(sources),
                std::move(host_outputs)),
            "dynamic", node, inputs, outputs,
            IsHost(device) ? -1 : StreamOf(device),
            action == DynamicStep::Action::kKernel ? NewOwned() : Location{});
    return absl::OkStatus();
  }

  DynamicStep::Input SourceOf(Output input, const Location& place) const {
    using Source = DynamicStep::Input::Source;
    DynamicStep::Input source{.dtype = BaseType(input.dtype())};
    const int variable = program_.variables.ReferentOf(input);
    if (variable >= 0) {
      const ProgramVariable& v = program_.variables.variables[variable];
      source.source = Source::kVariable;
      source.index = place.base;
      source.dtype = v.dtype;
      source.is_handle = true;
      source.on_host = false;
      return source;
    }
    source.on_host = IsHost(MemoryOfOutput(input));
    if (place.owned) {
      source.source = Source::kOwned;
      source.index = place.base;
    } else if (place.base >= 0 && !facts_.shape(input).fully_defined() &&
               plan_.bases[place.base].kind == PlanBase::Kind::kFeed) {
      source.source = Source::kFeed;
      source.index = plan_.bases[place.base].index;
    } else {
      // Also of a view, whose shape is not that of what it shows.
      source.shape = facts_.shape(input);
    }
    return source;
  }

  // ---- memory

  void LayOut() {
    const int devices = program_.devices->size();
    plan_.arena_bytes.assign(devices, 0);
    std::vector<size_t> offsets(roots_.size());
    std::vector<int> bases(roots_.size(), -1);
    for (int d = 0; d < devices; ++d) {
      std::vector<Lifetime> lifetimes;
      std::vector<int> members;
      for (size_t r = 0; r < roots_.size(); ++r) {
        const Root& root = roots_[r];
        if (root.device != d || root.fetch >= 0) continue;
        lifetimes.push_back({root.first, root.last, root.bytes});
        members.push_back(static_cast<int>(r));
      }
      if (members.empty()) continue;
      const ArenaLayout layout = PlanArena(lifetimes);
      plan_.arena_bytes[d] = layout.bytes;
      const int base = AddBase(PlanBase::Kind::kArena, d);
      for (size_t m = 0; m < members.size(); ++m) {
        offsets[members[m]] = layout.offsets[m];
        bases[members[m]] = base;
      }
    }
    for (size_t r = 0; r < roots_.size(); ++r) {
      if (roots_[r].fetch >= 0) {
        bases[r] = AddBase(PlanBase::Kind::kFetch, roots_[r].fetch);
      }
    }
    const auto slot = [&](const Location& place) {
      if (place.root < 0) {
        return Slot{.base = static_cast<uint32_t>(std::max(place.base, 0))};
      }
      return Slot{.base = static_cast<uint32_t>(bases[place.root]),
                  .offset = offsets[place.root]};
    };
    // A step without operands still needs an entry to point at.
    if (plan_.bases.empty()) AddBase(PlanBase::Kind::kOwned, 0);
    for (const Location& place : operands_) plan_.slots.push_back(slot(place));
    for (size_t s = 0; s < plan_.steps.size(); ++s) {
      Operands& operands = plan_.steps[s].operands;
      operands.slots = plan_.slots.data() + first_operand_[s];
      operands.scratch = slot(scratches_[s]);
      operands.random.base = static_cast<uint32_t>(std::max(randoms_[s], 0));
    }
  }

  const Program& program_;
  const PlanFacts facts_;
  const PlanUses uses_;
  Plan& plan_;
  std::vector<std::vector<Location>> locations_;  // by node id, output
  absl::flat_hash_map<int, int> variable_bases_;
  std::vector<Root> roots_;
  std::vector<int> point_devices_;
  // By step, until LayOut makes slots of them.
  std::vector<Location> operands_;
  std::vector<int> first_operand_;
  std::vector<Location> scratches_;
  std::vector<int> randoms_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Plan>> MakePlan(
    const Program& program, absl::Span<const Shape> feed_shapes) {
  auto plan = std::make_unique<Plan>();
  plan->program = &program;
  plan->feed_shapes.assign(feed_shapes.begin(), feed_shapes.end());
  TRELLIS_ASSIGN_OR_RETURN(PlanFacts facts,
                           PlanFacts::Make(program, feed_shapes));
  TRELLIS_RETURN_IF_ERROR(
      PlanBuilder(program, std::move(facts), plan.get()).Run());
  return plan;
}

}  // namespace trellis
