#include "trellis/kernels/reduce.h"

namespace trellis {
namespace {

// Elements of a part: enough work for a tile.
constexpr int64_t kPartElements = 16384;
// With so many tiles, nothing is gained by more of them.
constexpr int64_t kEnoughTiles = 32;

int64_t CeilDiv(int64_t a, int64_t b) { return (a + b - 1) / b; }

struct Group {
  int64_t dim;
  bool reduced;
};

// From the first to the last; axes of length 1 are neither.
std::vector<Group> GroupsOf(const Shape& shape,
                            const std::vector<bool>& reduced) {
  std::vector<Group> groups;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    const int64_t dim = shape.dim(axis);
    if (dim == 1) continue;
    if (!groups.empty() && groups.back().reduced == reduced[axis]) {
      groups.back().dim *= dim;
    } else {
      groups.push_back({dim, reduced[axis]});
    }
  }
  return groups;
}

ReducePass MakePass(int64_t outer, int64_t n, int64_t inner) {
  ReducePass pass{.outer = outer, .n = n, .inner = inner};
  pass.strips = std::max<int64_t>(1, CeilDiv(inner, ReducePass::kMaxStrip));
  pass.strip_width = CeilDiv(inner, pass.strips);
  pass.part_length = std::max<int64_t>(1, n);
  if (outer * pass.strips < kEnoughTiles && inner > 0) {
    pass.parts = std::max<int64_t>(1, n * pass.strip_width / kPartElements);
    pass.part_length = std::max<int64_t>(1, CeilDiv(n, pass.parts));
    pass.parts = std::max<int64_t>(1, CeilDiv(n, pass.part_length));
  }
  return pass;
}

}  // namespace

ReducePlan PlanReduction(const Shape& shape, const std::vector<bool>& reduced) {
  std::vector<Group> groups = GroupsOf(shape, reduced);
  ReducePlan plan;
  for (int i = static_cast<int>(groups.size()) - 1; i >= 0; --i) {
    if (!groups[i].reduced) continue;
    int64_t outer = 1, inner = 1;
    for (int g = 0; g < i; ++g) outer *= groups[g].dim;
    // Behind this group all is kept or reduced by now.
    for (int g = i + 1; g < static_cast<int>(groups.size()); ++g) {
      if (!groups[g].reduced) inner *= groups[g].dim;
    }
    plan.reduced *= groups[i].dim;
    plan.passes.push_back(MakePass(outer, groups[i].dim, inner));
  }
  if (plan.passes.empty()) {
    plan.passes.push_back(MakePass(1, 1, shape.num_elements()));
  }
  for (size_t i = 0; i < plan.passes.size(); ++i) {
    ReducePass& pass = plan.passes[i];
    if (pass.parts > 1) {
      pass.partial = plan.scratch_elements;
      plan.scratch_elements += pass.outer * pass.parts * pass.inner;
    }
    if (i + 1 < plan.passes.size()) {
      pass.result = plan.scratch_elements;
      plan.scratch_elements += pass.outer * pass.inner;
    }
  }
  return plan;
}

std::vector<bool> ReducedAxes(const Tensor& axes, int rank) {
  std::vector<bool> reduced(rank, false);
  for (int64_t axis : IntegersOf(axes)) {
    reduced[axis < 0 ? axis + rank : axis] = true;
  }
  return reduced;
}

}  // namespace trellis
