// Comparing tensors with what a manifest says of them.
#ifndef TRELLIS_TESTS_IO_TENSOR_RECORD_H_
#define TRELLIS_TESTS_IO_TENSOR_RECORD_H_

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"
#include "trellis/graph/tensor.h"
#include "trellis/tests/manifest.h"

namespace trellis::testing {

inline Shape ShapeOf(const Json& json) {
  std::vector<int64_t> dims;
  for (const Json& dim : Elements(json)) {
    dims.push_back(static_cast<int64_t>(dim.number_value()));
  }
  return Shape(dims);
}

// Type, shape and elements. Of large tensors a manifest has only a SHA-256,
// which is not looked at.
inline void ExpectIs(const Tensor& tensor, const Json& record) {
  EXPECT_EQ(DTypeName(tensor.dtype()), Field(record, "dtype").string_value());
  EXPECT_EQ(tensor.shape(), ShapeOf(Field(record, "shape")));
  if (!Field(record, "sha256").string_value().empty() ||
      !Field(record, "strings_sha256").string_value().empty()) {
    return;
  }
  if (tensor.dtype() == kString) {
    const auto& strings = Elements(Field(record, "strings_hex"));
    ASSERT_EQ(tensor.num_elements(), strings.size());
    for (int i = 0; i < strings.size(); ++i) {
      EXPECT_EQ(absl::BytesToHexString(tensor.flat<std::string>()[i]),
                strings[i].string_value());
    }
  } else {
    EXPECT_EQ(absl::BytesToHexString(absl::string_view(
                  static_cast<const char*>(tensor.data()), tensor.bytes())),
              Field(record, "hex").string_value());
  }
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_IO_TENSOR_RECORD_H_
