#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

OpCase Unchanged(std::string op, AttrMap attrs = {}) {
  return {.op = std::move(op),
          .inputs = {Uniform("n,m")},
          .attrs = std::move(attrs),
          .reference = [](Inputs in) { return in[0]; }};
}

}  // namespace

std::vector<OpCase> IdentityCases() {
  OpCase prevent = Unchanged("PreventGradient");
  prevent.gradient_outputs = std::vector<int>();  // it is an error
  return {
      Unchanged("Identity"),
      Unchanged("PlaceholderWithDefault", {{"shape", Shape::Unknown()}}),
      std::move(prevent),
      Unchanged("StopGradient"),
      {.op = "IdentityN",
       .inputs = {Uniform("n,m"), Uniform("k"), Uniform("")},
       .attrs = {{"T", std::vector<DType>{kFloat32, kInt64, kBool}}},
       .reference =
           [](Inputs in) { return std::vector<Array>(in.begin(), in.end()); }},
  };
}

}  // namespace trellis::testing
