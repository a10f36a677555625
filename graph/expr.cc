#include "trellis/graph/expr.h"

#include "absl/strings/string_view.h"
#include "trellis/graph/op_builder.h"
#include "trellis/graph/variable.h"

namespace trellis {
namespace {

// Where an operator makes its nodes, and what it was written as.
struct Site {
  const Scope& scope;
  SourceLocation location;
};

Site SiteOf(const Expr& x) { return {x.scope(), x.location()}; }

struct Operands {
  Input left;
  Input right;
};

// The operand that the operator belongs to, the left one or, beside a literal,
// the right one, is read in the enclosing scope if it is a variable (R2.41).
Operands ReadOwner(const Site& at, const Input& a, const Input& b) {
  const auto read = [&](const Input& x) {
    return ReadForUse(at.scope, *x.variable(), at.scope.path(), at.location);
  };
  if (a.variable() != nullptr) return {read(a), b};
  if (a.is_literal() && b.variable() != nullptr) return {a, read(b)};
  return {a, b};
}

Expr Binary(const Site& at, absl::string_view op, absl::string_view name,
            const Input& a, const Input& b) {
  const Operands x = ReadOwner(at, a, b);
  return Expr(at.scope,
              Emit(at.scope, op, {x.left, x.right}, {}, name, at.location),
              at.location);
}

DType TypeOf(const Operands& x) {
  const DType left = x.left.dtype();
  return left != kInvalid ? left : x.right.dtype();
}

// The floating type that integers are divided in (R1.29); kInvalid for others.
DType QuotientType(DType dtype) {
  switch (dtype) {
    case kInt8:
    case kInt16:
    case kUint8:
    case kUint16:
      return kFloat32;
    case kInt32:
    case kInt64:
    case kUint32:
    case kUint64:
      return kFloat64;
    default:
      return kInvalid;
  }
}

Expr Add(const Site& at, const Input& a, const Input& b) {
  const bool text = TypeOf({a, b}) == kString;
  return Binary(at, text ? "Add" : "AddV2", "add", a, b);
}
Expr Subtract(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "Sub", "sub", a, b);
}
Expr Multiply(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "Mul", "mul", a, b);
}
Expr Modulo(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "FloorMod", "mod", a, b);
}

Expr Divide(const Site& at, const Input& a, const Input& b) {
  const Operands x = ReadOwner(at, a, b);
  const DType dtype = TypeOf(x);
  const DType quotient = QuotientType(dtype);
  if (quotient == kInvalid) {
    return Binary(at, "RealDiv", "truediv", x.left, x.right);
  }
  const Scope inside = at.scope.NameScope("truediv");
  const Output left = ToOutput(inside, x.left, "x", dtype, at.location);
  const Output right = ToOutput(inside, x.right, "y", dtype, at.location);
  const auto cast = [&](Output value) {
    return Emit(inside, "Cast", {value}, {{"DstT", AttrValue(quotient)}}, "",
                at.location);
  };
  const Output numerator = cast(left);
  const Output denominator = cast(right);
  return Expr(at.scope,
              Emit(inside, "RealDiv", {numerator, denominator}, {},
                   inside.path(), at.location),
              at.location);
}

Expr Less(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "Less", "Less", a, b);
}
Expr LessEqual(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "LessEqual", "LessEqual", a, b);
}
Expr Greater(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "Greater", "Greater", a, b);
}
Expr GreaterEqual(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "GreaterEqual", "GreaterEqual", a, b);
}
Expr And(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "LogicalAnd", "and", a, b);
}
Expr Or(const Site& at, const Input& a, const Input& b) {
  return Binary(at, "LogicalOr", "or", a, b);
}

// (a | b) & !(a & b)
Expr Xor(const Site& at, const Input& a, const Input& b) {
  const Operands x = ReadOwner(at, a, b);
  const Scope inside = at.scope.NameScope("xor");
  const Output left = ToOutput(inside, x.left, "x", kBool, at.location);
  const Output right = ToOutput(inside, x.right, "y", kBool, at.location);
  const auto emit = [&](absl::string_view op, absl::Span<const Input> inputs,
                        absl::string_view name) {
    return Emit(inside, op, inputs, {}, name, at.location);
  };
  const Output either = emit("LogicalOr", {left, right}, "");
  const Output both = emit("LogicalAnd", {left, right}, "");
  const Output not_both = emit("LogicalNot", {both}, "");
  return Expr(at.scope, emit("LogicalAnd", {either, not_both}, inside.path()),
              at.location);
}

Expr Unary(const Expr& x, absl::string_view op) {
  const Output operand = x;
  return Expr(x.scope(), Emit(x.scope(), op, {operand}, {}, "", x.location()),
              x.location());
}

}  // namespace

Expr::operator Output() const {
  return ToOutput(scope_, value_, "Const", kInvalid, location_);
}

#define TRELLIS_DEFINE_OPERATOR(op, function)         \
  Expr operator op(const Expr& a, const Expr& b) {    \
    return function(SiteOf(a), a.value(), b.value()); \
  }                                                   \
  Expr operator op(const Expr& a, const Input& b) {   \
    return function(SiteOf(a), a.value(), b);         \
  }                                                   \
  Expr operator op(const Input& a, const Expr& b) {   \
    return function(SiteOf(b), a, b.value());         \
  }
TRELLIS_DEFINE_OPERATOR(+, Add)
TRELLIS_DEFINE_OPERATOR(-, Subtract)
TRELLIS_DEFINE_OPERATOR(*, Multiply)
TRELLIS_DEFINE_OPERATOR(/, Divide)
TRELLIS_DEFINE_OPERATOR(%, Modulo)
TRELLIS_DEFINE_OPERATOR(<, Less)
TRELLIS_DEFINE_OPERATOR(<=, LessEqual)
TRELLIS_DEFINE_OPERATOR(>, Greater)
TRELLIS_DEFINE_OPERATOR(>=, GreaterEqual)
TRELLIS_DEFINE_OPERATOR(&, And)
TRELLIS_DEFINE_OPERATOR(|, Or)
TRELLIS_DEFINE_OPERATOR(^, Xor)
#undef TRELLIS_DEFINE_OPERATOR

Expr operator-(const Expr& x) { return Unary(x, "Neg"); }
Expr operator!(const Expr& x) { return Unary(x, "LogicalNot"); }

}  // namespace trellis
