// The cases of each family of ops, and all of them.
#ifndef TRELLIS_TESTS_CONFORMANCE_CASES_H_
#define TRELLIS_TESTS_CONFORMANCE_CASES_H_

#include <vector>

#include "trellis/tests/conformance/op_case.h"

namespace trellis::testing {

std::vector<OpCase> AddNCases();
std::vector<OpCase> ArgReduceCases();
std::vector<OpCase> BiasCases();
std::vector<OpCase> BinaryCases();
std::vector<OpCase> BroadcastCases();
std::vector<OpCase> CastCases();
std::vector<OpCase> CompareCases();
std::vector<OpCase> ConcatCases();
std::vector<OpCase> ConstantCases();
std::vector<OpCase> GatherCases();
std::vector<OpCase> IdentityCases();
std::vector<OpCase> MatMulCases();
std::vector<OpCase> OptimizerCases();
std::vector<OpCase> ReduceCases();
std::vector<OpCase> ReshapeCases();
std::vector<OpCase> SelectCases();
std::vector<OpCase> ShapeCases();
std::vector<OpCase> SliceCases();
std::vector<OpCase> SoftmaxCases();
std::vector<OpCase> StridedSliceCases();
std::vector<OpCase> TileCases();
std::vector<OpCase> TransposeCases();
std::vector<OpCase> UnaryCases();
std::vector<OpCase> VariableCases();
std::vector<OpCase> WhereCases();

std::vector<OpCase> AllCases();

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_CONFORMANCE_CASES_H_
