#include "trellis/runtime/compile/placement_groups.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "trellis/base/status_macros.h"
#include "trellis/runtime/compile/internal_ops.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrAppend;
using absl::StrCat;

// On the host, whatever they belong to.
bool IsOfTheHost(const Node& node) {
  return node.op() == kFeedOp || node.op() == kFetchOp ||
         node.op() == kTargetOp;
}

bool RefersToState(DType dtype) { return IsRef(dtype) || dtype == kResource; }

// R5.8.
bool IsResourceMaker(const Node& node) {
  return node.num_inputs() == 0 && node.num_outputs() == 1 &&
         RefersToState(node.output_dtype(0));
}

bool MakesNoStep(const Node& node) {
  const OpSchema& schema = *node.schema();
  const bool only_control =
      !schema.stateful && node.num_inputs() == 0 && node.num_outputs() == 0;
  return schema.variable || schema.constant || schema.view_of >= 0 ||
         only_control;
}

bool IsObject(DType dtype) {
  return dtype != kResource && DTypeSize(BaseType(dtype)) == 0;
}

// Are there elements that only the host's memory holds?
bool HoldsObjects(const Node& node) {
  if (node.schema()->variable) return IsObject(node.attr<DType>("dtype"));
  for (int i = 0; i < node.num_outputs(); ++i) {
    if (IsObject(node.output_dtype(i))) return true;
  }
  return false;
}

std::string TextOf(const DeviceName& name) {
  return name.empty() ? "no device" : name.ToString();
}

template <typename T>
bool Differ(const std::optional<T>& a, const std::optional<T>& b) {
  return a.has_value() && b.has_value() && *a != *b;
}

// R5.6: adds to `into` what `other` asks for. nullopt if they contradict each
// other.
std::optional<DeviceName> MergedRequest(DeviceName into,
                                        const DeviceName& other, bool soft) {
  if (Differ(into.job, other.job) || Differ(into.replica, other.replica) ||
      Differ(into.task, other.task)) {
    return std::nullopt;
  }
  if (Differ(into.type, other.type)) {
    if (!soft) return std::nullopt;
    DeviceName outer = other;
    outer.type.reset();
    outer.index.reset();
    into.type.reset();
    into.index.reset();
    into.FillFrom(outer);
    return into;
  }
  const bool index_differs = Differ(into.index, other.index);
  if (index_differs && !soft) return std::nullopt;
  into.FillFrom(other);
  if (index_differs) into.index.reset();
  return into;
}

// `name` where it does not contradict `by`.
DeviceName Overridden(const DeviceName& name, DeviceName by) {
  by.FillFrom(name);
  return by;
}

std::string DescribeEntry(const KernelEntry& entry) {
  std::string text = entry.device_type;
  if (entry.dtype != kInvalid) StrAppend(&text, " ", DTypeName(entry.dtype));
  for (const auto& [attr, dtype] : entry.options.types) {
    StrAppend(&text, " ", attr, "=", DTypeName(dtype));
  }
  return text;
}

}  // namespace

PlacementGroups::PlacementGroups(const Graph& graph,
                                 const DeviceSet& device_set,
                                 const PlacementDevices& devices,
                                 const KernelRegistry& kernels,
                                 const PlacementOptions& options)
    : graph_(graph),
      device_set_(device_set),
      devices_(devices),
      kernels_(kernels),
      options_(options),
      parent_(graph.id_limit()),
      groups_(graph.id_limit()),
      nothing_(Keep({})) {}

absl::Status PlacementGroups::Build() {
  const std::vector<Node*> nodes = graph_.nodes();
  for (const Node* node : nodes) TRELLIS_RETURN_IF_ERROR(AddNode(*node));
  for (const Node* node : nodes) {
    TRELLIS_RETURN_IF_ERROR(MergeReferenceEdges(*node));
  }
  for (const Node* node : nodes) TRELLIS_RETURN_IF_ERROR(MergeClasses(*node));
  return absl::OkStatus();
}

const DeviceName& PlacementGroups::request(const Node& node) const {
  return *requests_.at(node.device());
}

absl::Status PlacementGroups::AddNode(const Node& node) {
  if (node.schema() == nullptr) {
    return InvalidArgumentError(StrCat(
        node.DebugName(), ": this program does not know the op ", node.op()));
  }
  const int id = node.id();
  PlacementGroup& group = groups_[id];
  parent_[id] = id;
  group.first = id;
  TRELLIS_ASSIGN_OR_RETURN(group.requested, Request(node));
  group.resource = nothing_;
  if (IsOfTheHost(node)) {
    group.types = devices_.all_types();
    group.assigned = 0;
    return absl::OkStatus();
  }
  if (IsResourceMaker(node)) {
    group.resource = group.requested;
    group.variable = id;
  }
  if (options_.assigned) group.assigned = options_.assigned(node);
  group.types = SupportedTypes(node);
  if (group.types == 0) {
    return InvalidArgumentError(
        StrCat("cannot assign a device for operation ", node.DebugName(),
               ": no device of this session (",
               devices_.TypeNames(devices_.all_types()), ") has a kernel for ",
               DescribeKernels(node), "; node is ", node.Signature()));
  }
  return absl::OkStatus();
}

absl::StatusOr<const DeviceName*> PlacementGroups::Request(const Node& node) {
  const auto [it, added] = requests_.try_emplace(node.device(), nothing_);
  if (added) {
    absl::StatusOr<DeviceName> name = DeviceName::Parse(node.device());
    if (!name.ok()) {
      return InvalidArgumentError(
          StrCat("the device requested by ", node.DebugName(),
                 " cannot be read: ", name.status().message()));
    }
    it->second = Keep(*std::move(name));
  }
  return it->second;
}

const DeviceName* PlacementGroups::Keep(DeviceName name) {
  if (name.empty() && !names_.empty()) return nothing_;
  names_.push_back(std::move(name));
  return &names_.back();
}

TypeSet PlacementGroups::SupportedTypes(const Node& node) const {
  TypeSet supported = 0;
  const bool no_step = MakesNoStep(node), objects = HoldsObjects(node);
  for (size_t t = 0; t < devices_.types.size(); ++t) {
    const PlacementDevices::Type& type = devices_.types[t];
    if ((no_step && (type.is_host || !objects)) ||
        kernels_.Find(node, type.name) != nullptr) {
      supported |= TypeSet{1} << t;
    }
  }
  return supported;
}

// R5.5, 1.
absl::Status PlacementGroups::MergeReferenceEdges(const Node& node) {
  if (IsOfTheHost(node)) return absl::OkStatus();
  for (size_t a = 0; a < node.schema()->inputs.size(); ++a) {
    const auto [first, last] = node.InputRange(static_cast<int>(a));
    for (int i = first; i < last; ++i) {
      const Output input = node.input(i);
      if (!input) continue;
      if (node.schema()->inputs[a].is_ref || input.dtype() == kResource) {
        TRELLIS_RETURN_IF_ERROR(MergeAcrossReference(*input.node, node));
      }
    }
  }
  return absl::OkStatus();
}

// R5.9.
absl::Status PlacementGroups::MergeAcrossReference(const Node& from,
                                                   const Node& to) {
  const PlacementGroup& source = group(from.id());
  PlacementGroup& destination = group(to.id());
  if (!source.resource->CompatibleWith(*destination.resource)) {
    return InvalidArgumentError(
        StrCat("cannot assign a device for operation ", to.DebugName(),
               ": its input from ", from.DebugName(),
               " refers to a variable on ", TextOf(*source.resource),
               ", but another ties it to ", TextOf(*destination.resource)));
  }
  if (!source.requested->CompatibleWith(*destination.requested)) {
    destination.requested = source.requested;
  }
  const absl::Status merged = Merge(from.id(), to.id());
  if (merged.ok()) return merged;
  return InvalidArgumentError(
      StrCat("cannot assign a device for operation ", to.DebugName(),
             ": it takes a reference or handle from ", from.DebugName(),
             ", so they must be on one device, but ", merged.message()));
}

// R5.5, 2.
absl::Status PlacementGroups::MergeClasses(const Node& node) {
  const AttrValue* classes = node.FindAttr("_class");
  bool has_entry = false;
  if (classes != nullptr && classes->list() != nullptr) {
    for (const std::string& text : classes->list()->s) {
      absl::string_view name = text;
      if (!absl::ConsumePrefix(&name, "loc:@")) continue;
      has_entry = true;
      TRELLIS_RETURN_IF_ERROR(MergeIntoClass(node, name));
    }
  }
  return has_entry ? absl::OkStatus() : MergeIntoClass(node, node.name());
}

absl::Status PlacementGroups::MergeIntoClass(const Node& node,
                                             absl::string_view name) {
  const auto [it, first] = classes_.try_emplace(name, node.id());
  if (first) return absl::OkStatus();
  const absl::Status merged = Merge(it->second, node.id());
  // R5.10.
  if (merged.ok() || options_.allow_soft_placement) return absl::OkStatus();
  return InvalidArgumentError(StrCat(
      "cannot assign a device for operation ", node.DebugName(),
      ": it is to be colocated with ", name, ", but ", merged.message()));
}

// Changes nothing on failure.
absl::Status PlacementGroups::Merge(int a, int b) {
  const int root_a = Root(a), root_b = Root(b);
  if (root_a == root_b) return absl::OkStatus();
  PlacementGroup& x = groups_[root_a];
  PlacementGroup& y = groups_[root_b];
  const auto names = [&] {
    return StrCat(graph_.node(a)->DebugName(), " and ",
                  graph_.node(b)->DebugName());
  };
  if (x.assigned >= 0 && y.assigned >= 0 && x.assigned != y.assigned) {
    return InvalidArgumentError(
        StrCat(names(), " already have different devices, ",
               device_set_.device(x.assigned).name(), " and ",
               device_set_.device(y.assigned).name()));
  }
  const auto resource = MergedRequest(*x.resource, *y.resource, false);
  const auto requested =
      MergedRequest(*x.requested, *y.requested, options_.allow_soft_placement);
  if (!resource.has_value() || !requested.has_value()) {
    return InvalidArgumentError(StrCat(names(), " ask for different devices, ",
                                       TextOf(*x.requested), " and ",
                                       TextOf(*y.requested)));
  }
  if ((x.types & y.types) == 0) {
    return InvalidArgumentError(StrCat("no device type supports both ", names(),
                                       ".\n", Describe(a), Describe(b)));
  }
  if (x.size < y.size) return Merge(b, a);
  parent_[root_b] = root_a;
  x.types &= y.types;
  x.resource = x.resource == y.resource ? x.resource : Keep(*resource);
  x.requested = x.requested == y.requested && *x.resource == *nothing_
                    ? x.requested
                    : Keep(Overridden(*requested, *x.resource));
  x.assigned = std::max(x.assigned, y.assigned);
  x.size += y.size;
  x.first = std::min(x.first, y.first);
  if (x.variable < 0 || (y.variable >= 0 && y.variable < x.variable)) {
    x.variable = y.variable;
  }
  return absl::OkStatus();
}

int PlacementGroups::Root(int node_id) {
  while (parent_[node_id] != node_id) {
    parent_[node_id] = parent_[parent_[node_id]];
    node_id = parent_[node_id];
  }
  return node_id;
}

std::string PlacementGroups::Describe(int node_id) {
  const int root = Root(node_id);
  const PlacementGroup& group = groups_[root];
  std::string text = StrCat(
      "Colocation group of ", graph_.node(group.first)->name(), ": asks for ",
      TextOf(*group.requested), ", supports ", devices_.TypeNames(group.types));
  if (group.assigned >= 0) {
    StrAppend(&text, ", is on ", device_set_.device(group.assigned).name());
  }
  text += "\n";
  for (const Node* node : graph_.nodes()) {
    if (Root(node->id()) != root) continue;
    StrAppend(&text, "  ", node->name(), " (", node->op(), ": ",
              devices_.TypeNames(IsOfTheHost(*node) ? devices_.all_types()
                                                    : SupportedTypes(*node)),
              ")");
    if (!node->device().empty()) StrAppend(&text, " asks for ", node->device());
    text += "\n";
  }
  return text;
}

std::string PlacementGroups::DescribeKernels(const Node& node) const {
  std::vector<std::string> types, known;
  for (const auto& [name, value] : node.attrs()) {
    if (value.type() != nullptr) {
      types.push_back(StrCat(name, "=", value.ToString()));
    }
  }
  for (const KernelEntry* entry : kernels_.EntriesOf(node.op())) {
    known.push_back(DescribeEntry(*entry));
  }
  return StrCat(
      node.op(), " {", absl::StrJoin(types, ", "), "}; kernels of ",
      "this op: ", known.empty() ? "none" : absl::StrJoin(known, ", "));
}

}  // namespace trellis
