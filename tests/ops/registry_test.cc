// Every op that TensorFlow has too is declared as TensorFlow declares it.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "trellis/data/gzip_source.h"
#include "trellis/graph/attr_value_proto.h"
#include "trellis/graph/op_schema.h"
#include "trellis/ops/all.h"
#include "trellis/proto/op_def.pb.h"
#include "trellis/tests/test_data.h"

namespace trellis::testing {
namespace {

using ::testing::ElementsAreArray;

std::string Inflated(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string bytes((std::istreambuf_iterator<char>(file)), {});
  GzipSource source(absl::MakeConstSpan(
      reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()));
  std::string text;
  std::vector<uint8_t> block(1 << 20);
  for (size_t n = block.size(); n == block.size();) {
    n = source.Read(absl::MakeSpan(block)).value_or(0);
    text.append(block.begin(), block.begin() + n);
  }
  return text;
}

// Of Equal and NotEqual, from 1.15 on; the registry in the test data is older.
constexpr char kNewerAttr[] = "incompatible_shape_error";

// Both kinds of declaration as lines: the arguments, the attributes, the flags.

std::vector<std::string> Lines(const OpSchema& schema) {
  std::vector<std::string> lines;
  const auto add_args = [&](const char* what,
                            const std::vector<ArgSchema>& args) {
    for (const ArgSchema& arg : args) {
      lines.push_back(absl::StrCat(what, " ", arg.name, ": ", arg.type, " ",
                                   arg.number, arg.is_ref ? " ref" : ""));
    }
  };
  add_args("in", schema.inputs);
  add_args("out", schema.outputs);
  for (const AttrSchema& attr : schema.attrs) {
    if (attr.name == kNewerAttr) continue;
    lines.push_back(absl::StrCat(
        "attr ", attr.name, ": ", attr.kind, " = ",
        attr.default_value.is_set() ? attr.default_value.ToString() : "none",
        " of ", attr.allowed_types.ToString(),
        absl::StrJoin(attr.allowed_strings, ", "), " from ",
        attr.minimum.has_value() ? absl::StrCat(*attr.minimum) : "anything"));
  }
  if (schema.stateful) lines.push_back("stateful");
  return lines;
}

std::vector<std::string> Lines(const proto::OpDef& def) {
  std::vector<std::string> lines;
  const auto add_args = [&](const char* what, const auto& args) {
    for (const proto::OpDef::ArgDef& arg : args) {
      lines.push_back(absl::StrCat(
          what, " ", arg.name(), ": ",
          arg.type() != 0 ? DTypeName(static_cast<DType>(arg.type()))
                          : arg.type_attr() + arg.type_list_attr(),
          " ", arg.number_attr(), arg.is_ref() ? " ref" : ""));
    }
  };
  add_args("in", def.input_arg());
  add_args("out", def.output_arg());
  for (const proto::OpDef::AttrDef& attr : def.attr()) {
    DTypeSet types;
    for (int type : attr.allowed_values().list().type()) {
      types = types | DTypeSet{static_cast<DType>(type)};
    }
    std::string default_value = "none";
    if (attr.has_default_value()) {
      DecodeState state;
      const auto value = AttrValueFromProto(attr.default_value(), state);
      default_value =
          value.ok() ? value->ToString() : value.status().ToString();
    }
    lines.push_back(absl::StrCat(
        "attr ", attr.name(), ": ", attr.type(), " = ", default_value, " of ",
        types.ToString(), absl::StrJoin(attr.allowed_values().list().s(), ", "),
        " from ",
        attr.has_minimum() ? absl::StrCat(attr.minimum()) : "anything"));
  }
  if (def.is_stateful()) lines.push_back("stateful");
  return lines;
}

TEST(RegistryTest, DeclarationsAreTensorFlows) {
  const std::string path = TestDataPath("tf_registry/ops.pbtxt.gz");
  if (path.empty()) GTEST_SKIP() << "TRELLIS_TEST_DATA is not set";
  proto::OpList list;
  ASSERT_TRUE(
      google::protobuf::TextFormat::ParseFromString(Inflated(path), &list));
  std::map<std::string, const proto::OpDef*> defs;
  for (const proto::OpDef& def : list.op()) defs[def.name()] = &def;

  OpRegistry registry;
  RegisterAllOps(registry);
  int compared = 0;
  for (const OpSchema* schema : registry.schemas()) {
    const auto def = defs.find(schema->name);
    if (def == defs.end()) continue;
    ++compared;
    EXPECT_THAT(Lines(*schema), ElementsAreArray(Lines(*def->second)))
        << schema->name;
  }
  EXPECT_GT(compared, 60);
}

}  // namespace
}  // namespace trellis::testing
