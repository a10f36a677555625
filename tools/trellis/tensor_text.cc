#include "trellis/tools/trellis/tensor_text.h"

#include <algorithm>
#include <limits>

#include "trellis/tools/trellis/number_of.h"

namespace trellis {
namespace {

void WriteElement(const Tensor& tensor, int64_t i, JsonWriter& json) {
  switch (tensor.dtype()) {
    case kString:
      return json.String(tensor.flat<std::string>()[i]);
    case kBool:
      return json.Bool(tensor.flat<bool>()[i]);
    case kInt64:
      return json.Int(tensor.flat<int64_t>()[i]);
    case kUint64:
      return json.Uint(tensor.flat<uint64_t>()[i]);
    case kFloat32:
      return json.Float(tensor.flat<float>()[i]);
    case kComplex64:
    case kComplex128: {
      json.BeginArray();
      json.Double(NumberOf(tensor, 2 * i));
      json.Double(NumberOf(tensor, 2 * i + 1));
      return json.EndArray();
    }
    default:
      return HasNumbers(tensor.dtype()) ? json.Double(NumberOf(tensor, i))
                                        : json.Null();
  }
}

}  // namespace

void WriteElements(const Tensor& tensor, int64_t limit, JsonWriter& json) {
  if (tensor.shape().rank() == 0) return WriteElement(tensor, 0, json);
  json.BeginArray();
  const int64_t n = std::min(tensor.num_elements(), limit);
  for (int64_t i = 0; i < n; ++i) WriteElement(tensor, i, json);
  json.EndArray();
}

std::string ElementsText(const Tensor& tensor, int64_t limit) {
  return tensor.ToString(static_cast<int>(
      std::min<int64_t>(limit, std::numeric_limits<int>::max())));
}

void WriteTypeAndShape(DType dtype, const Shape& shape, JsonWriter& json) {
  json.Field("dtype", DTypeName(dtype));
  json.Key("shape").Dims(shape);
}

}  // namespace trellis
