#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {

std::vector<OpCase> SelectCases() {
  const struct {
    const char *label, *condition, *values;
  } shapes[] = {{"Elements", "n,m", "n,m"},
                {"Whole", "", "n,m"},
                {"Rows", "n", "n,m,k"},
                {"Scalars", "", ""}};
  std::vector<OpCase> cases;
  for (const auto& shape : shapes) {
    cases.push_back(
        {.op = "Select",
         .label = shape.label,
         .inputs = {Uniform(shape.condition), Uniform(shape.values),
                    Uniform(shape.values)},
         .reference = [](Inputs in) {
           const int rank = in[0].rank();
           return Array(in[1].dtype, in[1].shape, [&](const Index& i) {
             const Index own(i.begin(), i.begin() + rank);
             return in[0].at(own) != 0 ? in[1].at(i) : in[2].at(i);
           });
         }});
  }
  return cases;
}

}  // namespace trellis::testing
