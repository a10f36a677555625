// What the conformance suite is told about an op: a case. It runs each case on
// every device and data type that has a kernel and for many sizes: forward
// against a plain reference, gradient against finite differences, planned and
// dynamic, with one thread and three, saved and loaded.
//
//   OpCase{.op = "MatMul",
//          .inputs = {Uniform("n,k"), Uniform("k,m")},
//          .reference = MatMulReference,
//          .tolerance = {.absolute_epsilons = 32}}
//
// Letters in shapes are sizes: n and m from 0 up, k from 1 up.
#ifndef TRELLIS_TESTS_CONFORMANCE_OP_CASE_H_
#define TRELLIS_TESTS_CONFORMANCE_OP_CASE_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "trellis/graph/attr_value.h"
#include "trellis/graph/dtype.h"
#include "trellis/graph/shape.h"
#include "trellis/tests/conformance/array.h"

namespace trellis::testing {

struct Sizes {
  int64_t n, m, k;
};

// "2n,3,k" with its letters replaced; "" is a scalar's.
Shape BoundShape(absl::string_view shape, const Sizes& sizes);

// ---- inputs

// An element to be made up.
struct Element {
  const Sizes& sizes;
  DType dtype;
  int64_t position;  // of `count`
  int64_t count;
  double random;  // in [0, 1)
};

struct CaseInput {
  std::string shape;
  std::function<double(const Element&)> value;
  // An axis, a size, an index: also run as a Const, which plans look into.
  bool parameter = false;
};

CaseInput Generated(std::string shape,
                    std::function<double(const Element&)> value);
// Of integers, those between 4 * low and 4 * high; truth values at random.
CaseInput Uniform(std::string shape, double low = -2, double high = 2);
// Of either sign, 1/2 <= |x| <= 2; of integers 2 <= |x| <= 8.
CaseInput AwayFromZero(std::string shape);
// In random order, no two closer than 1/4, 1 of integers.
CaseInput Distinct(std::string shape);
// Integers of every type, low <= x <= high.
CaseInput Integers(std::string shape, int low, int high);
// Integers in [0, k).
CaseInput BelowK(std::string shape);
// Parameters: these numbers; the numbers of a shape.
CaseInput Values(std::string shape, std::vector<double> values);
CaseInput Value(double value);
CaseInput Dims(std::string dims);

// The input of an op for a case. REQUIRES: IsArrayType(dtype).
Array MakeInput(const CaseInput& input, DType dtype, const Sizes& sizes,
                uint32_t seed);

// ---- results

// One array or several.
struct Results {
  std::vector<Array> arrays;
  Results(Array array) : arrays{std::move(array)} {}
  Results(std::vector<Array> arrays) : arrays(std::move(arrays)) {}
};

using Inputs = absl::Span<const Array>;

// The outputs that are no references, in their order, then the value that each
// variable among the inputs has afterwards. Data types do not count.
using Reference = std::function<Results(Inputs)>;

// |result - reference| may be this many times the epsilon of the data type,
// plus this many times that of the reference's magnitude. Integers are exact.
struct Tolerance {
  double absolute_epsilons = 0;
  double relative_epsilons = 4;
};

struct OpCase {
  std::string op;
  // Tells the cases of one op apart: letters and digits.
  std::string label = "";
  // In the order of the schema, lists flattened. An input that is a reference
  // or a resource stands for a variable of that value.
  std::vector<CaseInput> inputs;
  // Without type attributes, which follow from kernels, and numbers of lists
  // that follow from the inputs.
  AttrMap attrs = {};
  Reference reference;
  Tolerance tolerance = {};
  // Of the op's first type attribute; empty: all that have a kernel.
  DTypeSet dtypes = {};
  // Outputs that are differentiated: all floating-point ones, or these. Without
  // any the gradient is not looked at.
  std::optional<std::vector<int>> gradient_outputs = std::nullopt;
};

// Why the arrays are not as close as they must be; "" if they are. NaN is close
// to NaN.
std::string Difference(const Array& result, const Array& reference,
                       const Tolerance& tolerance);

// ---- references of element-wise ops

Reference Map(double (*f)(double));
// Under broadcasting.
Reference Map(double (*f)(double, double));

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_CONFORMANCE_OP_CASE_H_
