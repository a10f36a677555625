// Writes the training graphs that our_step_in_tensorflow.py runs: the network
// of examples/mnist for each kind of variable, data type and optimizer.
//
//   our_training_graphs DIRECTORY
//
// makes DIRECTORY/COMBO.pb, a GraphDef, and DIRECTORY/COMBO.gradients.txt,
// lines `VARIABLE TENSOR`: the tensor that holds a variable's gradient as the
// optimizer gets it. COMBO is {ref, resource}_{float32, float64}_{adam,
// momentum}; ref graphs are made with GraphOptions::tf115.
#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "trellis/base/status_macros.h"
#include "trellis/examples/mnist/network.h"
#include "trellis/graph/graph_def.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/trellis.h"

namespace trellis {
namespace {

// The optimizers' updates are the only ops with an operand of this name and a
// variable before all others.
std::string GradientsByVariable(const Graph& graph) {
  std::string lines;
  for (const Node* node : graph.nodes()) {
    const OpSchema* schema = node->schema();
    for (size_t a = 0; schema != nullptr && a < schema->inputs.size(); ++a) {
      if (schema->inputs[a].name != "grad") continue;
      const Output gradient =
          node->input(node->InputRange(static_cast<int>(a)).first);
      absl::StrAppend(&lines, node->input(0).node->name(), " ", gradient.name(),
                      "\n");
    }
  }
  return lines;
}

absl::Status WriteGraph(const std::string& directory, bool ref, DType dtype,
                        mnist::Training training) {
  Graph graph = NewGraph({.tf115 = ref, .seed = 1});
  mnist::BuildNetwork(graph.root(), {.training = training, .dtype = dtype});
  TRELLIS_ASSIGN_OR_RETURN(const std::string bytes, ExportGraphDef(graph));
  const std::string stem = absl::StrCat(
      directory, "/", ref ? "ref" : "resource", "_", DTypeName(dtype), "_",
      training == mnist::Training::kAdam ? "adam" : "momentum");
  FileSystem& files = PosixFileSystem::Get();
  TRELLIS_RETURN_IF_ERROR(
      WriteFileAtomically(files, absl::StrCat(stem, ".pb"), bytes));
  return WriteFileAtomically(files, absl::StrCat(stem, ".gradients.txt"),
                             GradientsByVariable(graph));
}

absl::Status WriteAll(const std::string& directory) {
  using mnist::Training;
  for (const bool ref : {true, false}) {
    for (const DType dtype : {kFloat32, kFloat64}) {
      for (const Training t : {Training::kAdam, Training::kMomentum}) {
        TRELLIS_RETURN_IF_ERROR(WriteGraph(directory, ref, dtype, t));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace trellis

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s DIRECTORY\n", argv[0]);
    return 2;
  }
  if (const absl::Status s = trellis::WriteAll(argv[1]); !s.ok()) {
    std::fprintf(stderr, "%s\n", s.ToString().c_str());
    return 1;
  }
  return 0;
}
