// The parameters of a model: its variables, or in a frozen graph its constants.
#ifndef TRELLIS_TOOLS_TRELLIS_PARAMETERS_H_
#define TRELLIS_TOOLS_TRELLIS_PARAMETERS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/meta_graph.h"
#include "trellis/graph/shape.h"
#include "trellis/io/checkpoint_reader.h"

namespace trellis {

enum class ParameterKind {
  kTrainable,
  kBatchNormStatistic,  // moving mean or variance
  kOptimizerSlot,       // "w/Adam" beside a variable "w", "beta1_power"
  kOther,     // a step counter; whatever no collection calls trainable
  kConstant,  // of a frozen graph
};
// "trainable", "batch_norm_statistic", "optimizer_slot", "other", "constant".
absl::string_view ParameterKindName(ParameterKind kind);

struct Parameter {
  std::string name;
  std::string scope;  // "fc1/dense" of "fc1/dense/kernel" and its slots
  DType dtype = kInvalid;
  Shape shape;
  ParameterKind kind = ParameterKind::kOther;

  int64_t elements() const;  // 0 where the shape is not known
  int64_t bytes() const;
};

// The variables, in the order of the graph. Without collections, as in a
// GraphDef, none is known to be trainable. A graph without variables gives its
// floating-point constants of rank 1 and more. InvalidArgument if the
// collection of trainable variables is malformed.
absl::StatusOr<std::vector<Parameter>> ParametersOf(const MetaGraph& meta);

// Of a checkpoint without graph, by name; reads no values.
std::vector<Parameter> ParametersOf(const CheckpointReader& checkpoint);

struct ParameterSum {
  int64_t count = 0;
  int64_t elements = 0;
  int64_t bytes = 0;

  void Add(const Parameter& parameter);
};

std::map<ParameterKind, ParameterSum> SumByKind(
    const std::vector<Parameter>& parameters);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_PARAMETERS_H_
