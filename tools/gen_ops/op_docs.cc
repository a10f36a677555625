#include "trellis/tools/gen_ops/op_docs.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace trellis {
namespace {

using absl::StrAppend;
using absl::StrCat;

constexpr absl::string_view kIntroduction =
    "# Operations\n"
    "\n"
    "Written by `tools/gen_ops` from the schemas in `ops/`; do not edit.\n"
    "A family's C++ functions are in `trellis/ops/<family>_ops.h`. An op "
    "without a\n"
    "line about gradients is differentiable.\n";

std::string Anchor(const OpSchema& schema) {
  return StrCat("[", schema.name, "](#", absl::AsciiStrToLower(schema.name),
                ")");
}

std::string Properties(const OpSchema& schema) {
  std::vector<std::string> properties;
  if (schema.random) {
    properties.push_back("random");
  } else if (schema.stateful) {
    properties.push_back("stateful");
  }
  if (schema.commutative) properties.push_back("commutative");
  if (schema.blocks) properties.push_back("may wait");
  return absl::StrJoin(properties, ", ");
}

void AppendOp(const OpSchema& schema, std::string* page) {
  StrAppend(page, "\n### ", schema.name, "\n\n`", schema.ToString(), "`\n\n",
            schema.doc, "\n");
  std::string notes;
  for (const AttrSchema& attr : schema.attrs) {
    const std::string about = DescribeAttr(attr);
    StrAppend(&notes, "* `", attr.name, "`: ", attr.kind,
              about.empty() ? "" : "; ", about, "\n");
  }
  const std::string properties = Properties(schema);
  if (!properties.empty()) StrAppend(&notes, "* ", properties, "\n");
  if (schema.gradient == nullptr) {
    StrAppend(&notes, "* no gradient: ", schema.not_differentiable, "\n");
  }
  if (!notes.empty()) StrAppend(page, "\n", notes);
}

}  // namespace

std::string DescribeAttr(const AttrSchema& attr) {
  std::vector<std::string> facts;
  if (!attr.allowed_types.empty()) {
    facts.push_back(StrCat("one of ", attr.allowed_types.ToString()));
  }
  if (!attr.allowed_strings.empty()) {
    facts.push_back(
        StrCat("one of ", absl::StrJoin(attr.allowed_strings, ", ")));
  }
  if (attr.minimum.has_value()) {
    facts.push_back(
        StrCat(absl::StartsWith(attr.kind, "list") ? "size >= " : ">= ",
               *attr.minimum));
  }
  if (attr.default_value.is_set()) {
    facts.push_back(StrCat("default ", attr.default_value.ToString()));
  }
  return absl::StrJoin(facts, "; ");
}

std::string OpsPage(absl::Span<const OpFamily> families) {
  std::string page =
      StrCat(kIntroduction, "\n| family | operations |\n", "| --- | --- |\n");
  std::string chapters;
  for (const OpFamily& family : families) {
    OpRegistry registry;
    family.add(registry);
    std::vector<std::string> anchors;
    StrAppend(&chapters, "\n## ", family.name, "\n");
    for (const OpSchema* schema : registry.schemas()) {
      anchors.push_back(Anchor(*schema));
      AppendOp(*schema, &chapters);
    }
    StrAppend(&page, "| ", family.name, " | ", absl::StrJoin(anchors, ", "),
              " |\n");
  }
  return page + chapters;
}

}  // namespace trellis
