// The ops that compiling adds to a Program's own copy of the graph. They begin
// with "_" and are never exported.
//
//   _Feed   -> value            a fed tensor; attrs dtype, shape, index
//   _Fetch  value ->            what the caller gets back; attr index
//   _Target ->                  control inputs: what the caller wants to have
//   run _Copy   input -> output     the same value in another device's memory
#ifndef TRELLIS_RUNTIME_COMPILE_INTERNAL_OPS_H_
#define TRELLIS_RUNTIME_COMPILE_INTERNAL_OPS_H_

#include "absl/strings/string_view.h"
#include "trellis/graph/op_schema.h"

namespace trellis {

inline constexpr absl::string_view kFeedOp = "_Feed";
inline constexpr absl::string_view kFetchOp = "_Fetch";
inline constexpr absl::string_view kTargetOp = "_Target";
inline constexpr absl::string_view kCopyOp = "_Copy";

void RegisterInternalOps(OpRegistry& registry);

}  // namespace trellis

#endif  // TRELLIS_RUNTIME_COMPILE_INTERNAL_OPS_H_
