#include "trellis/graph/function_library.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "google/protobuf/util/message_differencer.h"
#include "trellis/base/status_macros.h"

namespace trellis {
namespace {

using absl::InvalidArgumentError;
using absl::StrCat;
using ::google::protobuf::util::MessageDifferencer;

absl::Status CheckFunction(const proto::FunctionDef& function) {
  const std::string& name = function.signature().name();
  absl::flat_hash_set<absl::string_view> defined;
  for (const auto& arg : function.signature().input_arg()) {
    defined.insert(arg.name());
  }
  for (const auto& node : function.node_def()) {
    if (node.name().empty() || !defined.insert(node.name()).second) {
      return InvalidArgumentError(StrCat("function ", name, " has two nodes \"",
                                         node.name(), "\", or one unnamed"));
    }
  }
  // "node:out:1", "arg" and "^node" name the node before the first colon.
  const auto check = [&](absl::string_view value, absl::string_view user) {
    absl::string_view producer = value;
    absl::ConsumePrefix(&producer, "^");
    producer = producer.substr(0, producer.find(':'));
    if (defined.contains(producer)) return absl::OkStatus();
    return InvalidArgumentError(StrCat("function ", name, ": ", user, " takes ",
                                       value, ", which nothing there gives"));
  };
  for (const auto& node : function.node_def()) {
    for (const std::string& input : node.input()) {
      TRELLIS_RETURN_IF_ERROR(check(input, node.name()));
    }
  }
  for (const auto& [output, value] : function.ret()) {
    TRELLIS_RETURN_IF_ERROR(check(value, StrCat("output ", output)));
  }
  for (const auto& arg : function.signature().output_arg()) {
    if (!function.ret().contains(arg.name())) {
      return InvalidArgumentError(StrCat("function ", name,
                                         " does not say what its output ",
                                         arg.name(), " is"));
    }
  }
  return absl::OkStatus();
}

// Which functions of the library each of them uses: calls of it, and names of
// functions in attributes (the branches of an If, the body of a While).
class CallGraph {
 public:
  explicit CallGraph(const proto::FunctionDefLibrary& library) {
    for (int i = 0; i < library.function_size(); ++i) {
      index_[library.function(i).signature().name()] = i;
    }
    calls_.resize(library.function_size());
    for (int i = 0; i < library.function_size(); ++i) {
      for (const auto& node : library.function(i).node_def()) {
        Add(i, node.op());
        for (const auto& [name, value] : node.attr()) AddAttr(i, value);
      }
    }
  }

  // The functions of one ring, in the order of their calls; empty if none.
  std::vector<int> FindRing() const {
    enum : char { kNew, kOpen, kDone };
    std::vector<char> state(calls_.size(), kNew);
    for (size_t root = 0; root < calls_.size(); ++root) {
      // Functions that are open, each with the next of its calls.
      std::vector<std::pair<int, size_t>> path;
      if (state[root] == kNew) {
        state[root] = kOpen;
        path.emplace_back(root, 0);
      }
      while (!path.empty()) {
        auto& [function, next] = path.back();
        if (next == calls_[function].size()) {
          state[function] = kDone;
          path.pop_back();
          continue;
        }
        const int callee = calls_[function][next++];
        if (state[callee] == kNew) {
          state[callee] = kOpen;
          path.emplace_back(callee, 0);
        } else if (state[callee] == kOpen) {
          std::vector<int> ring;
          while (path.back().first != callee) {
            ring.push_back(path.back().first);
            path.pop_back();
          }
          ring.push_back(callee);
          return {ring.rbegin(), ring.rend()};
        }
      }
    }
    return {};
  }

 private:
  void Add(int caller, absl::string_view name) {
    const auto it = index_.find(name);
    if (it != index_.end()) calls_[caller].push_back(it->second);
  }

  void AddAttr(int caller, const proto::AttrValue& value) {
    if (value.has_func()) AddFunction(caller, value.func());
    for (const auto& func : value.list().func()) AddFunction(caller, func);
  }

  void AddFunction(int caller, const proto::NameAttrList& func) {
    Add(caller, func.name());
    for (const auto& [name, value] : func.attr()) AddAttr(caller, value);
  }

  absl::flat_hash_map<absl::string_view, int> index_;
  std::vector<std::vector<int>> calls_;
};

}  // namespace

absl::Status CheckLibrary(const proto::FunctionDefLibrary& library) {
  absl::flat_hash_set<absl::string_view> names;
  for (const auto& function : library.function()) {
    const std::string& name = function.signature().name();
    if (name.empty()) {
      return InvalidArgumentError("a function has no signature");
    }
    if (!names.insert(name).second) {
      return InvalidArgumentError(StrCat("there are two functions ", name));
    }
    TRELLIS_RETURN_IF_ERROR(CheckFunction(function));
  }
  for (const auto& gradient : library.gradient()) {
    if (!names.contains(gradient.function_name()) ||
        !names.contains(gradient.gradient_func())) {
      return InvalidArgumentError(
          StrCat("the gradient of function ", gradient.function_name(), " is ",
                 gradient.gradient_func(), "; one of them does not exist"));
    }
  }
  const std::vector<int> ring = CallGraph(library).FindRing();
  if (!ring.empty()) {
    return InvalidArgumentError(
        StrCat("functions call each other in a ring: ",
               absl::StrJoin(ring, " -> ", [&](std::string* out, int i) {
                 out->append(library.function(i).signature().name());
               })));
  }
  return absl::OkStatus();
}

absl::Status MergeLibrary(const proto::FunctionDefLibrary& from,
                          proto::FunctionDefLibrary* to) {
  absl::flat_hash_map<std::string, int> index;
  for (int i = 0; i < to->function_size(); ++i) {
    index[to->function(i).signature().name()] = i;
  }
  for (const auto& function : from.function()) {
    const std::string& name = function.signature().name();
    const auto [it, added] = index.try_emplace(name, to->function_size());
    if (added) {
      *to->add_function() = function;
    } else if (!MessageDifferencer::Equals(function,
                                           to->function(it->second))) {
      return InvalidArgumentError(
          StrCat("the graph already has another function ", name));
    }
  }
  absl::flat_hash_map<std::string, std::string> gradients;
  for (const auto& gradient : to->gradient()) {
    gradients[gradient.function_name()] = gradient.gradient_func();
  }
  for (const auto& gradient : from.gradient()) {
    const auto [it, added] = gradients.try_emplace(gradient.function_name(),
                                                   gradient.gradient_func());
    if (added) {
      *to->add_gradient() = gradient;
    } else if (it->second != gradient.gradient_func()) {
      return InvalidArgumentError(StrCat("the graph already has gradient ",
                                         it->second, " of function ",
                                         gradient.function_name()));
    }
  }
  to->mutable_registered_gradients()->MergeFrom(from.registered_gradients());
  return absl::OkStatus();
}

}  // namespace trellis
