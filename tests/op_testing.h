// What a single op says of shapes and values, for tests of ops/:
//
//   InferShapes("MatMul", {"[2,?]", "[3,4]"})              -> {"[2,4]"}
//   InferShapes("Sum", {"[2,3]", Tensor::Scalar(1)})       -> {"[2]"}
//   InferShapes("Sum", {"[2,3]", "[1]"}, {{"keep_dims", true}})
//   InferValue("Add", {Known("[2,?]"), Tensor::Scalar(1)}) -> "[3,?]"
#ifndef TRELLIS_TESTS_OP_TESTING_H_
#define TRELLIS_TESTS_OP_TESTING_H_

#include <string>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/op_schema.h"
#include "trellis/graph/shape.h"
#include "trellis/graph/tensor.h"

namespace trellis::testing {

// The ops of all families.
const OpRegistry& AllOps();

// An int32 vector of which single elements are known, written as a shape.
struct Known {
  explicit Known(absl::string_view elements) : elements(elements) {}
  std::string elements;
};

// An input of the op: its shape, a constant, or a partly known vector.
class TestInput {
 public:
  TestInput(const char* shape) : value_(std::string(shape)) {}
  TestInput(Tensor value) : value_(std::move(value)) {}
  TestInput(Known value) : value_(std::move(value)) {}

 private:
  friend class OpTest;
  std::variant<std::string, Tensor, Known> value_;
};

// The shapes of the op's outputs. Types that neither attrs nor constants state
// are float32 where the op allows it, else the first that it does. An error is
// that of building the node.
absl::StatusOr<std::vector<std::string>> InferShapes(
    absl::string_view op, const std::vector<TestInput>& inputs,
    AttrMap attrs = {});

// What the op's value function knows of output 0: its elements, written as a
// shape, in brackets only for a vector; "" if it knows nothing. Inputs that
// state no type are int32.
absl::StatusOr<std::string> InferValue(absl::string_view op,
                                       const std::vector<TestInput>& inputs,
                                       AttrMap attrs = {});

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_OP_TESTING_H_
