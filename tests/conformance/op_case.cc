#include "trellis/tests/conformance/op_case.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "trellis/base/check.h"

namespace trellis::testing {
namespace {

int64_t BoundDim(absl::string_view dim, const Sizes& sizes) {
  int64_t letter = 1;
  switch (dim.back()) {
    case 'n':
      letter = sizes.n;
      break;
    case 'm':
      letter = sizes.m;
      break;
    case 'k':
      letter = sizes.k;
      break;
    default:
      break;
  }
  if (absl::ascii_isalpha(dim.back())) dim.remove_suffix(1);
  int64_t factor = 1;
  TRELLIS_CHECK(dim.empty() || absl::SimpleAtoi(dim, &factor));
  return factor * letter;
}

// Under broadcasting: the element of `x` for a position of the result.
double Broadcast(const Array& x, const Index& index) {
  Index own(index.end() - x.rank(), index.end());
  for (int i = 0; i < x.rank(); ++i) {
    if (x.dim(i) == 1) own[i] = 0;
  }
  return x.at(own);
}

Shape BroadcastShape(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  Shape y = Shape::Scalar();
  for (int i = 0; i < rank; ++i) {
    const int in_a = i - rank + a.rank(), in_b = i - rank + b.rank();
    const int64_t from_a = in_a < 0 ? 1 : a.dim(in_a);
    y.push_back(from_a != 1 || in_b < 0 ? from_a : b.dim(in_b));
  }
  return y;
}

}  // namespace

Shape BoundShape(absl::string_view shape, const Sizes& sizes) {
  Shape bound = Shape::Scalar();
  if (shape.empty()) return bound;
  for (absl::string_view dim : absl::StrSplit(shape, ',')) {
    bound.push_back(BoundDim(dim, sizes));
  }
  return bound;
}

CaseInput Generated(std::string shape,
                    std::function<double(const Element&)> value) {
  return {.shape = std::move(shape), .value = std::move(value)};
}

CaseInput Uniform(std::string shape, double low, double high) {
  return Generated(std::move(shape), [low, high](const Element& e) {
    if (e.dtype == kBool) return e.random < 0.5 ? 0.0 : 1.0;
    const double x = low + (high - low) * e.random;
    return IsFloatingPoint(e.dtype) ? x : 4 * x;
  });
}

CaseInput AwayFromZero(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    const double sign = e.random < 0.5 ? -1 : 1;
    const double fraction = 2 * e.random - (e.random < 0.5 ? 0 : 1);
    return sign * (0.5 + 1.5 * fraction) * (IsFloatingPoint(e.dtype) ? 1 : 4);
  });
}

CaseInput Distinct(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    // A prime above every size in use: a permutation.
    const int64_t rank = (e.position * 1000003 + 1) % e.count;
    const double x = static_cast<double>(rank - e.count / 2);
    return IsFloatingPoint(e.dtype) ? x / 4 : x;
  });
}

CaseInput Integers(std::string shape, int low, int high) {
  return Generated(std::move(shape), [low, high](const Element& e) {
    return low + std::floor(e.random * (high - low + 1));
  });
}

CaseInput BelowK(std::string shape) {
  return Generated(std::move(shape), [](const Element& e) {
    return std::floor(e.random * static_cast<double>(e.sizes.k));
  });
}

CaseInput Values(std::string shape, std::vector<double> values) {
  return {.shape = std::move(shape),
          .value = [values](const Element& e) { return values[e.position]; },
          .parameter = true};
}

CaseInput Value(double value) { return Values("", {value}); }

CaseInput Dims(std::string dims) {
  const auto rank =
      dims.empty() ? 0 : std::count(dims.begin(), dims.end(), ',') + 1;
  return {
      .shape = absl::StrCat(rank),
      .value =
          [dims](const Element& e) {
            return static_cast<double>(
                BoundShape(dims, e.sizes).dim(static_cast<int>(e.position)));
          },
      .parameter = true};
}

Array MakeInput(const CaseInput& input, DType dtype, const Sizes& sizes,
                uint32_t seed) {
  Array array(dtype, BoundShape(input.shape, sizes));
  std::mt19937 random(seed);
  for (int64_t i = 0; i < array.size(); ++i) {
    const Element element = {.sizes = sizes,
                             .dtype = dtype,
                             .position = i,
                             .count = array.size(),
                             .random = random() / 4294967296.0};
    array[i] = Rounded(dtype, input.value(element));
  }
  return array;
}

std::string Difference(const Array& result, const Array& reference,
                       const Tolerance& tolerance) {
  if (!(result.shape == reference.shape)) {
    return absl::StrCat("shape is ", result.shape.ToString(), ", must be ",
                        reference.shape.ToString());
  }
  const double epsilon = Epsilon(result.dtype);
  for (int64_t i = 0; i < result.size(); ++i) {
    const double got = result[i], want = reference[i];
    if (got == want || (std::isnan(got) && std::isnan(want))) continue;
    const double allowed =
        epsilon * (tolerance.absolute_epsilons +
                   tolerance.relative_epsilons * std::abs(want));
    // Written so that a NaN is refused.
    if (!(std::abs(got - want) <= allowed) || std::isinf(want)) {
      return absl::StrCat("element ", i, " of ", result.shape.ToString(),
                          " is ", got, ", must be ", want, " +- ", allowed);
    }
  }
  return "";
}

Reference Map(double (*f)(double)) {
  return [f](Inputs in) {
    Array y = in[0];
    std::transform(y.values.begin(), y.values.end(), y.values.begin(), f);
    return y;
  };
}

Reference Map(double (*f)(double, double)) {
  return [f](Inputs in) {
    return Array(in[0].dtype, BroadcastShape(in[0].shape, in[1].shape),
                 [&](const Index& i) {
                   return f(Broadcast(in[0], i), Broadcast(in[1], i));
                 });
  };
}

}  // namespace trellis::testing
