#include "trellis/tools/trellis/likely_ends.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace trellis {
namespace {

constexpr size_t kMaxOutputs = 20;

// What is worth how much, in the order of the reasons.
constexpr int kInSignature = 20;
constexpr int kMustBeFed = 10;
constexpr int kUnconsumed = 5;
constexpr int kResultOp = 4;
constexpr int kResultName = 4;
constexpr int kHasDefault = 3;
constexpr int kMeasureName = 3;
constexpr int kOpenBatch = 3;
constexpr int kUnusedInput = -8;
constexpr int kScalarInput = -4;

void Add(LikelyEnd& end, int score, std::string reason) {
  end.score += score;
  end.reasons.push_back(std::move(reason));
}

// Roles of tensors in signatures: "output probabilities of signature
// serving_default".
using Roles = std::map<std::pair<const Node*, int>, std::vector<std::string>>;

Roles SignatureRoles(const MetaGraph& meta, bool inputs) {
  Roles roles;
  for (const auto& [key, signature] : meta.signatures) {
    for (const auto& [name, tensor] :
         inputs ? signature.inputs : signature.outputs) {
      const auto output = meta.graph->FindOutput(tensor.name);
      if (!output.ok()) continue;
      roles[{output->node, output->index}].push_back(absl::StrCat(
          inputs ? "input " : "output ", name, " of signature ", key));
    }
  }
  return roles;
}

void AddRoles(const Roles& roles, LikelyEnd& end) {
  const auto found = roles.find({end.tensor.node, end.tensor.index});
  if (found == roles.end()) return;
  for (const std::string& role : found->second) Add(end, kInSignature, role);
}

bool HasOpenBatch(const Shape& shape) {
  return shape.rank() >= 1 && shape.dim(0) < 0;
}

void SortAndCut(std::vector<LikelyEnd>& ends, size_t limit) {
  std::stable_sort(
      ends.begin(), ends.end(),
      [](const LikelyEnd& a, const LikelyEnd& b) { return a.score > b.score; });
  if (ends.size() > limit) ends.resize(limit);
}

// ---- inputs

// Ops that take data in, with what they are.
struct SourceOp {
  absl::string_view op;
  int score;
  absl::string_view reason;
};

constexpr std::array<SourceOp, 7> kSourceOps = {{
    {"Placeholder", kMustBeFed, "a placeholder"},
    {"PlaceholderV2", kMustBeFed, "a placeholder"},
    {"PlaceholderWithDefault", kHasDefault, "a placeholder with a default"},
    {"IteratorGetNext", kHasDefault, "what a data set gives"},
    {"OneShotIterator", kHasDefault, "what a data set gives"},
    {"QueueDequeueManyV2", kHasDefault, "what a queue gives"},
    {"QueueDequeueV2", kHasDefault, "what a queue gives"},
}};

const SourceOp* FindSource(const Node& node) {
  for (const SourceOp& source : kSourceOps) {
    if (source.op == node.op()) return &source;
  }
  return nullptr;
}

bool IsSaverFile(const MetaGraph& meta, const Node& node) {
  if (!meta.saver.has_value()) return false;
  const auto file = meta.graph->FindOutput(meta.saver->filename_tensor_name);
  if (!file.ok()) return false;
  return file->node == &node ||
         (node.num_outputs() == 1 && node.consumers().size() == 1 &&
          node.consumers()[0].node == file->node);
}

LikelyEnd JudgeInput(const Roles& roles, const SourceOp* source,
                     Output tensor) {
  LikelyEnd end = {.tensor = tensor};
  AddRoles(roles, end);
  if (source != nullptr) Add(end, source->score, std::string(source->reason));
  if (HasOpenBatch(tensor.shape())) {
    Add(end, kOpenBatch, "its first dimension is open, as a batch's");
  }
  if (tensor.shape().rank() == 0) {
    Add(end, kScalarInput, "but a scalar: a switch or a rate, not data");
  }
  if (tensor.node->consumers().empty()) {
    Add(end, kUnusedInput, "but nothing takes it");
  }
  return end;
}

// ---- outputs

struct Hint {
  absl::string_view word;
  int score;
};

constexpr std::array<absl::string_view, 8> kResultOps = {
    "Softmax", "Sigmoid", "LogSoftmax",          "ArgMax",
    "TopKV2",  "Tanh",    "NonMaxSuppressionV3", "CTCGreedyDecoder"};

constexpr std::array<Hint, 10> kNameHints = {{{"prob", kResultName},
                                              {"predict", kResultName},
                                              {"logits", kResultName},
                                              {"output", kResultName},
                                              {"score", kResultName},
                                              {"detection", kResultName},
                                              {"embedding", kResultName},
                                              {"class", kResultName},
                                              {"loss", kMeasureName},
                                              {"accuracy", kMeasureName}}};

absl::string_view LastPart(absl::string_view name) {
  return name.substr(name.rfind('/') + 1);
}

// "a/b" of "a/b/c", "" of "a".
absl::string_view ScopeOf(absl::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? absl::string_view() : name.substr(0, slash);
}

const Hint* FindHint(absl::string_view part) {
  const std::string lower = absl::AsciiStrToLower(part);
  for (const Hint& hint : kNameHints) {
    if (absl::StrContains(lower, hint.word)) return &hint;
  }
  return nullptr;
}

// Does nothing in the node's own scope take what it computes?
bool LeavesItsScope(const Node& node) {
  const absl::string_view scope = ScopeOf(node.name());
  for (const Node::Consumer& consumer : node.consumers()) {
    if (ScopeOf(consumer.node->name()) == scope) return false;
  }
  return true;
}

// Gradients and updates are made from results; they are none.
bool IsBookkeeping(const Node& node) {
  const absl::string_view name = node.name();
  return absl::StartsWith(name, "gradients") ||
         absl::StrContains(name, "/gradients/") ||
         absl::StartsWith(name, "save/") || node.num_outputs() == 0 ||
         IsRef(node.output_dtype(0)) || node.output_dtype(0) == kResource ||
         (node.schema() != nullptr &&
          (node.schema()->stateful || node.schema()->must_be_fed));
}

int CountConsumers(const Node& node, int output) {
  int count = 0;
  for (const Node::Consumer& consumer : node.consumers()) {
    if (consumer.output == output) ++count;
  }
  return count;
}

LikelyEnd JudgeOutput(const Roles& roles, Output tensor) {
  LikelyEnd end = {.tensor = tensor};
  const Node& node = *tensor.node;
  AddRoles(roles, end);
  if (IsBookkeeping(node)) return end;
  if (CountConsumers(node, tensor.index) == 0) {
    Add(end, kUnconsumed, "nothing consumes it");
  }
  if (std::find(kResultOps.begin(), kResultOps.end(), node.op()) !=
      kResultOps.end()) {
    Add(end, kResultOp, absl::StrCat("the result of ", node.op()));
  }
  if (const Hint* hint = FindHint(LastPart(node.name())); hint != nullptr) {
    Add(end, hint->score, absl::StrCat("its name says ", hint->word));
  } else if (hint = FindHint(LastPart(ScopeOf(node.name())));
             hint != nullptr && LeavesItsScope(node)) {
    Add(end, hint->score,
        absl::StrCat("what its scope ", hint->word, " gives"));
  }
  if (end.score > 0 && HasOpenBatch(tensor.shape())) {
    Add(end, kOpenBatch, "its first dimension is open, as a batch's");
  }
  return end;
}

// Nodes that data from `inputs` reaches.
std::vector<bool> Reached(const Graph& graph,
                          const std::vector<LikelyEnd>& inputs) {
  std::vector<bool> reached(graph.id_limit(), inputs.empty());
  std::vector<const Node*> stack;
  for (const LikelyEnd& input : inputs) stack.push_back(input.tensor.node);
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (reached[node->id()]) continue;
    reached[node->id()] = true;
    for (const Node::Consumer& consumer : node->consumers()) {
      if (consumer.input != Node::kControl) stack.push_back(consumer.node);
    }
  }
  return reached;
}

}  // namespace

std::vector<LikelyEnd> LikelyInputs(const MetaGraph& meta) {
  const Roles roles = SignatureRoles(meta, /*inputs=*/true);
  std::vector<LikelyEnd> inputs;
  for (Node* node : meta.graph->nodes()) {
    const SourceOp* source = FindSource(*node);
    if (source != nullptr && IsSaverFile(meta, *node)) continue;
    for (int i = 0; i < node->num_outputs(); ++i) {
      if (source == nullptr && roles.find({node, i}) == roles.end()) continue;
      inputs.push_back(JudgeInput(roles, source, node->output(i)));
    }
  }
  SortAndCut(inputs, inputs.size());
  return inputs;
}

std::vector<LikelyEnd> LikelyOutputs(const MetaGraph& meta,
                                     const std::vector<LikelyEnd>& inputs) {
  const Roles roles = SignatureRoles(meta, /*inputs=*/false);
  const std::vector<bool> reached = Reached(*meta.graph, inputs);
  std::vector<LikelyEnd> outputs;
  for (Node* node : meta.graph->nodes()) {
    for (int i = 0; i < node->num_outputs(); ++i) {
      if (!reached[node->id()] && roles.find({node, i}) == roles.end()) {
        continue;
      }
      LikelyEnd end = JudgeOutput(roles, node->output(i));
      if (end.score > 0) outputs.push_back(std::move(end));
    }
  }
  SortAndCut(outputs, kMaxOutputs);
  return outputs;
}

absl::flat_hash_set<const Node*> Ancestors(
    const std::vector<const Node*>& nodes) {
  absl::flat_hash_set<const Node*> found;
  std::vector<const Node*> stack = nodes;
  while (!stack.empty()) {
    const Node* node = stack.back();
    stack.pop_back();
    if (!found.insert(node).second) continue;
    for (const Output& input : node->inputs()) {
      if (input) stack.push_back(input.node);
    }
    for (const Node* control : node->control_inputs()) {
      stack.push_back(control);
    }
  }
  return found;
}

}  // namespace trellis
