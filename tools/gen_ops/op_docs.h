// docs/ops.md: every operation, for people.
#ifndef TRELLIS_TOOLS_GEN_OPS_OP_DOCS_H_
#define TRELLIS_TOOLS_GEN_OPS_OP_DOCS_H_

#include <string>

#include "absl/types/span.h"
#include "trellis/graph/op_schema.h"
#include "trellis/ops/families.h"

namespace trellis {

// What is to be known of an attribute besides its name, "" if nothing is:
// "one of float32, float64; default float32".
std::string DescribeAttr(const AttrSchema& attr);

// The page: for each family its ops, with signature, doc, attributes, and
// whether gradients flow through them. The same text for the same schemas.
std::string OpsPage(absl::Span<const OpFamily> families);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_GEN_OPS_OP_DOCS_H_
