// How things are called: name scopes, variable scopes, and the two ways to make
// a variable.
//
//   GetVariable   is called after the variable scope, and shared if asked to be
//   MakeVariable  is called after the name scope, made unique, never shared
//
// Prints the names that it gets, and why.
#include <cstdio>
#include <string>

#include "trellis/graph/scope.h"
#include "trellis/graph/variable.h"
#include "trellis/graph/variable_store.h"
#include "trellis/ops/binary_ops.h"
#include "trellis/trellis.h"

namespace {

using trellis::Output;
using trellis::Scope;
using trellis::Variable;

void Print(const std::string& name, const char* why) {
  std::printf("  %-28s %s\n", name.c_str(), why);
}

void NameScopes(const Scope& s) {
  std::printf("The same name scope twice:\n");
  const Scope first = s.NameScope("tower"), second = s.NameScope("tower");
  Print(first.path(), "opened by name");
  Print(second.path(), "opened by the same name: made unique");
  Print(s.NameScope(first.path()).path(), "opened by a path: that very scope");
  const Variable shared = GetVariable(first, "weights", {2});
  const Variable own = MakeVariable(first, {1.0f, 2.0f}, {.name = "weights"});
  Print(shared.name(), "GetVariable does not see name scopes");
  Print(own.name(), "MakeVariable does");
  Print(trellis::ops::Add(second, shared, own).name(), "operations do, too");
}

void VariableScopes(const Scope& s) {
  std::printf("A variable scope:\n");
  const Scope fc = s.VariableScope("fc");
  const Variable weights = GetVariable(fc, "weights", {2});
  Print(fc.path(), "is a name scope as well");
  Print(weights.name(), "GetVariable");
  Print(MakeVariable(fc, {1.0f, 2.0f}, {.name = "weights"}).name(),
        "MakeVariable: a new one beside it");

  std::printf("The same variable scope again, to share:\n");
  const Scope again = s.VariableScope("fc", {.reuse = trellis::Reuse::kTrue});
  const Variable shared = GetVariable(again, "weights", {2});
  Print(again.path(), "its operations have a name scope of their own");
  Print(shared.name(),
        shared == weights ? "the variable from above" : "another variable");
  const Variable own = MakeVariable(again, {1.0f, 2.0f}, {.name = "weights"});
  Print(own.name(), "MakeVariable never shares");
  const Output sum = trellis::ops::Add(again, shared, own);
  Print(sum.name(), "an operation");
}

// A name that is taken, asked for without reuse, is an error, which the graph
// keeps.
void TakenName() {
  trellis::Graph graph = trellis::NewGraph();
  const Scope s = graph.root().VariableScope("fc");
  GetVariable(s, "weights", {2});
  GetVariable(s, "weights", {2});
  std::printf("A name that is taken:\n  %s\n",
              std::string(graph.status().message()).c_str());
}

}  // namespace

int main() {
  trellis::Graph graph = trellis::NewGraph();
  NameScopes(graph.root());
  VariableScopes(graph.root());
  TakenName();
  if (!graph.status().ok()) {
    std::fprintf(stderr, "scopes: %s\n", graph.status().ToString().c_str());
    return 1;
  }
  return 0;
}
