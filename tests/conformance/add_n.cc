#include "absl/strings/str_cat.h"
#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {

std::vector<OpCase> AddNCases() {
  std::vector<OpCase> cases;
  for (const int n : {1, 2, 3, 5, 8, 17}) {
    cases.push_back({.op = "AddN",
                     .label = absl::StrCat(n),
                     .inputs = std::vector<CaseInput>(n, Uniform("n,m")),
                     .reference =
                         [](Inputs in) {
                           Array y = in[0];
                           for (const Array& x : in.subspan(1)) {
                             for (int64_t i = 0; i < y.size(); ++i) {
                               y[i] += x[i];
                             }
                           }
                           return y;
                         },
                     .tolerance = {.absolute_epsilons = 64}});
  }
  return cases;
}

}  // namespace trellis::testing
