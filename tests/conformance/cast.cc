#include <cmath>
#include <iterator>
#include <limits>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {

namespace {

// At and beyond the ends of the integers; NaN at position 0.
double Extreme(const Element& e) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  // 2147483520 and 9223371487098961920 are the last floats below 2^31 and 2^63.
  constexpr double kValues[] = {
      NAN,           kInfinity,   -kInfinity,   1e30,          -1e30,  0x1p31,
      -0x1p31 - 0.5, -0x1p31,     2147483520.0, -0x1p31 - 256, 0x1p63, -0x1p63,
      0x1.fffffep62, -0x1p63 * 2, -1,           -0.5,          255.5,  256,
      300,           -129,        0x1p32 + 512, -0x1p40};
  return kValues[e.position % std::size(kValues)];
}

// What does not fit is the least int32 or int64; uint8 has the low bits of what
// int32 would be.
double Truncated(double x, DType to) {
  const double least = to == kInt64 ? -0x1p63 : -0x1p31;
  const double whole = std::trunc(x);
  const double fits = whole >= least && whole < -least ? whole : least;
  return to == kUint8 ? fits - 256 * std::floor(fits / 256) : fits;
}

}  // namespace

std::vector<OpCase> CastCases() {
  std::vector<OpCase> cases;
  for (const DType to : {kFloat32, kFloat64, kInt32, kInt64, kUint8, kBool}) {
    cases.push_back({.op = "Cast",
                     .inputs = {to == kUint8 ? Uniform("n,m", 0, 60)
                                             : Uniform("n,m", -30, 30)},
                     .attrs = {{"DstT", to}},
                     .reference = [to](Inputs in) {
                       return Array(to, in[0].shape, [&](const Index& i) {
                         const double x = in[0].at(i);
                         if (to == kBool) return x != 0 ? 1.0 : 0.0;
                         return IsFloatingPoint(to) ? x : std::trunc(x);
                       });
                     }});
  }
  for (const DType to : {kInt32, kInt64, kUint8}) {
    cases.push_back({.op = "Cast",
                     .label = "Extreme",
                     .inputs = {Generated("n,m", Extreme)},
                     .attrs = {{"DstT", to}},
                     .reference =
                         [to](Inputs in) {
                           return Array(to, in[0].shape, [&](const Index& i) {
                             return Truncated(in[0].at(i), to);
                           });
                         },
                     .dtypes = {kFloat32, kFloat64}});
  }
  return cases;
}

}  // namespace trellis::testing
