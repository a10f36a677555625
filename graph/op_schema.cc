#include "trellis/graph/op_schema.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "trellis/base/check.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

absl::Status Malformed(const OpSchema& schema, absl::string_view what) {
  return absl::InternalError(
      absl::StrCat("schema of ", schema.name, ": ", what));
}

absl::Status ValidateArg(const OpSchema& schema, const ArgSchema& arg) {
  const AttrSchema* type = schema.FindAttr(arg.type);
  if (type == nullptr && !ParseDType(arg.type).has_value()) {
    return Malformed(schema, absl::StrCat("argument ", arg.name,
                                          " has no type: ", arg.type));
  }
  if (type != nullptr && type->kind != "type" && type->kind != "list(type)") {
    return Malformed(schema, absl::StrCat("attribute ", arg.type,
                                          " is no type but types ", arg.name));
  }
  if (!arg.number.empty()) {
    const AttrSchema* number = schema.FindAttr(arg.number);
    if (number == nullptr || number->kind != "int") {
      return Malformed(schema,
                       absl::StrCat("attribute ", arg.number,
                                    " is no int but counts ", arg.name));
    }
  }
  return absl::OkStatus();
}

// Looked up here once, instead of for each node.
void ResolveType(const OpSchema& schema, ArgSchema* arg) {
  const AttrSchema* type = schema.FindAttr(arg->type);
  if (type == nullptr) {
    arg->fixed_type = *ParseDType(arg->type);
  } else {
    arg->is_type_list = type->kind == "list(type)";
  }
}

std::string ArgsText(const std::vector<ArgSchema>& args) {
  return absl::StrJoin(args, ", ", [](std::string* out, const ArgSchema& arg) {
    absl::StrAppend(out, arg.name, ": ",
                    arg.number.empty() ? "" : absl::StrCat(arg.number, " * "),
                    arg.is_ref ? "Ref(" : "", arg.type, arg.is_ref ? ")" : "");
  });
}

}  // namespace

AttrSchema TypeAttr(std::string name, DTypeSet allowed) {
  return {.name = std::move(name), .kind = "type", .allowed_types = allowed};
}
AttrSchema TypeAttr(std::string name, DTypeSet allowed, DType default_value) {
  return {.name = std::move(name),
          .kind = "type",
          .default_value = default_value,
          .allowed_types = allowed};
}
AttrSchema BoolAttr(std::string name, bool default_value) {
  return {
      .name = std::move(name), .kind = "bool", .default_value = default_value};
}
AttrSchema IntAttr(std::string name, int64_t default_value) {
  return {
      .name = std::move(name), .kind = "int", .default_value = default_value};
}
AttrSchema FloatAttr(std::string name, float default_value) {
  return {
      .name = std::move(name), .kind = "float", .default_value = default_value};
}
AttrSchema StringAttr(std::string name, std::string default_value) {
  return {.name = std::move(name),
          .kind = "string",
          .default_value = std::move(default_value)};
}
AttrSchema NumberAttr(std::string name, int64_t minimum) {
  return {.name = std::move(name), .kind = "int", .minimum = minimum};
}

const AttrSchema* OpSchema::FindAttr(absl::string_view attr) const {
  for (const AttrSchema& a : attrs) {
    if (a.name == attr) return &a;
  }
  return nullptr;
}

int OpSchema::FindInput(absl::string_view arg) const {
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].name == arg) return static_cast<int>(i);
  }
  return -1;
}

int OpSchema::FindOutput(absl::string_view arg) const {
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (outputs[i].name == arg) return static_cast<int>(i);
  }
  return -1;
}

std::string OpSchema::ToString() const {
  return absl::StrCat(name, "(", ArgsText(inputs), ") -> (", ArgsText(outputs),
                      ")");
}

absl::Status Validate(const OpSchema& schema) {
  if (schema.name.empty()) return Malformed(schema, "no name");
  if (schema.doc.empty()) return Malformed(schema, "no documentation");
  if (schema.shape == nullptr) return Malformed(schema, "no shape function");
  if (schema.gradient != nullptr && !schema.not_differentiable.empty()) {
    return Malformed(schema, "a gradient and a reason to have none");
  }
  if (schema.gradient == nullptr && schema.not_differentiable.empty()) {
    return Malformed(schema, "neither a gradient nor a reason to have none");
  }
  absl::flat_hash_set<absl::string_view> names;
  for (const AttrSchema& attr : schema.attrs) {
    if (!names.insert(attr.name).second) {
      return Malformed(schema, absl::StrCat("two attributes ", attr.name));
    }
    if (attr.default_value.is_set() && attr.default_value.kind() != attr.kind &&
        !(attr.default_value.kind() == "list(any)" &&
          absl::StartsWith(attr.kind, "list("))) {
      return Malformed(schema, absl::StrCat("default of ", attr.name, " is ",
                                            attr.default_value.kind()));
    }
  }
  names.clear();
  for (const ArgSchema& arg : schema.inputs) {
    if (!names.insert(arg.name).second) {
      return Malformed(schema, absl::StrCat("two inputs ", arg.name));
    }
    TRELLIS_RETURN_IF_ERROR(ValidateArg(schema, arg));
  }
  names.clear();
  for (const ArgSchema& arg : schema.outputs) {
    if (!names.insert(arg.name).second) {
      return Malformed(schema, absl::StrCat("two outputs ", arg.name));
    }
    TRELLIS_RETURN_IF_ERROR(ValidateArg(schema, arg));
  }
  return absl::OkStatus();
}

void OpRegistry::Add(OpSchema schema) {
  const absl::Status valid = Validate(schema);
  TRELLIS_CHECK(valid.ok()) << valid.ToString();
  for (ArgSchema& arg : schema.inputs) ResolveType(schema, &arg);
  for (ArgSchema& arg : schema.outputs) ResolveType(schema, &arg);
  std::string name = schema.name;
  const bool added =
      schemas_
          .emplace(std::move(name),
                   std::make_unique<const OpSchema>(std::move(schema)))
          .second;
  TRELLIS_CHECK(added) << "an op is registered twice";
}

const OpSchema* OpRegistry::Find(absl::string_view name) const {
  const auto it = schemas_.find(name);
  if (it != schemas_.end()) return it->second.get();
  return base_ == nullptr ? nullptr : base_->Find(name);
}

std::vector<const OpSchema*> OpRegistry::schemas() const {
  std::vector<const OpSchema*> all;
  for (const auto& [name, schema] : schemas_) all.push_back(schema.get());
  std::sort(all.begin(), all.end(), [](const OpSchema* a, const OpSchema* b) {
    return a->name < b->name;
  });
  return all;
}

}  // namespace trellis
