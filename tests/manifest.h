// The manifest.json files that say what the test data holds.
#ifndef TRELLIS_TESTS_MANIFEST_H_
#define TRELLIS_TESTS_MANIFEST_H_

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_replace.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace trellis::testing {

// Any JSON value.
using Json = google::protobuf::Value;

inline Json ReadManifest(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  Json manifest;
  // Python writes these two, JSON has no word for them.
  const auto status = google::protobuf::util::JsonStringToMessage(
      absl::StrReplaceAll(text.str(), {{"NaN", "null"}, {"Infinity", "0"}}),
      &manifest);
  EXPECT_TRUE(status.ok()) << path << ": " << status.ToString();
  return manifest;
}

// A field of an object; an unset value if it does not have it.
inline const Json& Field(const Json& object, const std::string& name) {
  static const Json* const none = new Json;
  const auto& fields = object.struct_value().fields();
  const auto it = fields.find(name);
  return it == fields.end() ? *none : it->second;
}

// The elements of an array, for a range-based loop.
inline const auto& Elements(const Json& array) {
  return array.list_value().values();
}

}  // namespace trellis::testing

#endif  // TRELLIS_TESTS_MANIFEST_H_
