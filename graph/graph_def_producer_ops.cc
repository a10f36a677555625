#include "trellis/graph/graph_def_producer_ops.h"

#include <cstdint>
#include <optional>

#include "trellis/graph/attr_value_proto.h"

namespace trellis {
namespace {

// The outputs that an argument stands for; nullopt if the attributes do not
// say.
std::optional<std::vector<DType>> TypesOfArg(const proto::OpDef::ArgDef& arg,
                                             const Node& node,
                                             size_t max_outputs) {
  if (!arg.type_list_attr().empty()) {
    const AttrValue* types = node.FindAttr(arg.type_list_attr());
    if (types == nullptr || types->list() == nullptr) return std::nullopt;
    return types->list()->type;
  }
  DType type = kInvalid;
  if (arg.type_attr().empty()) {
    if (!IsKnownDType(arg.type())) return std::nullopt;
    type = static_cast<DType>(arg.type());
  } else {
    const AttrValue* value = node.FindAttr(arg.type_attr());
    if (value == nullptr || value->type() == nullptr) return std::nullopt;
    type = *value->type();
  }
  int64_t count = 1;
  if (!arg.number_attr().empty()) {
    const AttrValue* number = node.FindAttr(arg.number_attr());
    if (number == nullptr || number->i() == nullptr) return std::nullopt;
    count = *number->i();
  }
  if (count < 0 || static_cast<uint64_t>(count) > max_outputs) {
    return std::nullopt;
  }
  return std::vector<DType>(count, arg.is_ref() ? MakeRef(type) : type);
}

}  // namespace

ProducerOps::ProducerOps(const proto::OpList& ops,
                         const proto::FunctionDefLibrary& library) {
  for (const proto::OpDef& op : ops.op()) ops_[op.name()] = &op;
  for (const proto::FunctionDef& function : library.function()) {
    ops_[function.signature().name()] = &function.signature();
  }
}

bool ProducerOps::IsDefault(absl::string_view op, absl::string_view attr,
                            const AttrValue& value) const {
  const auto found = ops_.find(op);
  if (found == ops_.end()) return false;
  for (const auto& declared : found->second->attr()) {
    if (declared.name() != attr || !declared.has_default_value()) continue;
    DecodeState decode;
    const auto standard = AttrValueFromProto(declared.default_value(), decode);
    if (standard.ok() && *standard == value) return true;
  }
  return false;
}

std::vector<DType> ProducerOps::OutputTypes(const Node& node,
                                            size_t max_outputs) const {
  std::vector<DType> all;
  const auto op = ops_.find(node.op());
  if (op == ops_.end()) return all;
  for (const auto& arg : op->second->output_arg()) {
    const auto types = TypesOfArg(arg, node, max_outputs);
    if (!types.has_value() || types->size() > max_outputs - all.size()) break;
    all.insert(all.end(), types->begin(), types->end());
  }
  return all;
}

}  // namespace trellis
