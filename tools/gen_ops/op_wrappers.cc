#include "trellis/tools/gen_ops/op_wrappers.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "trellis/base/status_macros.h"
#include "trellis/tools/gen_ops/op_docs.h"
#include "trellis/tools/gen_ops/op_signature.h"
#include "trellis/tools/gen_ops/text.h"

namespace trellis {
namespace {

using absl::StrAppend;
using absl::StrCat;

std::string HeaderName(const WrapperPlace& place) {
  return StrCat(place.package, "/", place.family, "_ops.h");
}

std::string Guard(const WrapperPlace& place) {
  return StrCat(absl::AsciiStrToUpper(absl::StrReplaceAll(
                    HeaderName(place), {{"/", "_"}, {".", "_"}})),
                "_");
}

std::string OptionsType(const OpSignature& op) {
  return StrCat(op.function, "Options");
}

// Output, std::vector<Output>, a struct of both, or Node*.
std::string ResultType(const OpSignature& op) {
  if (op.outputs.empty()) return "Node*";
  if (op.outputs.size() == 1) return op.outputs[0].type;
  return StrCat(op.function, "Outputs");
}

std::vector<std::string> Parameters(const OpSignature& op, bool declaration) {
  std::vector<std::string> parameters = {"const Scope& scope"};
  for (const OpParameter& input : op.inputs) {
    parameters.push_back(StrCat("const ", input.type, "& ", input.name));
  }
  for (const OpParameter& argument : op.arguments) {
    parameters.push_back(StrCat(argument.type, " ", argument.name));
  }
  parameters.push_back(StrCat("const ", OptionsType(op), "& options",
                              declaration ? " = {}" : ""));
  parameters.push_back(
      StrCat("SourceLocation location",
             declaration ? " = std::source_location::current()" : ""));
  return parameters;
}

// ---- header

std::string Comment(const OpSchema& schema) {
  std::string comment =
      StrCat(Fill(schema.doc, "// "), "//\n", Fill(schema.ToString(), "//   "));
  for (const AttrSchema& attr : schema.attrs) {
    const std::string about = DescribeAttr(attr);
    if (!about.empty()) {
      StrAppend(&comment,
                Fill(StrCat(CppIdentifier(attr.name), ": ", about), "//   "));
    }
  }
  if (schema.gradient == nullptr) {
    StrAppend(
        &comment, "//\n",
        Fill(StrCat("No gradient: ", schema.not_differentiable, "."), "// "));
  }
  return comment;
}

std::string OptionsStruct(const OpSignature& op) {
  std::string text = StrCat("struct ", OptionsType(op), " {\n");
  for (const OpParameter& option : op.options) {
    StrAppend(&text, "  ", option.type, " ", option.name, " = ",
              option.default_value, ";\n");
  }
  StrAppend(&text, "  std::string name = \"\";\n};\n\n");
  return text;
}

std::string OutputsStruct(const OpSignature& op) {
  if (op.outputs.size() < 2) return "";
  std::string text = StrCat("struct ", ResultType(op), " {\n");
  for (const OpParameter& output : op.outputs) {
    StrAppend(&text, "  ", output.type, " ", output.name, ";\n");
  }
  StrAppend(&text, "};\n\n");
  return text;
}

std::string Declaration(const OpSchema& schema, const OpSignature& op) {
  return StrCat(OptionsStruct(op), OutputsStruct(op), Comment(schema),
                FillList(StrCat(ResultType(op), " ", op.function, "("),
                         Parameters(op, true), ");"));
}

// ---- source

// How the value of an attribute is written where an AttrValue is wanted.
std::string AttrExpression(const AttrSchema& attr, std::string value) {
  if (attr.kind == "list(bool)") return StrCat("AttrList{.b = ", value, "}");
  if (attr.kind == "list(tensor)") {
    return StrCat("AttrList{.tensor = ", value, "}");
  }
  if (attr.kind == "list(func)") {
    return StrCat("AttrList{.func = ", value, "}");
  }
  return value;
}

// The C++ expression of an attribute's value inside the wrapper.
std::string ValueOf(const OpSignature& op, absl::string_view attr) {
  for (const OpParameter& argument : op.arguments) {
    if (argument.schema_name == attr) return argument.name;
  }
  for (const OpParameter& option : op.options) {
    if (option.schema_name == attr) return StrCat("options.", option.name);
  }
  return "";
}

// How many tensors a list output has: what a number or type attribute says, or
// as many as the input list that it follows from.
std::string CountOf(const OpSchema& schema, const OpSignature& op, int output) {
  const ArgSchema& arg = schema.outputs[output];
  const std::string& attr = arg.number.empty() ? arg.type : arg.number;
  for (size_t i = 0; i < schema.inputs.size(); ++i) {
    if (schema.inputs[i].number == attr || schema.inputs[i].type == attr) {
      return StrCat(op.inputs[i].name, ".size()");
    }
  }
  const std::string value = ValueOf(op, attr);
  return arg.number.empty() ? StrCat(value, ".size()") : value;
}

// The return statement.
std::string Return(const OpSchema& schema, const OpSignature& op) {
  std::vector<std::string> values;
  int single = 0;     // how many single outputs stand before this one,
  std::string lists;  // and " + how many" are in the lists before it
  for (size_t i = 0; i < op.outputs.size(); ++i) {
    const std::string first = StrCat(single, lists);
    if (op.outputs[i].list) {
      const std::string count = CountOf(schema, op, i);
      values.push_back(StrCat("Outputs(node, ", first, ", ", count, ")"));
      StrAppend(&lists, " + ", count);
    } else {
      values.push_back(StrCat("node->output(", first, ")"));
      ++single;
    }
  }
  if (values.size() == 1) return StrCat("  return ", values[0], ";\n");
  return FillList("  return {", values, "};");
}

std::string Definition(const OpSchema& schema, const OpSignature& op) {
  std::string text = FillList(StrCat(ResultType(op), " ", op.function, "("),
                              Parameters(op, false), ") {");
  StrAppend(&text, "  OpBuilder builder(scope, \"", schema.name,
            "\", options.name, location);\n");
  for (const OpParameter& input : op.inputs) {
    StrAppend(&text, "  builder.", input.type, "(", input.name, ");\n");
  }
  for (const AttrSchema& attr : schema.attrs) {
    if (IsInferred(schema, attr)) continue;
    StrAppend(&text, "  builder.Attr(\"", attr.name, "\", ",
              AttrExpression(attr, ValueOf(op, attr.name)), ");\n");
  }
  if (op.outputs.empty()) {
    StrAppend(&text, "  return builder.Build();\n}\n");
  } else {
    StrAppend(&text, "  Node* node = builder.Build();\n", Return(schema, op),
              "}\n");
  }
  return text;
}

// The functions of a family that have a list among their outputs need this.
constexpr absl::string_view kOutputs =
    "namespace {\n"
    "\n"
    "// `count` outputs of the node; as many of the error node's.\n"
    "std::vector<Output> Outputs(Node* node, int64_t first, int64_t count) {\n"
    "  std::vector<Output> outputs;\n"
    "  for (int64_t i = 0; i < count; ++i) {\n"
    "    outputs.push_back(node->output(static_cast<int>(first + i)));\n"
    "  }\n"
    "  return outputs;\n"
    "}\n"
    "\n"
    "}  // namespace\n"
    "\n";

std::string Origin(const WrapperPlace& place) {
  return StrCat("// Written by tools/gen_ops from ops/", place.family,
                ".cc; do not edit.\n");
}

bool HasListOutput(const OpSignature& op) {
  for (const OpParameter& output : op.outputs) {
    if (output.list) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<std::string> WrapperHeader(const OpRegistry& registry,
                                          const WrapperPlace& place) {
  const std::string guard = Guard(place);
  std::string text = StrCat(
      Origin(place), "#ifndef ", guard, "\n#define ", guard,
      "\n\n#include <source_location>\n#include <string>\n#include <vector>\n\n"
      "#include \"trellis/graph/graph.h\"\n"
      "#include \"trellis/graph/input.h\"\n"
      "#include \"trellis/graph/scope.h\"\n\nnamespace ",
      place.space, " {\n");
  for (const OpSchema* schema : registry.schemas()) {
    if (!HasWrapper(*schema)) continue;
    TRELLIS_ASSIGN_OR_RETURN(const OpSignature op, SignatureOf(*schema));
    StrAppend(&text, "\n", Declaration(*schema, op));
  }
  StrAppend(&text, "\n}  // namespace ", place.space, "\n\n#endif  // ", guard,
            "\n");
  return text;
}

absl::StatusOr<std::string> WrapperSource(const OpRegistry& registry,
                                          const WrapperPlace& place) {
  std::string functions;
  bool lists = false;
  for (const OpSchema* schema : registry.schemas()) {
    if (!HasWrapper(*schema)) continue;
    TRELLIS_ASSIGN_OR_RETURN(const OpSignature op, SignatureOf(*schema));
    lists = lists || HasListOutput(op);
    StrAppend(&functions, Definition(*schema, op), "\n");
  }
  return StrCat(Origin(place), "#include \"", HeaderName(place),
                "\"\n\n#include \"trellis/graph/op_builder.h\"\n\nnamespace ",
                place.space, " {\n", lists ? kOutputs : "", functions,
                "}  // namespace ", place.space, "\n");
}

}  // namespace trellis
