// Cases as graphs: one node under test, with placeholders (or constants, or
// variables) for its inputs.
#ifndef TRELLIS_TESTS_CONFORMANCE_CASE_GRAPH_H_
#define TRELLIS_TESTS_CONFORMANCE_CASE_GRAPH_H_

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/op_schema.h"
#include "trellis/runtime/kernel/kernel_registry.h"
#include "trellis/runtime/session.h"
#include "trellis/tests/conformance/array.h"
#include "trellis/tests/conformance/op_case.h"

namespace trellis::testing {

// A case for a device type and the data types of one of its kernels.
struct CaseVariant {
  OpCase op_case;
  std::string device_type;
  // Of each of the op's attributes of kind "type".
  std::vector<std::pair<std::string, DType>> types;
};

// "MatMul_transposed_FAKE_float32".
std::string VariantName(const CaseVariant& variant);
// How GoogleTest prints it.
void PrintTo(const CaseVariant& variant, std::ostream* os);

// Those of all cases for which `kernels` has a kernel on this device type.
std::vector<CaseVariant> Variants(const std::vector<OpCase>& cases,
                                  const OpRegistry& ops,
                                  const KernelRegistry& kernels,
                                  absl::string_view device_type);

// The data type of input `i` of the node under test.
DType InputDType(const CaseVariant& variant, const OpSchema& schema, int i);

// How a graph that holds a case is run: names of nodes and tensors, so that
// they hold for a copy of the graph, too.
struct CaseRun {
  Feeds initial_values;
  std::vector<std::string> initializers;
  Feeds feeds;
  std::vector<std::string> fetches;
  std::vector<std::string> targets;
  // The variables' values afterwards.
  std::vector<std::string> reads;
};

enum class Parameters { kFed, kConstant };

// Adds the node "op" and what it needs to an empty graph.
absl::StatusOr<CaseRun> BuildCase(const CaseVariant& variant,
                                  const std::vector<Array>& inputs,
                                  Parameters parameters, Graph& graph);

// Runs it in a session of its own: the results of the fetches, then of the
// reads.
absl::StatusOr<std::vector<Tensor>> RunCase(
    Graph& graph, const CaseRun& run, const Session::Registries& registries,
    SessionOptions options);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_CONFORMANCE_CASE_GRAPH_H_
