#include "trellis/graph/graph_def.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "trellis/proto/graph.pb.h"
#include "trellis/tests/graph/test_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::IsOk;
using ::testing::SizeIs;
using testing::StatusIs;

constexpr auto kInvalidArgument = absl::StatusCode::kInvalidArgument;
constexpr ExportOptions kExact{.default_attrs = DefaultAttrs::kAsGiven};

const OpRegistry& TestOps() {
  static const OpRegistry* const ops = [] {
    auto* ops = new OpRegistry();
    testing::RegisterTestOps(*ops);
    return ops;
  }();
  return *ops;
}

std::string Float(absl::string_view name, absl::string_view op,
                  absl::string_view rest) {
  return absl::StrCat("node { name: '", name, "' op: '", op,
                      "' attr { key: 'T' value { type: DT_FLOAT } } ", rest,
                      " }\n");
}

std::string Placeholder(absl::string_view name) {
  return absl::StrCat(
      "node { name: '", name,
      "' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }\n");
}

proto::GraphDef Parsed(const std::string& bytes) {
  proto::GraphDef def;
  EXPECT_TRUE(def.ParseFromString(bytes));
  return def;
}

std::string Binary(const std::string& text) {
  proto::GraphDef def;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &def));
  return def.SerializeAsString();
}

// Imports and exports again; what comes out in text.
void ExpectSurvives(const std::string& bytes) {
  const auto graph = ImportGraphDef(bytes, TestOps());
  ASSERT_THAT(graph, IsOk());
  const auto back = ExportGraphDef(**graph, kExact);
  ASSERT_THAT(back, IsOk());
  EXPECT_EQ(Parsed(*back).DebugString(), Parsed(bytes).DebugString());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(
      Parsed(*back), Parsed(bytes)));
}

std::vector<std::string> Names(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node* node : graph.nodes()) names.push_back(node->name());
  return names;
}

std::vector<std::string> InputNames(const Graph& graph,
                                    absl::string_view name) {
  std::vector<std::string> names;
  const Node* node = graph.FindNode(name);
  if (node == nullptr) return {"no such node"};
  for (const Output& input : node->inputs()) names.push_back(input.name());
  for (const Node* control : node->control_inputs()) {
    names.push_back("^" + control->name());
  }
  return names;
}

constexpr char kLoop[] = R"(
  node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }
  node { name: 'enter' op: 'Enter' input: 'x'
         attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'frame_name' value { s: 'f' } } }
  node { name: 'merge' op: 'Merge' input: 'enter' input: 'next'
         attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'N' value { i: 2 } } }
  node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { type: DT_BOOL } } }
  node { name: 'cond' op: 'LoopCond' input: 'p' }
  node { name: 'switch' op: 'Switch' input: 'merge' input: 'cond' attr { key: 'T' value { type: DT_FLOAT } } }
  node { name: 'exit' op: 'Exit' input: 'switch' attr { key: 'T' value { type: DT_FLOAT } } }
  node { name: 'next' op: 'NextIteration' input: 'switch:1' attr { key: 'T' value { type: DT_FLOAT } } }
  versions { producer: 134 })";

TEST(ImportGraphDefTest, ReadsTextAndBinary) {
  const std::string text =
      Placeholder("x") + Float("y", "Add", "input: 'x' input: 'x:0'");
  for (const std::string& bytes : {text, Binary(text)}) {
    const auto graph = ImportGraphDef(bytes, TestOps());
    ASSERT_THAT(graph, IsOk());
    EXPECT_THAT(Names(**graph), ElementsAre("x", "y"));
    EXPECT_THAT(InputNames(**graph, "y"), ElementsAre("x:0", "x:0"));
    EXPECT_EQ((*graph)->FindNode("y")->output_dtype(0), kFloat32);
  }
}

TEST(ImportGraphDefTest, NodesMayComeInAnyOrder) {
  const auto graph =
      ImportGraphDef(Float("c", "Identity", "input: 'b' input: '^d'") +
                         Float("b", "Identity", "input: 'a'") +
                         Placeholder("a") + "node { name: 'd' op: 'NoOp' }",
                     TestOps());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(Names(**graph), ElementsAre("a", "b", "d", "c"));
  EXPECT_THAT(InputNames(**graph, "c"), ElementsAre("b:0", "^d"));
}

TEST(ImportGraphDefTest, LoopsAreConnected) {
  const auto graph = ImportGraphDef(kLoop, TestOps());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT(InputNames(**graph, "merge"), ElementsAre("enter:0", "next:0"));
  EXPECT_THAT((*graph)->FindNode("next")->consumers(), SizeIs(1));
  ExpectSurvives(Binary(kLoop));
}

TEST(ImportGraphDefTest, ALoopBringsBackItsType) {
  // The merge says int32 while the loop goes round with floats.
  EXPECT_THAT(
      ImportGraphDef(
          R"(node { name: 'i' op: 'Placeholder' attr { key: 'dtype' value { type: DT_INT32 } } }
             node { name: 'f' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }
             node { name: 'm' op: 'Merge' input: 'i' input: 'n'
                    attr { key: 'T' value { type: DT_INT32 } } attr { key: 'N' value { i: 2 } } }
             node { name: 'n' op: 'NextIteration' input: 'f' attr { key: 'T' value { type: DT_FLOAT } } })",
          TestOps()),
      StatusIs(kInvalidArgument, HasSubstr("brings back n:0")));
}

TEST(ImportGraphDefTest, UnknownOpsAreKept) {
  const std::string text = R"(
    node { name: 'u' op: 'Unheard' input: 'x' device: '/device:GPU:1'
           attr { key: 'k' value { list { i: [1, 2] } } }
           attr { key: 'v' value { tensor { dtype: DT_VARIANT tensor_shape {} } } }
           attr { key: 'none' value { } } }
    node { name: 'y' op: 'Identity' input: 'u:2' attr { key: 'T' value { type: DT_FLOAT } } }
    versions { producer: 1 })";
  const std::string bytes = Binary(Placeholder("x") + text);
  const auto graph = ImportGraphDef(bytes, TestOps());
  ASSERT_THAT(graph, IsOk());
  const Node* u = (*graph)->FindNode("u");
  EXPECT_EQ(u->schema(), nullptr);
  EXPECT_EQ(u->num_outputs(), 3);
  EXPECT_EQ(u->output_dtype(2), kInvalid);
  EXPECT_EQ(u->FindAttr("k")->ToString(), "list(1, 2)");
  EXPECT_FALSE(u->FindAttr("v")->is_set());
  ExpectSurvives(bytes);
}

TEST(ImportGraphDefTest, EverythingWithoutAFieldSurvives) {
  proto::GraphDef def;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(node { name: 'x' op: 'Placeholder'
                attr { key: 'dtype' value { type: DT_FLOAT } }
                attr { key: 'shape' value { shape { dim { size: 2 name: 'batch' } } } }
                attr { key: '_mine' value { s: 'kept' } }
                experimental_debug_info { original_node_names: 'before' } }
         library {
           function {
             signature { name: 'f' input_arg { name: 'a' type: DT_FLOAT }
                         output_arg { name: 'b' type: DT_FLOAT } }
             node_def { name: 'n' op: 'Identity' input: 'a'
                        attr { key: 'T' value { placeholder: 'T' } } }
             ret { key: 'b' value: 'n:output:0' } } }
         version: 7
         versions { producer: 27 min_consumer: 12 bad_consumers: [3, 4] })",
      &def));
  def.GetReflection()->MutableUnknownFields(&def)->AddVarint(90, 5);
  proto::NodeDef* node = def.mutable_node(0);
  node->GetReflection()->MutableUnknownFields(node)->AddVarint(91, 6);
  proto::AttrValue* attr = &(*node->mutable_attr())["_mine"];
  attr->GetReflection()->MutableUnknownFields(attr)->AddVarint(92, 7);
  ExpectSurvives(def.SerializeAsString());
}

TEST(ImportGraphDefTest, AChangedAttributeIsWrittenAsChanged) {
  const auto graph = ImportGraphDef(
      R"(node { name: 'x' op: 'Placeholder'
                attr { key: 'dtype' value { type: DT_FLOAT } }
                attr { key: 'shape' value { shape { dim { size: 2 name: 'batch' } } } } })",
      TestOps());
  ASSERT_THAT(graph, IsOk());
  EXPECT_THAT((*graph)->SetAttr((*graph)->FindNode("x"), "shape", Shape{3}),
              IsOk());
  const auto bytes = ExportGraphDef(**graph);
  ASSERT_THAT(bytes, IsOk());
  EXPECT_EQ(Parsed(*bytes).node(0).attr().at("shape").ShortDebugString(),
            "shape { dim { size: 3 } }");
}

TEST(ImportGraphDefTest, EmptyLibraryAndLackOfVersionsSurvive) {
  ExpectSurvives(Binary(Placeholder("x") + "library { }"));
  ExpectSurvives(Binary(Placeholder("x")));
}

TEST(ImportGraphDefTest, FunctionsGiveTheTypesOfTheirCalls) {
  const auto graph = ImportGraphDef(
      R"(node { name: 'c' op: 'f' attr { key: 'N' value { i: 2 } } }
         library { function {
           signature { name: 'f' output_arg { name: 'a' type: DT_INT64 number_attr: 'N' }
                                 output_arg { name: 'b' type: DT_BOOL } }
           node_def { name: 'n' op: 'X' }
           ret { key: 'a' value: 'n:x:0' } ret { key: 'b' value: 'n:y:0' } } })",
      TestOps());
  ASSERT_THAT(graph, IsOk());
  const Node* call = (*graph)->FindNode("c");
  ASSERT_EQ(call->num_outputs(), 3);
  EXPECT_EQ(call->output_dtype(1), kInt64);
  EXPECT_EQ(call->output_dtype(2), kBool);
}

TEST(ImportGraphDefTest, OutputShapesRefineAndDescribe) {
  const std::string shapes =
      "attr { key: '_output_shapes' value { list { shape { dim { size: 5 } } } "
      "} }";
  const auto graph = ImportGraphDef(
      absl::StrCat(
          "node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { "
          "type: DT_FLOAT } } ",
          shapes, "}", "node { name: 'u' op: 'Unheard' ", shapes, "}",
          "versions { producer: 30 }"),
      TestOps());
  ASSERT_THAT(graph, IsOk());
  EXPECT_EQ((*graph)->FindNode("x")->output_shape(0), Shape{5});
  EXPECT_EQ((*graph)->FindNode("u")->output_shape(0), Shape{5});

  const auto contradiction = [&](int producer) {
    return absl::StrCat(
        "node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: "
        "DT_FLOAT } } attr { key: 'shape' value { shape { } } } ",
        shapes, "} versions { producer: ", producer, " }");
  };
  EXPECT_THAT(ImportGraphDef(contradiction(21), TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("_output_shapes")));
  EXPECT_THAT(ImportGraphDef(contradiction(20), TestOps()), IsOk());
}

TEST(ImportGraphDefTest, PrefixesAreNameScopes) {
  Graph graph(TestOps());
  const std::string text =
      Placeholder("x") +
      Float("y", "Identity",
            "input: 'x' input: '^x' attr { key: '_class' value { list { s: "
            "'loc:@x' s: 'other' } } }");
  for (const char* prefix : {"tower", "tower", "a/b/"}) {
    ASSERT_THAT(ImportGraphDef(text, graph, {.prefix = prefix}), IsOk());
  }
  EXPECT_THAT(Names(graph), ElementsAre("tower/x", "tower/y", "tower_1/x",
                                        "tower_1/y", "a/b/x", "a/b/y"));
  EXPECT_THAT(InputNames(graph, "tower_1/y"),
              ElementsAre("tower_1/x:0", "^tower_1/x"));
  EXPECT_EQ(graph.FindNode("tower_1/y")->FindAttr("_class")->ToString(),
            "list(\"loc:@tower_1/x\", \"other\")");
  // Names that imports took are not handed out again (R1.17).
  EXPECT_EQ(graph.UniqueName("tower/x"), "tower/x_1");
}

TEST(ImportGraphDefTest, TakenNamesGetSuffixesAndReferencesFollow) {
  Graph graph(TestOps());
  const std::string text = Placeholder("x") + Placeholder("x_1") +
                           Float("y", "Identity", "input: 'x'");
  ASSERT_THAT(ImportGraphDef(text, graph), IsOk());
  const auto second = ImportGraphDef(text, graph);
  ASSERT_THAT(second, IsOk());
  EXPECT_THAT(Names(graph),
              ElementsAre("x", "x_1", "y", "x_2", "x_1_1", "y_1"));
  EXPECT_THAT(InputNames(graph, "y_1"), ElementsAre("x_2:0"));
  EXPECT_EQ(second->nodes[2]->name(), "y_1");
}

TEST(ImportGraphDefTest, TheInputMapReplacesInputs) {
  Graph graph(TestOps());
  ASSERT_THAT(ImportGraphDef(Placeholder("mine"), graph), IsOk());
  const Output mine = graph.FindNode("mine")->output();
  const auto imported = ImportGraphDef(
      Placeholder("x") + Float("y", "Identity", "input: 'x' input: '^x'") +
          Float("z", "Identity", "input: 'y'"),
      graph,
      {.input_map = {{"x:0", mine}},
       .return_tensors = {"x", "z:0"},
       .return_nodes = {"y"}});
  ASSERT_THAT(imported, IsOk());
  EXPECT_THAT(InputNames(graph, "y"), ElementsAre("mine:0", "^x"));
  EXPECT_THAT(imported->tensors,
              ElementsAre(mine, graph.FindNode("z")->output()));
  EXPECT_THAT(imported->named_nodes, ElementsAre(graph.FindNode("y")));

  EXPECT_THAT(
      ImportGraphDef(Placeholder("x"), graph, {.input_map = {{"gone", mine}}}),
      StatusIs(kInvalidArgument, HasSubstr("gone")));
}

TEST(ImportGraphDefTest, ControlInputsAndDevicesReachEveryNode) {
  Graph graph(TestOps());
  ASSERT_THAT(ImportGraphDef("node { name: 'first' op: 'NoOp' }", graph),
              IsOk());
  const std::string text =
      "node { name: 'a' op: 'NoOp' } node { name: 'b' op: 'NoOp' input: '^a' "
      "device: '/device:GPU:0' }";
  ASSERT_THAT(ImportGraphDef(text, graph,
                             {.control_inputs = {graph.FindNode("first")},
                              .default_device = "/device:CPU:1"}),
              IsOk());
  EXPECT_THAT(InputNames(graph, "a"), ElementsAre("^first"));
  EXPECT_THAT(InputNames(graph, "b"), ElementsAre("^a", "^first"));
  EXPECT_EQ(graph.FindNode("a")->device(), "/device:CPU:1");
  EXPECT_EQ(graph.FindNode("b")->device(), "/device:GPU:0");
  ASSERT_THAT(ImportGraphDef(text, graph, {.clear_devices = true}), IsOk());
  EXPECT_EQ(graph.FindNode("b_1")->device(), "");
}

TEST(ImportGraphDefTest, AFailureLeavesTheGraphAsItWas) {
  Graph graph(TestOps());
  ASSERT_THAT(ImportGraphDef(Placeholder("mine"), graph), IsOk());
  std::string text = std::string(kLoop) + Placeholder("q");
  for (int i = 0; i < 500; ++i) {
    text += Float(absl::StrCat("n", i), "Identity", "input: 'q' input: '^x'");
  }
  // Fails at its last node (B17).
  text += Float("bad", "MatMul", "input: 'q'");
  EXPECT_THAT(ImportGraphDef(text, graph, {.prefix = "p"}),
              StatusIs(kInvalidArgument, HasSubstr("p/bad")));
  EXPECT_THAT(Names(graph), ElementsAre("mine"));
  EXPECT_THAT(graph.status(), IsOk());
  EXPECT_EQ(graph.UniqueName("p"), "p");
  EXPECT_THAT(ExportGraphDef(graph), IsOk());
}

TEST(ImportGraphDefTest, UndeclaredAttributesAreRefusedOrKept) {
  const std::string bytes =
      Binary(Placeholder("x") +
             Float("y", "Identity",
                   "input: 'x' attr { key: 'novelty' value { b: true } }"));
  EXPECT_THAT(ImportGraphDef(bytes, TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("novelty")));
  const auto graph =
      ImportGraphDef(bytes, TestOps(), {.keep_undeclared_attrs = true});
  ASSERT_THAT(graph, IsOk());
  const auto back = ExportGraphDef(**graph, kExact);
  ASSERT_THAT(back, IsOk());
  EXPECT_TRUE(Parsed(*back).node(1).attr().at("novelty").b());
}

TEST(ExportGraphDefTest, DefaultsAreWrittenOrStripped) {
  const auto graph = ImportGraphDef(
      Placeholder("x") +
          Float("y", "MatMul",
                "input: 'x' input: 'x' attr { key: 'transpose_a' value { b: "
                "false } }"),
      TestOps());
  ASSERT_THAT(graph, IsOk());
  const auto attrs = [&](DefaultAttrs defaults) {
    std::vector<std::string> names;
    const auto bytes = ExportGraphDef(**graph, {.default_attrs = defaults});
    const proto::GraphDef def = Parsed(*bytes);
    for (const auto& [name, value] : def.node(1).attr()) {
      names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
  };
  EXPECT_THAT(attrs(DefaultAttrs::kWrite),
              ElementsAre("T", "transpose_a", "transpose_b"));
  EXPECT_THAT(attrs(DefaultAttrs::kAsGiven), ElementsAre("T", "transpose_a"));
  EXPECT_THAT(attrs(DefaultAttrs::kStrip), ElementsAre("T"));
}

TEST(ExportGraphDefTest, WritesTextThatReadsBack) {
  const auto graph = ImportGraphDef(kLoop, TestOps());
  ASSERT_THAT(graph, IsOk());
  const auto text = ExportGraphDef(
      **graph, {.format = MessageFormat::kText, .add_shapes = true});
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(*text, HasSubstr("op: \"NextIteration\""));
  EXPECT_THAT(*text, HasSubstr("key: \"_output_shapes\""));
  const auto again = ImportGraphDef(*text, TestOps());
  ASSERT_THAT(again, IsOk());
  EXPECT_EQ(Names(**again), Names(**graph));
}

TEST(ExportGraphDefTest, RefusesWhatIsNotWhole) {
  Graph graph(TestOps());
  ASSERT_THAT(ImportGraphDef(Placeholder("x"), graph), IsOk());
  ASSERT_THAT(graph.TryAddNode({.name = "open",
                                .op = "Identity",
                                .inputs = {Output()},
                                .attrs = {{"T", kFloat32}}}),
              IsOk());
  EXPECT_THAT(ExportGraphDef(graph),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("open: input 0")));
  graph.AddError(absl::InternalError("broken"));
  EXPECT_THAT(ExportGraphDef(graph),
              StatusIs(absl::StatusCode::kInternal, HasSubstr("broken")));
}

// A chain of nodes with a hub that all of them take.
TEST(GraphDefTest, TimeGrowsWithTheSize) {
  const auto seconds = [](int n) {
    proto::GraphDef def;
    const auto add = [&](std::string name, absl::string_view op) {
      proto::NodeDef* node = def.add_node();
      node->set_name(std::move(name));
      node->set_op(std::string(op));
      (*node->mutable_attr())["T"].set_type(proto::DT_FLOAT);
      return node;
    };
    *def.add_node() = Parsed(Binary(Placeholder("hub"))).node(0);
    def.mutable_node(0)->set_name("n0");
    for (int i = 1; i < n; ++i) {
      proto::NodeDef* node = add(absl::StrCat("n", i), "Add");
      node->add_input(absl::StrCat("n", i - 1));
      node->add_input("n0");
    }
    const std::string bytes = def.SerializeAsString();
    const absl::Time start = absl::Now();
    Graph graph(TestOps());
    EXPECT_THAT(ImportGraphDef(bytes, graph), IsOk());
    EXPECT_THAT(ImportGraphDef(bytes, graph), IsOk());  // every name is taken
    EXPECT_THAT(ExportGraphDef(graph), IsOk());
    return absl::ToDoubleSeconds(absl::Now() - start);
  };
  seconds(1000);
  const double few = seconds(5000), many = seconds(50000);
  EXPECT_LT(many, 40 * few) << few << " s, " << many << " s";
}

}  // namespace
}  // namespace trellis
