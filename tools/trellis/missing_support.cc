#include "trellis/tools/trellis/missing_support.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {
namespace {

// Nodes without a step of their own: see Place.
bool NeedsKernel(const Node& node) {
  const OpSchema& schema = *node.schema();
  const bool only_control =
      !schema.stateful && node.num_inputs() == 0 && node.num_outputs() == 0;
  return !(schema.variable || schema.constant || schema.must_be_fed ||
           schema.view_of >= 0 || only_control);
}

std::string OpWithTypes(const Node& node) {
  std::vector<std::string> types;
  for (const AttrSchema& attr : node.schema()->attrs) {
    const AttrValue* value = node.FindAttr(attr.name);
    if (attr.kind != "type" || value == nullptr || value->type() == nullptr) {
      continue;
    }
    types.push_back(absl::StrCat(attr.name, "=", DTypeName(*value->type())));
  }
  return types.empty()
             ? node.op()
             : absl::StrCat(node.op(), " (", absl::StrJoin(types, ", "), ")");
}

}  // namespace

MissingSupport FindMissingSupport(const Graph& graph,
                                  const KernelRegistry& kernels) {
  MissingSupport missing;
  for (const Node* node : graph.nodes()) {
    if (node->schema() == nullptr) {
      ++missing.unknown_ops[node->op()];
    } else if (NeedsKernel(*node) && kernels.Find(*node, kCpu) == nullptr) {
      ++missing.missing_kernels[OpWithTypes(*node)];
    }
  }
  return missing;
}

}  // namespace trellis
