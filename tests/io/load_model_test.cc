#include "trellis/io/load_model.h"

#include <filesystem>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "trellis/graph/proto_io.h"
#include "trellis/graph/tensor_proto.h"
#include "trellis/io/memory_file_system.h"
#include "trellis/io/posix_file_system.h"
#include "trellis/io/whole_file.h"
#include "trellis/ops/all.h"
#include "trellis/proto/meta_graph.pb.h"
#include "trellis/proto/saved_model.pb.h"
#include "trellis/tests/status_matchers.h"
#include "trellis/tests/test_data.h"

namespace trellis {
namespace {

using ::google::protobuf::util::MessageDifferencer;
using ::testing::HasSubstr;
using testing::IsOk;
using testing::StatusIs;

const OpRegistry& NoOps() {
  static const OpRegistry* const ops = new OpRegistry();
  return *ops;
}

// Every file below the folders of real models, but for one whose text holds a
// field that no version of the format has.
std::vector<std::string> ModelFiles() {
  std::vector<std::string> paths;
  for (const char* folder : {"tf_models", "tf_files"}) {
    const std::string root = testing::TestDataPath(folder);
    if (root.empty() || !std::filesystem::exists(root)) continue;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(root)) {
      const std::string name = entry.path().filename().string();
      if (!entry.is_regular_file() || name == "fingerprint.pb" ||
          name == "max_graph.pb.txt") {
        continue;
      }
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool IsGraph(ModelKind kind) {
  return kind != ModelKind::kCheckpoint && kind != ModelKind::kCheckpointV1;
}

// ---- what import and export may change (graph_def.h), done to a message

void Canonicalize(proto::TensorProto* tensor) {
  DecodeState state;
  const absl::StatusOr<Tensor> value = TensorFromProto(*tensor, state);
  if (value.ok() && state.exact) TensorToProto(*value, tensor);
}

void Canonicalize(proto::AttrValue* attr) {
  if (attr->has_tensor()) Canonicalize(attr->mutable_tensor());
  if (!attr->has_list()) return;
  for (auto& tensor : *attr->mutable_list()->mutable_tensor()) {
    Canonicalize(&tensor);
  }
}

void Canonicalize(proto::NodeDef* node) {
  absl::flat_hash_set<std::string> controls;
  std::vector<std::string> inputs;
  for (std::string input : node->input()) {
    if (absl::StartsWith(input, "^") && !controls.insert(input).second) {
      continue;
    }
    if (absl::EndsWith(input, ":0")) input.resize(input.size() - 2);
    inputs.push_back(input);
  }
  node->clear_input();
  for (const std::string& input : inputs) node->add_input(input);
  for (auto& [name, attr] : *node->mutable_attr()) Canonicalize(&attr);
}

// Also puts the nodes in the order of `like`.
void Canonicalize(const proto::GraphDef& like, proto::GraphDef* def) {
  absl::flat_hash_map<std::string, proto::NodeDef> nodes;
  for (auto& node : *def->mutable_node()) {
    Canonicalize(&node);
    nodes[node.name()] = node;
  }
  ASSERT_EQ(like.node_size(), def->node_size());
  def->clear_node();
  for (const auto& node : like.node()) *def->add_node() = nodes[node.name()];
  if (def->versions().ByteSizeLong() == 0) def->clear_versions();
}

template <typename Message>
void ExpectEqual(const Message& actual, const Message& expected) {
  MessageDifferencer differencer;
  std::string report;
  differencer.ReportDifferencesToString(&report);
  EXPECT_TRUE(differencer.Compare(actual, expected)) << report.substr(0, 2000);
}

constexpr ExportOptions kExact{.default_attrs = DefaultAttrs::kAsGiven};

void ExpectGraphSurvives(const std::string& bytes) {
  const auto graph = ImportGraphDef(bytes, NoOps());
  ASSERT_THAT(graph, IsOk());
  const auto exported = ExportGraphDef(**graph, kExact);
  ASSERT_THAT(exported, IsOk());
  proto::GraphDef before, after;
  ASSERT_THAT(ParseMessage(bytes, "before", &before), IsOk());
  ASSERT_TRUE(after.ParseFromString(*exported));
  Canonicalize(after, &before);
  ExpectEqual(after, before);

  const auto text = ExportGraphDef(**graph, {.format = MessageFormat::kText});
  ASSERT_THAT(text, IsOk());
  EXPECT_THAT(ImportGraphDef(*text, NoOps()), IsOk());
}

void ExpectMetaGraphSurvives(const std::string& bytes) {
  const auto meta = ImportMetaGraph(bytes, NoOps());
  ASSERT_THAT(meta, IsOk());
  for (const auto& [key, collection] : meta->collections) {
    if (absl::EndsWith(key, "variables")) {
      EXPECT_THAT(VariablesOf(*meta, key), IsOk()) << key;
    }
  }
  const auto exported = ExportMetaGraph(*meta, kExact);
  ASSERT_THAT(exported, IsOk());
  proto::MetaGraphDef before, after;
  ASSERT_THAT(ParseMessage(bytes, "before", &before), IsOk());
  ASSERT_TRUE(after.ParseFromString(*exported));
  Canonicalize(after.graph_def(), before.mutable_graph_def());
  ExpectEqual(after, before);
}

TEST(RealModelsTest, EveryGraphSurvivesWithoutAnyOpKnown) {
  const std::vector<std::string> paths = ModelFiles();
  if (paths.empty()) GTEST_SKIP() << "no TRELLIS_TEST_DATA";
  FileSystem& files = PosixFileSystem::Get();
  int graphs = 0;
  for (const std::string& path : paths) {
    const auto found = FindModelFile(files, path);
    if (!found.ok() || !IsGraph(found->kind)) continue;
    SCOPED_TRACE(path);
    ++graphs;
    const auto bytes = ReadWholeFile(files, path);
    ASSERT_THAT(bytes, IsOk());
    switch (found->kind) {
      case ModelKind::kGraphDef:
      case ModelKind::kGraphDefText:
        ExpectGraphSurvives(*bytes);
        break;
      case ModelKind::kMetaGraph:
      case ModelKind::kMetaGraphText:
        ExpectMetaGraphSurvives(*bytes);
        break;
      default: {
        proto::SavedModel model;
        ASSERT_THAT(ParseMessage(*bytes, "SavedModel", &model), IsOk());
        for (const auto& meta : model.meta_graphs()) {
          ExpectMetaGraphSurvives(meta.SerializeAsString());
        }
      }
    }
  }
  EXPECT_GT(graphs, 100);
}

TEST(RealModelsTest, EveryGraphLoadsWithTheOpsThatAreKnown) {
  const std::vector<std::string> paths = ModelFiles();
  if (paths.empty()) GTEST_SKIP() << "no TRELLIS_TEST_DATA";
  OpRegistry ops;
  RegisterAllOps(ops);
  for (const std::string& path : paths) {
    const auto found = FindModelFile(PosixFileSystem::Get(), path);
    if (!found.ok() || !IsGraph(found->kind)) continue;
    const auto model = LoadModel(PosixFileSystem::Get(), path, ops,
                                 {.import = {.keep_undeclared_attrs = true}});
    EXPECT_THAT(model, IsOk()) << path;
  }
}

// ---- models that are made here

constexpr char kGraph[] =
    "graph_def { node { name: 'init' op: 'NoOp' } node { name: 'p' op: 'Path' "
    "} }";

TEST(LoadModelTest, FindsThePartsOfASavedModel) {
  MemoryFileSystem files;
  ASSERT_THAT(files.CreateDirs("/m/variables"), IsOk());
  ASSERT_THAT(
      WriteFileAtomically(
          files, "/m/saved_model.pbtxt",
          absl::StrCat("saved_model_schema_version: 1 meta_graphs { "
                       "meta_info_def { tags: 'serve' } ",
                       kGraph,
                       " collection_def { key: 'legacy_init_op' value { "
                       "node_list { value: 'init' } } } asset_file_def { "
                       "tensor_info { name: 'p:0' } filename: 'words' } }")),
      IsOk());
  auto model = LoadModel(files, "/m", NoOps());
  ASSERT_THAT(model, IsOk());
  EXPECT_EQ(model->kind, ModelKind::kSavedModelText);
  EXPECT_EQ(model->init_op, "init");
  EXPECT_EQ(model->checkpoint, "");
  ASSERT_EQ(model->assets.size(), 1);
  EXPECT_EQ(model->assets[0].tensor_name, "p:0");
  EXPECT_EQ(model->assets[0].path, "/m/assets/words");

  ASSERT_THAT(WriteFileAtomically(files, "/m/variables/variables.index", "x"),
              IsOk());
  model = LoadModel(files, "/m", NoOps());
  ASSERT_THAT(model, IsOk());
  EXPECT_EQ(model->checkpoint, "/m/variables/variables");
  EXPECT_THAT(LoadModel(files, "/m", NoOps(), {.tags = {"train"}}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("{serve}")));
}

TEST(LoadModelTest, ErrorsNameTheFile) {
  MemoryFileSystem files;
  ASSERT_THAT(files.CreateDirs("/m"), IsOk());
  ASSERT_THAT(WriteFileAtomically(files, "/m/g.pbtxt", "node { nome: 'x' }"),
              IsOk());
  EXPECT_THAT(
      LoadModel(files, "/m/g.pbtxt", NoOps()),
      StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("/m/g.pbtxt: ")));
  EXPECT_THAT(LoadModel(files, "/m/none", NoOps()),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("/m/none")));
}

}  // namespace
}  // namespace trellis
