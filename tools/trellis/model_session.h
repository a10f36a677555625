// A model that a command runs: its graph in a session, with values in its
// variables.
#ifndef TRELLIS_TOOLS_TRELLIS_MODEL_SESSION_H_
#define TRELLIS_TOOLS_TRELLIS_MODEL_SESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "trellis/io/load_model.h"
#include "trellis/runtime/session.h"
#include "trellis/tools/trellis/feeds.h"
#include "trellis/tools/trellis/flags.h"

namespace trellis {

// --tag, --signature, --checkpoint, --init, --threads, --no-optimize,
// --no-plan, --device.
std::vector<FlagSpec> ModelSessionFlags();

struct ModelSession {
  Model model;
  std::unique_ptr<Session> session;  // of the model's graph
  // The keys of --signature, and what they stand for; empty without it.
  TensorNames inputs, outputs;
};

// Loads the first argument and makes a session for it, whose variables have no
// values yet. It has one CPU, or the devices up to the one that --device names;
// InvalidArgument if there is no such device.
absl::StatusOr<ModelSession> OpenModelSession(const Flags& flags);

// Gives the variables values, as the flags say:
//   1. with --init: runs the initializer (FindInitializer)
//   2. restores --checkpoint, else the checkpoint that the model has, if any
//   3. runs the init op of a SavedModel, its assets fed
// NotFound if --init finds no initializer; else the errors of Session::Run and
// Saver::Restore. Missing in the checkpoint may be variables that the
// collection "variables", if there is one, does not list.
absl::Status GiveValues(const Flags& flags, ModelSession& model);

// The nodes that together initialize a graph: the first of
//   - the collection "init_op"
//   - a NoOp named "init", as tf.global_variables_initializer makes it
//   - the initializers of the collection "variables"
// and then those of "local_init_op", or else of "local_variables".
// NotFound if there is nothing of these.
absl::StatusOr<std::vector<Node*>> FindInitializer(const MetaGraph& meta);

// Does the graph have variables that its collection of global ones leaves out,
// as TensorFlow's checkpoints do?
bool HasUnsavedVariables(const MetaGraph& meta);

}  // namespace trellis

#endif  // TRELLIS_TOOLS_TRELLIS_MODEL_SESSION_H_
