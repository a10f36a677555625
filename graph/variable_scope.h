// What a variable scope carries besides its name: how get_variable shares and
// what it makes new variables with (R2.3).
//
// VariableScopeOptions are the arguments of Scope::VariableScope; a field that
// is left out is inherited (R2.14). VariableScopeState is the open scope.
#ifndef TRELLIS_GRAPH_VARIABLE_SCOPE_H_
#define TRELLIS_GRAPH_VARIABLE_SCOPE_H_

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/input.h"
#include "trellis/graph/shape.h"

namespace trellis {

class Scope;
class Variable;
struct GetVariableOptions;

enum class Reuse : uint8_t {
  kNone,  // as inherited; at the root: a name may be asked for once
  kTrue,  // only share what exists
  kAuto,  // share, or make what does not exist yet
};

// Which part of a partitioned variable is made.
struct PartitionInfo {
  Shape full_shape;
  std::vector<int64_t> offset;
};

// What a variable starts as: a value, or a function that adds the nodes of one
// (R2.23 - R2.26). Functions take
//   (const Scope&)                          no shape needed
//   (const Scope&, const Shape&, DType)
//   (const Scope&, const Shape&, DType, const PartitionInfo*)   null: whole
// and return what converts to Input.
class Initializer {
 public:
  using Function = std::function<Input(const Scope&, const Shape&, DType,
                                       const PartitionInfo*)>;

  // Not given.
  Initializer() = default;
  template <typename T>
  requires std::convertible_to<T, Input> Initializer(T value)
      : value_(Input(std::move(value))) {}
  Initializer(std::initializer_list<Input> value) : value_(Input(value)) {}
  template <typename F>
  requires std::is_invocable_r_v<Input, F, const Scope&, const Shape&, DType,
                                 const PartitionInfo*>
  Initializer(F function) : function_(std::move(function)) {}
  template <typename F>
  requires std::is_invocable_r_v<Input, F, const Scope&, const Shape&, DType>
  Initializer(F function)
      : function_([f = std::move(function)](const Scope& scope,
                                            const Shape& shape, DType dtype,
                                            const PartitionInfo*) -> Input {
          return f(scope, shape, dtype);
        }) {}
  template <typename F>
  requires std::is_invocable_r_v<Input, F, const Scope&> Initializer(F function)
      : function_([f = std::move(function)](
                      const Scope& scope, const Shape&, DType,
                      const PartitionInfo*) -> Input { return f(scope); }),
        needs_shape_(false) {}

  bool is_set() const { return function_ != nullptr || value_.has_value(); }
  // nullptr if there is none.
  const Function* function() const {
    return function_ == nullptr ? nullptr : &function_;
  }
  const Input* value() const { return value_.has_value() ? &*value_ : nullptr; }
  // Of a function: does it look at the shape it is given?
  bool needs_shape() const { return needs_shape_; }

 private:
  Function function_;
  std::optional<Input> value_;
  bool needs_shape_ = true;
};

// The loss that a variable adds; a default-made Output for none (R2.48, R2.50).
using Regularizer = std::function<Output(const Scope&, const Variable&)>;
// How many parts along each axis (R2.57).
using Partitioner = std::function<std::vector<int64_t>(const Shape&, DType)>;
// The value to store instead of the one an optimizer computed.
using Constraint = std::function<Output(const Scope&, Output)>;
// get_variable under a full name (R2.53).
using VariableGetter =
    std::function<Variable(const Scope&, const std::string& full_name,
                           const Shape&, const GetVariableOptions&)>;
// Stands before `getter`, which it may call any number of times (R2.53).
using CustomGetter = std::function<Variable(
    const VariableGetter& getter, const Scope&, const std::string& full_name,
    const Shape&, const GetVariableOptions&)>;

struct VariableScopeOptions {
  Reuse reuse = Reuse::kNone;
  Initializer initializer = {};
  Regularizer regularizer = nullptr;
  Partitioner partitioner = nullptr;
  std::string caching_device = "";
  CustomGetter custom_getter = nullptr;  // wraps the inherited one (R2.55)
  DType dtype = kInvalid;                // float32 at the root
  // Not set anywhere: reference variables in graphs of GraphOptions::tf115,
  // else resource variables.
  std::optional<bool> use_resource = std::nullopt;
  Constraint constraint = nullptr;   // not inherited
  bool auxiliary_name_scope = true;  // false: no name scope is opened (R2.10)
};

// How often variable scopes were opened, for the suffixes of default names
// (R2.8). TensorFlow keeps one table and undoes changes when a `with` block is
// left (R2.11); here an opened scope has a table of its own, which ends with
// it:
//
//  * opened by name "a": the entries below "a/" move from the opener's table
//    into the new one; all others are looked up and counted in the opener's.
//  * opened by a captured scope: entries are looked up in the opener's table
//    until they change, and counted in the new one.
//
// So a program whose scopes are properly nested gets TensorFlow's names, and
// one that keeps several of them open gets the same names at every run,
// whatever the lifetimes of its Scope values.
class ScopeCounters {
 public:
  ScopeCounters() = default;
  static std::shared_ptr<ScopeCounters> OpenByName(
      std::shared_ptr<ScopeCounters> opener, absl::string_view name);
  static std::shared_ptr<ScopeCounters> OpenByScope(
      std::shared_ptr<ScopeCounters> opener);

  int Get(const std::string& name) const;
  void Increment(const std::string& name);

 private:
  bool Owns(absl::string_view name) const;

  std::shared_ptr<ScopeCounters> opener_;
  // By name: what lies below this is ours alone. Empty: opened by scope.
  std::string prefix_;
  std::map<std::string, int> counts_;
};

struct VariableScopeState {
  std::string name;                 // no trailing slash
  std::string original_name_scope;  // with trailing slash; "" is the root
  // All but auxiliary_name_scope, after inheritance.
  VariableScopeOptions options;
  std::shared_ptr<ScopeCounters> counters;
};

}  // namespace trellis

#endif  // TRELLIS_GRAPH_VARIABLE_SCOPE_H_
