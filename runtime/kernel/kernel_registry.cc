#include "trellis/runtime/kernel/kernel_registry.h"

#include <algorithm>

namespace trellis {
namespace {

// The op's first attribute that is a type, "" if it has none.
absl::string_view MainTypeAttr(const OpSchema& schema) {
  for (const AttrSchema& attr : schema.attrs) {
    if (attr.kind == "type") return attr.name;
  }
  return "";
}

bool AttrIs(const Node& node, absl::string_view attr, DType dtype) {
  const AttrValue* value = node.FindAttr(attr);
  return value != nullptr && value->type() != nullptr &&
         *value->type() == dtype;
}

bool Matches(const KernelEntry& entry, const Node& node,
             absl::string_view main_type) {
  if (entry.dtype != kInvalid && !AttrIs(node, main_type, entry.dtype)) {
    return false;
  }
  return std::all_of(
      entry.options.types.begin(), entry.options.types.end(),
      [&](const auto& type) { return AttrIs(node, type.first, type.second); });
}

size_t Specificity(const KernelEntry& entry) {
  return entry.options.types.size() + (entry.dtype != kInvalid ? 1 : 0);
}

}  // namespace

void KernelRegistry::AddEntry(KernelEntry entry) {
  by_op_[entry.op].push_back(std::make_unique<KernelEntry>(std::move(entry)));
}

void KernelRegistry::AddMaker(absl::string_view op,
                              absl::string_view device_type, DType dtype,
                              std::unique_ptr<Kernel> (*make)(),
                              const KernelOptions* options) {
  AddEntry({.op = std::string(op),
            .device_type = std::string(device_type),
            .dtype = dtype,
            .options = options != nullptr ? *options : KernelOptions(),
            .make = make});
}

const KernelEntry* KernelRegistry::Find(const Node& node,
                                        absl::string_view device_type) const {
  const auto it = by_op_.find(node.op());
  if (it == by_op_.end() || node.schema() == nullptr) return nullptr;
  const absl::string_view main_type = MainTypeAttr(*node.schema());
  const KernelEntry* best = nullptr;
  for (const auto& entry : it->second) {
    if (entry->device_type != device_type ||
        !Matches(*entry, node, main_type)) {
      continue;
    }
    if (best == nullptr || Specificity(*entry) > Specificity(*best)) {
      best = entry.get();
    }
  }
  return best;
}

std::vector<const KernelEntry*> KernelRegistry::EntriesOf(
    absl::string_view op) const {
  std::vector<const KernelEntry*> entries;
  const auto it = by_op_.find(op);
  if (it == by_op_.end()) return entries;
  for (const auto& entry : it->second) entries.push_back(entry.get());
  return entries;
}

std::vector<const KernelEntry*> KernelRegistry::entries() const {
  std::vector<const KernelEntry*> all;
  for (const auto& [op, entries] : by_op_) {
    for (const auto& entry : entries) all.push_back(entry.get());
  }
  std::stable_sort(
      all.begin(), all.end(),
      [](const KernelEntry* a, const KernelEntry* b) { return a->op < b->op; });
  return all;
}

}  // namespace trellis
