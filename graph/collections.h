// Collections: ordered lists of things under a key, by which parts of a program
// find each other's variables, losses and updates (R1.42 - R1.46).
//
// They belong to the graph, are saved in its MetaGraph, and may be used from
// several threads.
#ifndef TRELLIS_GRAPH_COLLECTIONS_H_
#define TRELLIS_GRAPH_COLLECTIONS_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/base/name.h"
#include "trellis/graph/graph.h"
#include "trellis/graph/variable.h"

namespace trellis {

// The keys that the library itself fills or reads, with TensorFlow's texts.
inline constexpr absl::string_view kGlobalVariables = "variables";
inline constexpr absl::string_view kLocalVariables = "local_variables";
inline constexpr absl::string_view kMetricVariables = "metric_variables";
inline constexpr absl::string_view kModelVariables = "model_variables";
inline constexpr absl::string_view kTrainableVariables = "trainable_variables";
inline constexpr absl::string_view kMovingAverageVariables =
    "moving_average_variables";
inline constexpr absl::string_view kRegularizationLosses =
    "regularization_losses";
inline constexpr absl::string_view kLosses = "losses";
inline constexpr absl::string_view kUpdateOps = "update_ops";
inline constexpr absl::string_view kTrainOp = "train_op";
inline constexpr absl::string_view kSummaries = "summaries";
inline constexpr absl::string_view kSavers = "savers";
inline constexpr absl::string_view kGlobalStep = "global_step";

// A std::string is bytes: text, or a serialized message that is carried along.
using CollectionItem =
    std::variant<Variable, Output, Node*, std::string, int64_t, float>;

// The name that R1.44 filters by: that of the variable, the tensor ("a/b:0") or
// the node; "" for what has none.
std::string NameOf(const CollectionItem& item);

// Appends, also what is there already. FailedPrecondition, in the graph's
// status too, if the graph is finalized.
absl::Status AddToCollection(Graph& graph, Name key, CollectionItem item);
// A key that is listed twice is used once (R1.43).
absl::Status AddToCollections(Graph& graph, absl::Span<const std::string> keys,
                              const CollectionItem& item);
// Makes the key, empty, if it is not there: `layers` do with UPDATE_OPS.
void EnsureCollection(Graph& graph, Name key);
// Empty if the key is not there. FailedPrecondition as above.
absl::Status ClearCollection(Graph& graph, Name key);

// A copy. With a scope: what has a name that begins with it (R1.44, where
// TensorFlow takes a regular expression).
std::vector<CollectionItem> GetCollection(Graph& graph, Name key);
std::vector<CollectionItem> GetCollection(Graph& graph, Name key, Name scope);
// In order of their first use.
std::vector<std::string> CollectionKeys(Graph& graph);

// Those of the items that are variables, outputs or nodes (an output counts as
// its node there).
std::vector<Variable> VariablesOf(absl::Span<const CollectionItem> items);
std::vector<Output> OutputsOf(absl::Span<const CollectionItem> items);
std::vector<Node*> NodesOf(absl::Span<const CollectionItem> items);

// The variables under GLOBAL_VARIABLES, TRAINABLE_VARIABLES, LOCAL_VARIABLES.
std::vector<Variable> GlobalVariables(Graph& graph, Name scope = "");
std::vector<Variable> TrainableVariables(Graph& graph, Name scope = "");
std::vector<Variable> LocalVariables(Graph& graph, Name scope = "");

}  // namespace trellis

#endif  // TRELLIS_GRAPH_COLLECTIONS_H_
