// Checks of a FunctionDefLibrary. Internal to the converters of graph/.
#ifndef TRELLIS_GRAPH_FUNCTION_LIBRARY_H_
#define TRELLIS_GRAPH_FUNCTION_LIBRARY_H_

#include "absl/status/status.h"
#include "trellis/proto/function.pb.h"

namespace trellis {

// InvalidArgument, naming the function: no name or signature, a name twice, two
// nodes of one name in a body, an input or a returned value from a node that is
// not there, an output that is not returned, functions that call each other in
// a ring, a gradient of or by a function that is not there.
absl::Status CheckLibrary(const proto::FunctionDefLibrary& library);

// Adds the functions and gradients of `from` to `to`. InvalidArgument if both
// have a function of one name, but not the same one.
absl::Status MergeLibrary(const proto::FunctionDefLibrary& from,
                          proto::FunctionDefLibrary* to);

}  // namespace trellis

#endif  // TRELLIS_GRAPH_FUNCTION_LIBRARY_H_
