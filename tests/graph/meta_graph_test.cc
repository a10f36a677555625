#include "trellis/graph/meta_graph.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "trellis/proto/meta_graph.pb.h"
#include "trellis/proto/saved_model.pb.h"
#include "trellis/tests/graph/test_ops.h"
#include "trellis/tests/status_matchers.h"

namespace trellis {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::IsOk;
using testing::IsOkAndHolds;
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

constexpr char kMeta[] = R"(
  meta_info_def {
    stripped_op_list { op { name: 'Unheard' output_arg { name: 'o' type_attr: 'T' number_attr: 'N' }
                            attr { name: 'T' type: 'type' } attr { name: 'N' type: 'int' } }
                       op { name: 'Identity' attr { name: 'later' type: 'int' default_value { i: 4 } } } }
    tags: 'serve' tags: 'gpu' tensorflow_version: '1.15.0' }
  graph_def {
    node { name: 'x' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }
    node { name: 'y' op: 'Identity' input: 'x' attr { key: 'T' value { type: DT_FLOAT } }
           attr { key: 'later' value { i: 4 } } }
    node { name: 'u' op: 'Unheard' attr { key: 'T' value { type: DT_INT64 } } attr { key: 'N' value { i: 2 } } }
    node { name: 'init' op: 'NoOp' }
    versions { producer: 134 } }
  saver_def { filename_tensor_name: 'save/Const:0' save_tensor_name: 'save/control_dependency:0'
              restore_op_name: 'save/restore_all' max_to_keep: 5 version: V2
              keep_checkpoint_every_n_hours: 10000 }
  collection_def { key: 'nodes' value { node_list { value: 'y:0' value: 'x' } } }
  collection_def { key: 'texts' value { bytes_list { value: 'a' value: '\377' } } }
  collection_def { key: 'ints' value { int64_list { value: [3, -4] } } }
  collection_def { key: 'floats' value { float_list { value: 0.5 } } }
  collection_def { key: 'saved_model_assets' value { any_list { value {
    [type.googleapis.com/tensorflow.AssetFileDef] { tensor_info { name: 'x:0' } filename: 'vocabulary.txt' } } } } }
  collection_def { key: 'saved_model_main_op' value { node_list { value: 'init' } } }
  collection_def { key: 'nothing' value { } }
  signature_def { key: 'serving_default' value {
    inputs { key: 'in' value { name: 'x:0' dtype: DT_FLOAT tensor_shape { dim { size: -1 name: 'batch' } } } }
    outputs { key: 'out' value { name: 'u:1' dtype: DT_INT64 } }
    method_name: 'tensorflow/serving/predict' } })";

proto::MetaGraphDef Parsed(const std::string& bytes) {
  proto::MetaGraphDef def;
  EXPECT_TRUE(def.ParseFromString(bytes));
  return def;
}

MetaGraph Import(const std::string& bytes) {
  absl::StatusOr<MetaGraph> meta = ImportMetaGraph(bytes, TestOps());
  EXPECT_THAT(meta, IsOk());
  return meta.ok() ? *std::move(meta) : MetaGraph();
}

TEST(MetaGraphTest, ReadsEveryPart) {
  const MetaGraph meta = Import(kMeta);
  EXPECT_THAT(meta.info.tags, ElementsAre("serve", "gpu"));
  EXPECT_EQ(meta.info.tensorflow_version, "1.15.0");
  EXPECT_EQ(meta.saver->restore_op_name, "save/restore_all");
  EXPECT_EQ(meta.saver->version, 2);
  EXPECT_EQ(meta.collections.at("nodes"),
            SavedCollection(NodeNames{{"y:0", "x"}}));
  EXPECT_EQ(meta.collections.at("texts"),
            SavedCollection(BytesItems{{"a", "\xff"}}));
  EXPECT_EQ(meta.collections.at("ints"),
            SavedCollection(std::vector<int64_t>{3, -4}));
  EXPECT_EQ(meta.collections.at("floats"),
            SavedCollection(std::vector<float>{0.5}));
  EXPECT_EQ(meta.collections.at("nothing"), SavedCollection());
  const Signature& signature = meta.signatures.at("serving_default");
  EXPECT_EQ(signature.inputs.at("in").name, "x:0");
  EXPECT_EQ(signature.inputs.at("in").shape, Shape{-1});
  EXPECT_EQ(signature.outputs.at("out").dtype, kInt64);
  EXPECT_EQ(signature.outputs.at("out").shape, std::nullopt);
}

TEST(MetaGraphTest, TheWritersOpsDescribeUnknownOnes) {
  const MetaGraph meta = Import(kMeta);
  const Node* u = meta.graph->FindNode("u");
  ASSERT_EQ(u->num_outputs(), 2);
  EXPECT_EQ(u->output_dtype(1), kInt64);
  // And 'later' of y passes, because it has the default that the writer knew.
  std::string text = kMeta;
  text.replace(text.find("value { i: 4 }"), 14, "value { i: 5 }");
  EXPECT_THAT(ImportMetaGraph(text, TestOps()),
              StatusIs(kInvalidArgument, HasSubstr("later")));
}

TEST(MetaGraphTest, SurvivesUnchanged) {
  const auto bytes = ExportMetaGraph(Import(kMeta), kExact);
  ASSERT_THAT(bytes, IsOk());
  proto::MetaGraphDef def = Parsed(*bytes);
  def.GetReflection()->MutableUnknownFields(&def)->AddVarint(80, 1);
  auto* signature = &(*def.mutable_signature_def())["serving_default"];
  signature->GetReflection()->MutableUnknownFields(signature)->AddVarint(81, 1);
  const auto again = ExportMetaGraph(Import(def.SerializeAsString()), kExact);
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(Parsed(*again), def));
  EXPECT_EQ(def.signature_def()
                .at("serving_default")
                .inputs()
                .at("in")
                .tensor_shape()
                .dim(0)
                .name(),
            "batch");
  const auto text = ExportMetaGraph(Import(def.SerializeAsString()),
                                    {.format = MessageFormat::kText,
                                     .default_attrs = DefaultAttrs::kAsGiven});
  ASSERT_THAT(text, IsOk());
  def.GetReflection()->MutableUnknownFields(&def)->Clear();
  signature->GetReflection()->MutableUnknownFields(signature)->Clear();
  proto::MetaGraphDef from_text;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(*text, &from_text));
  EXPECT_TRUE(
      google::protobuf::util::MessageDifferencer::Equals(from_text, def));
}

TEST(MetaGraphTest, ChangesAreWrittenAndTheRestIsKept) {
  MetaGraph meta = Import(kMeta);
  meta.collections.erase("texts");
  meta.collections["ints"] = NodeNames{{"x"}};
  meta.collections["new"] = BytesItems{{"b"}};
  meta.signatures["serving_default"].inputs["in"].name = "y:0";
  meta.signatures["second"] = {
      .inputs = {{"s", {.sparse = {{"a:0", "b:0", "c:0"}}, .dtype = kFloat32}}},
      .method_name = "m"};
  meta.saver.reset();
  meta.assets.push_back({"x:0", "words.txt"});
  meta.info.tags = {"train"};
  const auto bytes = ExportMetaGraph(meta);
  ASSERT_THAT(bytes, IsOk());
  const proto::MetaGraphDef def = Parsed(*bytes);
  EXPECT_FALSE(def.has_saver_def());
  EXPECT_FALSE(def.collection_def().contains("texts"));
  EXPECT_EQ(def.collection_def().at("ints").node_list().value(0), "x");
  EXPECT_EQ(def.collection_def().at("new").bytes_list().value(0), "b");
  EXPECT_EQ(def.signature_def().at("serving_default").inputs().at("in").name(),
            "y:0");
  EXPECT_EQ(def.signature_def()
                .at("second")
                .inputs()
                .at("s")
                .coo_sparse()
                .indices_tensor_name(),
            "b:0");
  EXPECT_EQ(def.asset_file_def(0).filename(), "words.txt");
  EXPECT_EQ(def.meta_info_def().tags(0), "train");
  EXPECT_EQ(def.meta_info_def().stripped_op_list().op_size(), 2);
}

TEST(MetaGraphTest, VariableRecordsSurvive) {
  const VariableRecord record = {
      .variable_name = "v/part_0:0",
      .initializer_name = "v/part_0/Assign",
      .initial_value_name = "v/part_0/zeros:0",
      .snapshot_name = "v/part_0/read:0",
      .is_resource = true,
      .trainable = true,
      .slice = SaveSlice{"v", {4, 3}, {2, 0}, {2, 3}},
      .synchronization = 2,
      .aggregation = 1};
  EXPECT_THAT(ParseVariableRecord(SerializeVariableRecord(record)),
              IsOkAndHolds(record));
  EXPECT_THAT(ParseVariableRecord("\xff"), StatusIs(kInvalidArgument));
  EXPECT_THAT(ParseVariableRecord(""), StatusIs(kInvalidArgument));
}

TEST(MetaGraphTest, OldFilesTellTrainableByTheCollection) {
  MetaGraph meta;
  const std::string v = SerializeVariableRecord({.variable_name = "v:0"});
  const std::string w = SerializeVariableRecord({.variable_name = "w:0"});
  meta.collections["variables"] = BytesItems{{v, w}};
  meta.collections["trainable_variables"] = BytesItems{{w}};
  meta.collections["model_variables"] = NodeNames{{"v:0"}};
  meta.collections["bad"] = std::vector<int64_t>{1};
  meta.info.tensorflow_version = "1.8.0";
  const auto old = VariablesOf(meta, "variables");
  ASSERT_THAT(old, IsOk());
  EXPECT_FALSE((*old)[0].trainable);
  EXPECT_TRUE((*old)[1].trainable);
  meta.info.tensorflow_version = "1.15.0";
  EXPECT_FALSE((*VariablesOf(meta, "variables"))[1].trainable);
  EXPECT_EQ((*VariablesOf(meta, "model_variables"))[0].variable_name, "v:0");
  EXPECT_THAT(VariablesOf(meta, "none"), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(VariablesOf(meta, "bad"), StatusIs(kInvalidArgument));
}

TEST(MetaGraphTest, SignaturesMustFitTheGraph) {
  EXPECT_THAT(CheckSignature(Import(kMeta), "serving_default"), IsOk());
  EXPECT_THAT(CheckSignature(Import(kMeta), "serving"),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("there are: serving_default")));
  const auto check = [](std::string name, DType dtype) {
    MetaGraph meta = Import(kMeta);
    meta.signatures["s"].inputs["k"] = {.name = name, .dtype = dtype};
    return CheckSignature(meta, "s");
  };
  EXPECT_THAT(check("x:0", kFloat32), IsOk());
  EXPECT_THAT(check("x:0", MakeRef(kFloat32)), IsOk());
  for (const auto& [name, dtype] : {std::pair<const char*, DType>{"", kFloat32},
                                    {"gone:0", kFloat32},
                                    {"x:1", kFloat32},
                                    {"x:0", kInt64}}) {
    EXPECT_THAT(check(name, dtype),
                StatusIs(kInvalidArgument, HasSubstr("signature s, key k")))
        << "B29 " << name;
  }
}

TEST(MetaGraphTest, InitOpsAreExactlyOne) {
  MetaGraph meta = Import(kMeta);
  EXPECT_THAT(InitOpName(meta), IsOkAndHolds("init"));
  meta.collections["saved_model_main_op"] = NodeNames{{"init", "x"}};
  EXPECT_THAT(InitOpName(meta), StatusIs(kInvalidArgument)) << "B30";
  meta.collections["saved_model_main_op"] = NodeNames{};
  EXPECT_THAT(InitOpName(meta), StatusIs(kInvalidArgument)) << "B30";
  meta.collections["saved_model_main_op"] = BytesItems{{"init"}};
  EXPECT_THAT(InitOpName(meta), StatusIs(kInvalidArgument)) << "B30";
  meta.collections["saved_model_main_op"] = NodeNames{{"gone"}};
  EXPECT_THAT(InitOpName(meta), StatusIs(kInvalidArgument));
  meta.collections.erase("saved_model_main_op");
  EXPECT_THAT(InitOpName(meta), IsOkAndHolds(""));
  meta.signatures["__saved_model_init_op"];
  EXPECT_THAT(InitOpName(meta), StatusIs(kInvalidArgument)) << "B30";
  meta.signatures["__saved_model_init_op"]
      .outputs["__saved_model_init_op"]
      .name = "init:0";
  EXPECT_THAT(InitOpName(meta), IsOkAndHolds("init"));
}

TEST(MetaGraphTest, AssetsStayInTheirFolder) {
  MetaGraph meta = Import(kMeta);
  EXPECT_THAT(AssetsOf(meta),
              IsOkAndHolds(ElementsAre(AssetFile{"x:0", "vocabulary.txt"})));
  for (const char* name :
       {"../../etc/passwd", "/etc/passwd", "..", "", "a/b"}) {
    meta.assets = {{"x:0", name}};
    EXPECT_THAT(AssetsOf(meta), StatusIs(kInvalidArgument)) << "B32 " << name;
  }
}

TEST(MetaGraphTest, MalformedMessagesAreErrors) {
  EXPECT_THAT(ImportMetaGraph("", TestOps()), StatusIs(kInvalidArgument));
  EXPECT_THAT(ImportMetaGraph("\x0a\xff", TestOps()),
              StatusIs(kInvalidArgument));
  EXPECT_THAT(
      ImportMetaGraph("signature_def { key: 's' value { inputs { key: 'k' "
                      "value { tensor_shape { dim { size: -5 } } } } } }",
                      TestOps()),
      StatusIs(kInvalidArgument,
               AllOf(HasSubstr("signature s"), HasSubstr("key k"))));
}

TEST(SavedModelTest, TagsChooseTheGraph) {
  const auto graph = [](absl::string_view tags, absl::string_view name) {
    return absl::StrCat("meta_graphs { meta_info_def { ", tags,
                        " } graph_def { node { name: '", name,
                        "' op: 'NoOp' } } }\n");
  };
  const std::string text =
      "saved_model_schema_version: 1\n" + graph("tags: 'serve'", "a") +
      graph("tags: 'serve' tags: 'gpu'", "b") + graph("tags: 'twice'", "c") +
      graph("tags: 'twice'", "d");
  EXPECT_THAT(SavedModelTags(text),
              IsOkAndHolds(
                  ElementsAre(ElementsAre("serve"), ElementsAre("serve", "gpu"),
                              ElementsAre("twice"), ElementsAre("twice"))));
  const auto found = ImportSavedModel(text, {"gpu", "serve"}, TestOps());
  ASSERT_THAT(found, IsOk());
  EXPECT_NE(found->graph->FindNode("b"), nullptr);
  EXPECT_THAT(ImportSavedModel(text, {"train"}, TestOps()),
              StatusIs(absl::StatusCode::kNotFound,
                       HasSubstr("{serve}, {gpu, serve}, {twice}")))
      << "B28";
  EXPECT_THAT(ImportSavedModel(text, {"twice"}, TestOps()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("2 graphs")))
      << "B28";
  EXPECT_THAT(
      ImportSavedModel("saved_model_schema_version: 1", {"serve"}, TestOps()),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("no graphs")))
      << "B28";
}

}  // namespace
}  // namespace trellis
