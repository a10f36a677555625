#include <cmath>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {

// Numbers that every type holds; those beyond have no result to rely on.
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
  return cases;
}

}  // namespace trellis::testing
