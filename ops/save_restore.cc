// Tensors to and from checkpoint files (TensorBundle): the ops of the nodes
// that TensorFlow's Saver makes (R9.1 to R9.8).
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape_context.h"
#include "trellis/ops/families.h"

namespace trellis {
namespace {

// prefix is a scalar; tensor_names and shape_and_slices are vectors with an
// element for each of `tensors` tensors.
absl::Status CheckNames(ShapeContext& c, int tensors) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(0, 0).status());
  for (int i = 1; i <= 2; ++i) {
    TRELLIS_ASSIGN_OR_RETURN(const Shape names, c.ExpectRank(i, 1));
    TRELLIS_RETURN_IF_ERROR(
        c.Expect(absl::StrCat("length of input ", i), names.dim(0), tensors)
            .status());
  }
  return absl::OkStatus();
}

absl::Status SaveShape(ShapeContext& c) {
  return CheckNames(c, c.num_inputs() - 3);
}

OpSchema SaveV2() {
  return {
      .name = "SaveV2",
      .doc =
          "Writes tensors to the checkpoint prefix, under tensor_names.\n\n"
          "An element of shape_and_slices is empty, or says which part of a "
          "larger tensor is written: \"5 2 0,3:0,2\" is the block of 3 rows "
          "and 2 columns at row 0, column 0 of a tensor of shape [5, 2].",
      .inputs = {{"prefix", "string"},
                 {"tensor_names", "string"},
                 {"shape_and_slices", "string"},
                 {"tensors", "dtypes"}},
      .attrs = {{.name = "dtypes", .kind = "list(type)", .minimum = 1}},
      .shape = SaveShape,
      .not_differentiable = "has no outputs",
      .stateful = true,
  };
}

// The shapes of the tensors are the file's.
absl::Status RestoreShape(ShapeContext& c) {
  return CheckNames(c, c.num_outputs());
}

OpSchema RestoreV2() {
  return {
      .name = "RestoreV2",
      .doc =
          "Reads the tensors called tensor_names from the checkpoint "
          "prefix.\n\n"
          "shape_and_slices as in SaveV2. NotFound for a name that is not "
          "there, InvalidArgument for one of another dtype.",
      .inputs = {{"prefix", "string"},
                 {"tensor_names", "string"},
                 {"shape_and_slices", "string"}},
      .outputs = {{"tensors", "dtypes"}},
      .attrs = {{.name = "dtypes", .kind = "list(type)", .minimum = 1}},
      .shape = RestoreShape,
      .not_differentiable = "reads a file",
      .stateful = true,
  };
}

absl::Status MergeShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(c.ExpectRank(0, 1).status());
  return c.ExpectRank(1, 0).status();
}

OpSchema MergeV2Checkpoints() {
  return {
      .name = "MergeV2Checkpoints",
      .doc =
          "Makes the checkpoints of several shards the one checkpoint "
          "destination_prefix.\n\n"
          "With delete_old_dirs the folders of the shards are removed where "
          "that leaves them empty.",
      .inputs = {{"checkpoint_prefixes", "string"},
                 {"destination_prefix", "string"}},
      .attrs = {BoolAttr("delete_old_dirs", true)},
      .shape = MergeShape,
      .not_differentiable = "has no outputs",
      .stateful = true,
  };
}

absl::Status ShardedFilenameShape(ShapeContext& c) {
  for (int i = 0; i < 3; ++i) {
    TRELLIS_RETURN_IF_ERROR(c.ExpectRank(i, 0).status());
  }
  return ScalarShape(c);
}

OpSchema ShardedFilename() {
  return {
      .name = "ShardedFilename",
      .doc = "The file name of one shard: \"basename-00001-of-00004\".",
      .inputs = {{"basename", "string"},
                 {"shard", "int32"},
                 {"num_shards", "int32"}},
      .outputs = {{"filename", "string"}},
      .shape = ShardedFilenameShape,
      .not_differentiable = "computes with strings",
  };
}

}  // namespace

void RegisterSaveRestoreOps(OpRegistry& registry) {
  registry.Add(SaveV2());
  registry.Add(RestoreV2());
  registry.Add(MergeV2Checkpoints());
  registry.Add(ShardedFilename());
}

}  // namespace trellis
