#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

// in: the variable and a value. What the variable holds afterwards.
OpCase Assignment(std::string op, double (*f)(double, double)) {
  return {.op = std::move(op),
          .inputs = {Uniform("n,m"), Uniform("n,m")},
          .reference = Map(f)};
}

// What the op says of a variable, which stays as it is.
OpCase Question(std::string op, Results (*answer)(const Array& variable)) {
  return {.op = std::move(op),
          .inputs = {Uniform("n,m")},
          .reference = [answer](Inputs in) {
            Results results = answer(in[0]);
            results.arrays.push_back(in[0]);
            return results;
          }};
}

Results IsInitialized(const Array&) {
  return Array(kBool, Shape::Scalar(), {1});
}

Results Itself(const Array& variable) { return variable; }

Results ShapeOf(const Array& variable) {
  const auto dims = variable.shape.dims();
  return Array(kInt64, {variable.rank()},
               std::vector<double>(dims.begin(), dims.end()));
}

}  // namespace

std::vector<OpCase> VariableCases() {
  const auto value = +[](double, double y) { return y; };
  const auto sum = +[](double x, double y) { return x + y; };
  const auto difference = +[](double x, double y) { return x - y; };
  return {
      Assignment("Assign", value),
      Assignment("AssignVariableOp", value),
      Assignment("AssignAdd", sum),
      Assignment("AssignAddVariableOp", sum),
      Assignment("AssignSub", difference),
      Assignment("AssignSubVariableOp", difference),
      Question("IsVariableInitialized", IsInitialized),
      Question("ReadVariableOp", Itself),
      Question("VarIsInitializedOp", IsInitialized),
      Question("VariableShape", ShapeOf),
  };
}

}  // namespace trellis::testing
