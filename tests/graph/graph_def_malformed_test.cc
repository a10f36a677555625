// Graphs that must end in an error: one row for each, named after the list of
// malformed inputs (section B).
#include <string>

#include "absl/strings/str_cat.h"
#include "trellis/graph/graph_def.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/tests/graph/test_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;

const OpRegistry& TestOps() {
  static const OpRegistry* const ops = [] {
    auto* ops = new OpRegistry();
    testing::RegisterTestOps(*ops);
    return ops;
  }();
  return *ops;
}

constexpr char kX[] =
    "node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: "
    "DT_FLOAT } } }\n";

struct Case {
  const char* name;
  std::string text;  // after a placeholder x of float32
  const char* what;
};

class MalformedGraphTest : public ::testing::TestWithParam<Case> {};

TEST_P(MalformedGraphTest, IsAnError) {
  const std::string text = kX + GetParam().text;
  EXPECT_THAT(ImportGraphDef(text, TestOps()),
              StatusIs(kInvalidArgument, HasSubstr(GetParam().what)));
  // A graph that is there already does not change.
  Graph graph(TestOps());
  ASSERT_THAT(ImportGraphDef(kX, graph), IsOk());
  EXPECT_THAT(ImportGraphDef(text, graph), StatusIs(kInvalidArgument));
  EXPECT_EQ(graph.num_nodes(), 1);
}

// "y = Identity(inputs...)".
std::string Identity(absl::string_view inputs, absl::string_view more = "") {
  return absl::StrCat(
      "node { name: 'y' op: 'Identity' attr { key: 'T' value { type: DT_FLOAT "
      "} } ",
      inputs, " ", more, " }");
}

std::string AddN(absl::string_view n) {
  return absl::StrCat(
      "node { name: 'y' op: 'AddN' input: 'x' input: 'x' attr { key: 'T' value "
      "{ type: DT_FLOAT } } attr { key: 'N' value { i: ",
      n, " } } }");
}

std::string Function(absl::string_view name, absl::string_view calls) {
  return absl::StrCat("function { signature { name: '", name,
                      "' } node_def { name: 'n' op: '", calls, "' } }");
}

INSTANTIATE_TEST_SUITE_P(
    All, MalformedGraphTest,
    ::testing::Values(
        Case{"B04TooFar", Identity("input: 'x:57'"),
             "x:57 does not exist; x (Placeholder) has 1 outputs"},
        Case{"B04Negative", Identity("input: 'x:-1'"), "no node for input"},
        Case{"B04Huge", Identity("input: 'x:99999999999999999999'"),
             "no possible output number"},
        Case{"B04NoNumber", Identity("input: 'x:y'"), "no node for input"},
        Case{"B04ControlOutput", Identity("input: 'x' input: '^x:0'"),
             "names an output"},
        Case{"B04Empty", Identity("input: ''"), "names no node"},
        Case{"B04OnlyNumber", Identity("input: ':0'"), "names no node"},
        Case{"B04UnknownOp",
             "node { name: 'u' op: 'Unheard' }" +
                 Identity("input: 'u:2000000000'"),
             "no so many outputs"},
        Case{"B05", Identity("input: 'xx'"), "did you mean x?"},
        Case{"B06Twice", kX, "two nodes"},
        Case{"B06Empty", "node { op: 'NoOp' }", "a name must match"},
        Case{"B06Blank", "node { name: 'a b' op: 'NoOp' }",
             "a name must match"},
        Case{"B06Slash", "node { name: '/a' op: 'NoOp' }", "a name must match"},
        Case{"B06Long",
             absl::StrCat("node { op: 'NoOp' name: '",
                          std::string(10 << 20, 'a'), "' }"),
             "a name must match"},
        Case{"NoOpName", "node { name: 'y' }", "no op"},
        Case{"OpNameWithABlank", "node { name: 'y' op: 'No Op' }",
             "\"No Op\", which is no name"},
        Case{"B08Order", Identity("input: '^x' input: 'x'"),
             "after a control input"},
        Case{"B08More", Identity("input: 'x' input: 'x'"), "has 2 inputs"},
        Case{"B08Fewer", Identity(""), "has 0 inputs"},
        Case{"B09Const",
             "node { name: 'c' op: 'Const' attr { key: 'dtype' value { type: "
             "DT_FLOAT } } }",
             "value"},
        Case{"B09Placeholder", "node { name: 'p' op: 'Placeholder' }", "dtype"},
        Case{"B10Kind",
             "node { name: 'y' op: 'Identity' input: 'x' attr { key: 'T' value "
             "{ list { i: 1 } } } }",
             "is list"},
        Case{"B10NotSet",
             "node { name: 'y' op: 'Identity' input: 'x' attr { key: 'T' value "
             "{ } } }",
             "not set"},
        Case{"B10Placeholder",
             "node { name: 'y' op: 'Placeholder' attr { key: 'dtype' value { "
             "placeholder: 'T' } } }",
             "must be type, is placeholder"},
        Case{"B11",
             Identity("input: 'x'", "attr { key: 'new' value { i: 1 } }"),
             "no attribute new"},
        Case{"B12",
             "node { name: 'y' op: 'Identity' input: 'x' attr { key: 'T' value "
             "{ type: DT_INT64 } } }",
             "float32"},
        Case{"TypeIsNone",
             "node { name: 'y' op: 'Placeholder' attr { key: 'dtype' value { "
             "type: 77 } } }",
             "dtype(77)"},
        Case{"TypeIsReference",
             "node { name: 'y' op: 'Placeholder' attr { key: 'dtype' value { "
             "type: DT_FLOAT_REF } } }",
             "float32_ref"},
        Case{"B13Three", AddN("3"), "3"}, Case{"B13None", AddN("0"), "0"},
        Case{"B13Negative", AddN("-1"), "-1"},
        Case{"B13Huge", AddN("2147483647"), "2147483647"},
        Case{"B16NoIndex", Identity("input: 'x' device: '/gpu:'"),
             "y (Identity)"},
        Case{"B16Negative", Identity("input: 'x' device: '/device:GPU:-1'"),
             "y (Identity)"},
        Case{"B16Huge",
             Identity("input: 'x' device: '/job:x/task:99999999999'"),
             "y (Identity)"},
        Case{"B18Self", Identity("input: 'y'"), "cycle without NextIteration"},
        Case{"B18Two",
             Identity("input: 'z'") +
                 "node { name: 'z' op: 'Identity' input: 'y' attr { key: 'T' "
                 "value { type: DT_FLOAT } } }",
             " -> z"},
        Case{"B18Control",
             "node { name: 'a' op: 'NoOp' input: '^b' } node { name: 'b' op: "
             "'NoOp' input: '^a' }",
             "cycle"},
        Case{"B20Missing",
             Identity("input: 'x'",
                      "attr { key: '_class' value { list { s: 'loc:@w' } } }"),
             "colocated with w"},
        Case{"B20Ring",
             "node { name: 'a' op: 'NoOp' attr { key: '_class' value { list { "
             "s: 'loc:@b' } } } } node { name: 'b' op: 'NoOp' attr { key: "
             "'_class' value { list { s: 'loc:@a' } } } }",
             "in a ring"},
        Case{"B21MinConsumer", "versions { min_consumer: 100000 }", "100000"},
        Case{"B21BadConsumer", "versions { bad_consumers: 134 }", "134"},
        Case{"B21Negative", "versions { producer: -1 }", "-1"},
        Case{"B22Self", "library {" + Function("f", "f") + "}", "f"},
        Case{"B22Two",
             "library {" + Function("f", "g") + Function("g", "f") + "}",
             "in a ring: f -> g"},
        Case{"B23NoSignature", "library { function { } }", "no signature"},
        Case{"B23Twice",
             "library {" + Function("f", "A") + Function("f", "B") + "}",
             "two functions f"},
        Case{"B23Ret",
             "library { function { signature { name: 'f' output_arg { name: "
             "'o' } } ret { key: 'o' value: 'gone:o:0' } } }",
             "gone"},
        Case{"B23NoRet",
             "library { function { signature { name: 'f' output_arg { name: "
             "'o' } } } }",
             "its output o"},
        Case{"B24",
             "library { gradient { function_name: 'f' gradient_func: 'g' } }",
             "does not exist"},
        Case{"OutputShapesFewer",
             Identity("input: 'x'",
                      "attr { key: '_output_shapes' value { list { } } }"),
             "_output_shapes lists 0"},
        Case{"A08InConst",
             "node { name: 'c' op: 'Const' attr { key: 'dtype' value { type: "
             "DT_FLOAT } } attr { key: 'value' value { tensor { dtype: 0 } } } "
             "}",
             "no dtype"}),
    [](const auto& info) { return std::string(info.param.name); });

TEST(MalformedBytesTest, B01EmptyAndDamaged) {
  EXPECT_THAT(ImportGraphDef("", TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("no bytes")));
  EXPECT_THAT(ImportGraphDef("\x01", TestOps()), StatusIs(kInvalidArgument));
  EXPECT_THAT(ImportGraphDef("node {", TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("line 1")));
  EXPECT_THAT(ImportGraphDef("node { nome: 'x' }", TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("nome")));
}

TEST(MalformedBytesTest, B01CutOffAnywhere) {
  proto::GraphDef def;
  for (int i = 0; i < 3; ++i) {
    proto::NodeDef* node = def.add_node();
    node->set_name(absl::StrCat("node", i));
    node->set_op("NoOp");
    if (i > 0) node->add_input("^node0");
  }
  const std::string bytes = def.SerializeAsString();
  int whole = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto graph = ImportGraphDef(bytes.substr(0, size), TestOps());
    // A message cut between two nodes is a smaller message.
    if (graph.ok()) {
      ++whole;
    } else {
      EXPECT_THAT(graph, StatusIs(kInvalidArgument));
    }
  }
  EXPECT_EQ(whole, 2);
}

TEST(MalformedBytesTest, B03LengthPastTheEnd) {
  const std::string bytes(
      "\x0a\xff\xff\xff\xff\x07"
      "abc");
  EXPECT_THAT(ImportGraphDef(bytes, TestOps()), StatusIs(kInvalidArgument));
}

// A field of a message by hand: building the message would recurse as well.
std::string Field(char tag, const std::string& body) {
  std::string out(1, tag);
  for (size_t n = body.size();; n >>= 7) {
    out.push_back(static_cast<char>((n & 0x7f) | (n > 0x7f ? 0x80 : 0)));
    if (n <= 0x7f) return out + body;
  }
}

TEST(MalformedBytesTest, B15DeepNesting) {
  std::string value;  // { func { attr { key: "k" value { func ... } } } }
  for (int i = 0; i < 2000; ++i) {
    value =
        Field('\x52', Field('\x12', Field('\x0a', "k") + Field('\x12', value)));
  }
  const std::string node =
      Field('\x0a', "n") + Field('\x12', "Unheard") +
      Field('\x2a', Field('\x0a', "k") + Field('\x12', value));
  EXPECT_THAT(ImportGraphDef(Field('\x0a', node), TestOps()),
              StatusIs(kInvalidArgument));

  std::string text = "node { name: 'n' op: 'Unheard' attr { key: 'a' value ";
  for (int i = 0; i < 100000; ++i) text += "{ func { attr { key: 'k' value ";
  EXPECT_THAT(ImportGraphDef(text, TestOps()), StatusIs(kInvalidArgument));
}

TEST(MalformedBytesTest, A15TheLimitIsAnOption) {
  const std::string text =
      "node { name: 'c' op: 'Const' attr { key: 'dtype' value { type: DT_INT8 "
      "} } attr { key: 'value' value { tensor { dtype: DT_INT8 tensor_shape { "
      "dim { size: 1000 } } } } } }";
  EXPECT_THAT(ImportGraphDef(text, TestOps(), {.max_expanded_bytes = 999}),
              StatusIs(kInvalidArgument,
                       AllOf(HasSubstr("c (Const)"), HasSubstr("limit"))));
  EXPECT_THAT(ImportGraphDef(text, TestOps(), {.max_expanded_bytes = 1000}),
              IsOk());
}

}  // namespace
}  // namespace trellis
