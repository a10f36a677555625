#include "trellis/graph/dtype.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"

namespace trellis {
namespace {

struct Info {
  const char* name;
  uint8_t size;
};

// Indexed by DType.
constexpr Info kInfo[] = {
    {"invalid", 0},   {"float32", 4}, {"float64", 8},     {"int32", 4},
    {"uint8", 1},     {"int16", 2},   {"int8", 1},        {"string", 0},
    {"complex64", 8}, {"int64", 8},   {"bool", 1},        {"qint8", 1},
    {"quint8", 1},    {"qint32", 4},  {"bfloat16", 2},    {"qint16", 2},
    {"quint16", 2},   {"uint16", 2},  {"complex128", 16}, {"float16", 2},
    {"resource", 0},  {"variant", 0}, {"uint32", 4},      {"uint64", 8},
};
constexpr int kCount = sizeof(kInfo) / sizeof(kInfo[0]);

}  // namespace

std::string DTypeName(DType t) {
  const DType base = BaseType(t);
  if (base >= kCount) return absl::StrCat("dtype(", static_cast<int>(t), ")");
  return absl::StrCat(kInfo[base].name, IsRef(t) ? "_ref" : "");
}

std::optional<DType> ParseDType(absl::string_view name) {
  const bool ref = absl::ConsumeSuffix(&name, "_ref");
  if (name == "float") name = "float32";
  if (name == "double") name = "float64";
  if (name == "half") name = "float16";
  for (int i = 1; i < kCount; ++i) {
    if (name == kInfo[i].name) {
      const DType t = static_cast<DType>(i);
      return ref ? MakeRef(t) : t;
    }
  }
  return std::nullopt;
}

bool IsKnownDType(int value) {
  if (value > kRefOffset) value -= kRefOffset;
  return value > 0 && value < kCount;
}

size_t DTypeSize(DType t) {
  const DType base = BaseType(t);
  return base < kCount ? kInfo[base].size : 0;
}

std::vector<DType> DTypeSet::types() const {
  std::vector<DType> types;
  for (int i = 1; i < kCount; ++i) {
    if (contains(static_cast<DType>(i))) types.push_back(static_cast<DType>(i));
  }
  return types;
}

std::string DTypeSet::ToString() const {
  return absl::StrJoin(types(), ", ", [](std::string* out, DType t) {
    absl::StrAppend(out, DTypeName(t));
  });
}

}  // namespace trellis
