#include <string>
#include <utility>

#include "trellis/tests/conformance/cases.h"

namespace trellis::testing {
namespace {

Results AddBias(Inputs in, int axis) {
  return Array(in[0].dtype, in[0].shape, [&](const Index& i) {
    return in[0].at(i) + in[1][i[axis < 0 ? i.size() - 1 : axis]];
  });
}

Results SumPerChannel(Inputs in, int axis) {
  if (axis < 0) axis += in[0].rank();
  Array y(in[0].dtype, {in[0].dim(axis)});
  ForEachIndex(in[0].shape, [&](const Index& i) { y[i[axis]] += in[0].at(i); });
  return y;
}

// Channels are the dimension k.
void AddBoth(std::vector<OpCase>& cases, const std::string& label,
             const std::string& shape, const std::string& format) {
  const int axis = format == "NCHW" ? 1 : -1;
  cases.push_back({.op = "BiasAdd",
                   .label = label,
                   .inputs = {Uniform(shape), Uniform("k")},
                   .attrs = {{"data_format", format}},
                   .reference = [axis](Inputs in) { return AddBias(in, axis); },
                   .tolerance = {.absolute_epsilons = 2}});
  cases.push_back(
      {.op = "BiasAddGrad",
       .label = label,
       .inputs = {Uniform(shape)},
       .attrs = {{"data_format", format}},
       .reference = [axis](Inputs in) { return SumPerChannel(in, axis); },
       .tolerance = {.absolute_epsilons = 2048}});
}

}  // namespace

std::vector<OpCase> BiasCases() {
  std::vector<OpCase> cases;
  AddBoth(cases, "Matrix", "n,k", "NHWC");
  AddBoth(cases, "Rank3", "n,m,k", "NHWC");
  AddBoth(cases, "Images", "n,2,m,k", "NHWC");
  AddBoth(cases, "ChannelsFirst", "n,k,m", "NCHW");
  AddBoth(cases, "ImagesChannelsFirst", "n,k,m,2", "NCHW");
  return cases;
}

}  // namespace trellis::testing
