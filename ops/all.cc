#include "trellis/ops/all.h"

#include "trellis/ops/families.h"

namespace trellis {
namespace {

// clang-format off
constexpr OpFamily kFamilies[] = {
    {"add_n", RegisterAddNOps},
    {"bias", RegisterBiasOps},
    {"binary", RegisterBinaryOps},
    {"broadcast", RegisterBroadcastOps},
    {"cast", RegisterCastOps},
    {"compare", RegisterCompareOps},
    {"matmul", RegisterMatMulOps},
    {"reduce", RegisterReduceOps},
    {"select", RegisterSelectOps},
    {"softmax", RegisterSoftmaxOps},
    {"unary", RegisterUnaryOps},
};
// clang-format on

}  // namespace

absl::Span<const OpFamily> OpFamilies() { return kFamilies; }

void RegisterAllOps(OpRegistry& registry) {
  for (const OpFamily& family : kFamilies) family.add(registry);
}

}  // namespace trellis
