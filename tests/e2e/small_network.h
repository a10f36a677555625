// A network of the shape of the example's, small enough to be trained many
// times over in a test, and what it learns from.
//
//   20 - fc1 (16) - fc2 (8) - logits (4)
//
// fc1 and fc2 are dense, batch-normalized, rectified and dropped out; Adam
// trains. Each layer can be on a device of its own.
#ifndef TRELLIS_TESTS_E2E_SMALL_NETWORK_H_
#define TRELLIS_TESTS_E2E_SMALL_NETWORK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "trellis/data/batches.h"
#include "trellis/data/labeled_images.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/scope.h"
#include "trellis/graph/variable.h"
#include "trellis/runtime/resource_store.h"
#include "trellis/runtime/session.h"

namespace trellis::testing {

// Devices of layers; "": the scope's.
struct LayerDevices {
  std::string fc1 = "";
  std::string fc2 = "";
  std::string logits = "";  // and of the loss
};

struct SmallNetwork {
  Output pixels;  // float32 [n, 20]
  Output labels;  // int64 [n], below 4
  Output loss;
  Node* train;
  Variable global_step;
  Node* initializer;
};

// Adds it to the scope's graph; errors are in the graph's status.
SmallNetwork BuildSmallNetwork(const Scope& scope,
                               const LayerDevices& devices = {});

// 70 images of 4 x 5 pixels, noise with one row that is lighter: the class.
// Always the same.
LabeledImages SmallTask();

// Trains on the next 8 images and returns the loss.
absl::StatusOr<float> TrainStep(const Session& session,
                                const SmallNetwork& network, Batches& batches);

// 16 hexadecimal digits that depend on every name, type, shape and byte.
std::string HashOf(const StoredValues& values);

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_E2E_SMALL_NETWORK_H_
