// A model compiled for what a command line asks of it, to be looked at and not
// run.
#ifndef TRELLIS_TOOLS_TRELLIS_COMPILED_MODEL_H_
#define TRELLIS_TOOLS_TRELLIS_COMPILED_MODEL_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape.h"
#include "trellis/runtime/program.h"
#include "trellis/tools/trellis/flags.h"
#include "trellis/tools/trellis/model_session.h"

namespace trellis {

// --fetch, --target, --feed NAME, --shape, --batch and those of
// ModelSessionFlags that decide what is compiled.
std::vector<FlagSpec> CompiledModelFlags();

// Members in the order in which they need each other.
struct CompiledModel {
  ModelSession model;
  std::unique_ptr<OpRegistry> ops;
  std::unique_ptr<Program> program;
  std::vector<Shape> feed_shapes;  // partly unknown, unless flags say more
};

// Compiles the first argument for the fetches and targets that the flags name,
// else for the output that looks likeliest. Fed are the tensors of --feed,
// --shape and --signature, and all placeholders that are needed. Errors as
// Compile.
absl::StatusOr<CompiledModel> CompileModel(const Flags& flags);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_COMPILED_MODEL_H_
