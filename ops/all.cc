#include "trellis/ops/all.h"

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
    {"concat", RegisterConcatOps},
    {"constant", RegisterConstantOps},
    {"control", RegisterControlOps},
    {"gather", RegisterGatherOps},
    {"identity", RegisterIdentityOps},
    {"matmul", RegisterMatMulOps},
    {"optimizer", RegisterOptimizerOps},
    {"placeholder", RegisterPlaceholderOps},
    {"random", RegisterRandomOps},
    {"reduce", RegisterReduceOps},
    {"reshape", RegisterReshapeOps},
    {"resource_variable", RegisterResourceVariableOps},
    {"save_restore", RegisterSaveRestoreOps},
    {"select", RegisterSelectOps},
    {"shape", RegisterShapeOps},
    {"slice", RegisterSliceOps},
    {"softmax", RegisterSoftmaxOps},
    {"strided_slice", RegisterStridedSliceOps},
    {"string", RegisterStringOps},
    {"tile", RegisterTileOps},
    {"transpose", RegisterTransposeOps},
    {"unary", RegisterUnaryOps},
    {"variable", RegisterVariableOps},
    {"where", RegisterWhereOps},
};
// clang-format on

}  // namespace

absl::Span<const OpFamily> OpFamilies() { return kFamilies; }

void RegisterAllOps(OpRegistry& registry) {
  for (const OpFamily& family : kFamilies) family.add(registry);
}

}  // namespace trellis
