// Tensors to and from checkpoint files (TensorBundle): the ops of the nodes
// that TensorFlow's Saver makes (R9.1 to R9.8).
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

// The shape of the slice that "5 2 0,3:0,2" describes; unknown for "" (the
// whole tensor, whatever its shape is).
absl::StatusOr<Shape> ShapeOfSlice(const std::string& text) {
  if (text.empty()) return Shape::Unknown();
  const auto malformed = [&] {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" describes no slice of a tensor"));
  };
  std::vector<std::string> fields = absl::StrSplit(text, ' ');
  const std::vector<std::string> extents = absl::StrSplit(fields.back(), ':');
  fields.pop_back();
  std::vector<int64_t> dims(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) {
    if (!absl::SimpleAtoi(fields[i], &dims[i]) || dims[i] < 0) {
      return malformed();
    }
  }
  // A scalar has no extent to describe: "" and "-" both stand for it.
  if (dims.empty()) return Shape::Scalar();
  if (extents.size() != dims.size()) return malformed();
  for (size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] == "-") continue;
    const std::vector<std::string> extent = absl::StrSplit(extents[i], ',');
    int64_t start = 0, length = 0;
    if (extent.size() != 2 || !absl::SimpleAtoi(extent[0], &start) ||
        !absl::SimpleAtoi(extent[1], &length) || start < 0 || length < 0 ||
        length > dims[i] || start > dims[i] - length) {
      return malformed();
    }
    dims[i] = length;
  }
  return Shape::Make(dims);
}

absl::Status RestoreShape(ShapeContext& c) {
  TRELLIS_RETURN_IF_ERROR(CheckNames(c, c.num_outputs()));
  const Tensor* slices = c.input_value(2);
  if (slices == nullptr) return absl::OkStatus();
  for (int i = 0; i < c.num_outputs(); ++i) {
    TRELLIS_ASSIGN_OR_RETURN(Shape shape,
                             ShapeOfSlice(slices->flat<std::string>()[i]));
    TRELLIS_RETURN_IF_ERROR(c.SetOutput(i, std::move(shape)));
  }
  return absl::OkStatus();
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
