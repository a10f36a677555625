#include "trellis/tests/conformance/cases.h"

#include <iterator>

namespace trellis::testing {

std::vector<OpCase> AllCases() {
  std::vector<OpCase> all;
  for (const auto family :
       {AddNCases,      ArgReduceCases, BiasCases,     BinaryCases,
        BroadcastCases, CastCases,      CompareCases,  ConcatCases,
        ConstantCases,  GatherCases,    IdentityCases, MatMulCases,
        OptimizerCases, ReduceCases,    ReshapeCases,  SelectCases,
        ShapeCases,     SliceCases,     SoftmaxCases,  StridedSliceCases,
        TileCases,      TransposeCases, UnaryCases,    VariableCases,
        WhereCases}) {
    std::vector<OpCase> cases = family();
    std::move(cases.begin(), cases.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace trellis::testing
