// Operators on tensors, bound to the scope that their nodes are made in:
//
//   Output total = s(loss) + 7e-5f * s(l2);        // "mul/x", "mul", "add"
//
// An operator takes an Expr on either side and anything that converts to Input
// on the other. Names and operations are those of TensorFlow's operators
// (R1.28, R1.29): + makes AddV2 "add" (Add for strings), - Sub "sub", * Mul
// "mul", / RealDiv "truediv" (integers are cast to float64, those of 8 and 16
// bits to float32), % FloorMod "mod", unary - Neg "Neg", comparisons Less
// "Less" and so on, & | ! LogicalAnd "and", LogicalOr "or", LogicalNot, and ^
// "xor", made of these. There are no == and !=, as there are none in TensorFlow
// 1; write ops::Equal.
//
// With two Exprs the left one's scope is used.
//
// Errors become the graph's status; the result is then its error node.
#ifndef TRELLIS_GRAPH_EXPR_H_
#define TRELLIS_GRAPH_EXPR_H_

#include <utility>

#include "trellis/graph/graph.h"
#include "trellis/graph/input.h"
#include "trellis/graph/scope.h"

namespace trellis {

class Expr {
 public:
  Expr(Scope scope, Input value, SourceLocation location)
      : scope_(std::move(scope)),
        value_(std::move(value)),
        location_(location) {}

  const Scope& scope() const { return scope_; }
  const Input& value() const { return value_; }
  // Of the s(x) that an expression begins with; its nodes carry it.
  SourceLocation location() const { return location_; }

  // The tensor. A variable is read, a literal becomes a Const node.
  operator Output() const;

 private:
  Scope scope_;
  Input value_;
  SourceLocation location_;
};

#define TRELLIS_DECLARE_OPERATOR(op)               \
  Expr operator op(const Expr& a, const Expr& b);  \
  Expr operator op(const Expr& a, const Input& b); \
  Expr operator op(const Input& a, const Expr& b);
TRELLIS_DECLARE_OPERATOR(+)
TRELLIS_DECLARE_OPERATOR(-)
TRELLIS_DECLARE_OPERATOR(*)
TRELLIS_DECLARE_OPERATOR(/)
TRELLIS_DECLARE_OPERATOR(%)
TRELLIS_DECLARE_OPERATOR(<)
TRELLIS_DECLARE_OPERATOR(<=)
TRELLIS_DECLARE_OPERATOR(>)
TRELLIS_DECLARE_OPERATOR(>=)
TRELLIS_DECLARE_OPERATOR(&)
TRELLIS_DECLARE_OPERATOR(|)
TRELLIS_DECLARE_OPERATOR(^)
#undef TRELLIS_DECLARE_OPERATOR

Expr operator-(const Expr& x);
Expr operator!(const Expr& x);

inline Input::Input(const Expr& expr) : Input(expr.value()) {}

}  // namespace trellis

#endif  // TRELLIS_GRAPH_EXPR_H_
